import numpy as np

from benchmarks.cam_share import Explained, shares_of


def first(maps, _size_hw):
    return maps[0]


def test_shares_by_hand():
    left = np.zeros((3, 8), np.float32)
    left[0:2, 0:2] = 3  # 12 of 16
    left[2, 4:8] = 1
    right = np.zeros((3, 8), np.float32)
    right[0:2, 6:8] = 1  # 4 of 8
    right[0, 0] = 4
    boxes = np.array([[0, 0, 2, 2], [6, 0, 8, 2]], np.float32)
    alone = Explained(boxes[:1], (8, 3), (3, 8), [[left]])
    together = Explained(boxes, (8, 3), (3, 8), [[left], [right]])
    figures = shares_of([alone, together], first)
    assert figures.detections == 3
    assert figures.several == 2
    np.testing.assert_allclose(figures.share, (0.75 + 0.75 + 0.5) / 3)
    np.testing.assert_allclose(figures.chance, 4 / 24)
    np.testing.assert_allclose(figures.own_of_several, (0.75 + 0.5) / 2)
    np.testing.assert_allclose(figures.others, (0.5 + 0.0) / 2)
    np.testing.assert_allclose(figures.times, 2.5)
    np.testing.assert_allclose(figures.pointing, 2 / 3)


def test_heat_beside_the_frame_does_not_count():
    heat = np.ones((8, 8), np.float32)
    heat[4:] = 1000
    figures = shares_of([Explained(np.array([[0, 0, 4, 4]], np.float32), (8, 4), (8, 8), [[heat]])], first)
    np.testing.assert_allclose(figures.share, 0.5)
    assert figures.several == 0


def test_a_map_without_heat_points_nowhere():
    figures = shares_of([Explained(np.array([[0, 0, 4, 4]], np.float32), (4, 4), (4, 4), [[np.zeros((4, 4))]])], first)
    assert (figures.share, figures.pointing) == (0, 0)
