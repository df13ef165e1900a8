"""Which maps the window shows: those of the layer, the model and the source on show, and no others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.inspect.reading import read_maps
from gui.values import ModelChoice
from tests.gui.inspect.standing import PATIENCE_MS, Desk

FIRST = "backbone.stage2.2"


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(monkeypatch)
    yield desk
    desk.session.close()
    desk.session.deleteLater()


@pytest.fixture
def running(desk: Desk, qtbot: QtBot) -> Desk:
    """A source plays, a model answers, the panel is seen and maps are there."""
    desk.inspecting.set_active(True)
    desk.session.set_loop(True)
    desk.session.open("1")
    desk.session.choose_model(ModelChoice("small"))
    qtbot.waitUntil(lambda: desk.inspecting.maps is not None, timeout=PATIENCE_MS)
    return desk


def standing(desk: Desk, qtbot: QtBot) -> None:
    """Paused, with the maps of the frame on show."""
    desk.session.set_playing(False)
    qtbot.waitUntil(lambda: of_this_frame(desk), timeout=PATIENCE_MS)


def of_this_frame(desk: Desk) -> bool:
    inspecting, current = desk.inspecting, desk.session.current
    there = inspecting.maps is not None and inspecting.maps.request is inspecting._request
    return there and current is not None and inspecting.shown is not None and inspecting.shown.frame is current.frame


def tapped(desk: Desk) -> bool:
    return desk.session.runner._lane.tap._wanted is not None


def test_maps_come_of_the_layer_that_is_good_to_begin_with(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    assert inspecting.layer is not None
    assert inspecting.layer.name == FIRST
    assert inspecting.message == ""
    assert inspecting.maps is not None
    assert inspecting.maps.channels == inspecting.channels == 64
    assert inspecting.shown is not None
    assert inspecting.shown.frame.image[0, 0, 2] == 1
    qtbot.waitUntil(lambda: all(layer.elapsed_s is not None for layer in inspecting.layers), timeout=PATIENCE_MS)


def test_nothing_is_read_while_the_panel_is_not_seen(running: Desk, qtbot: QtBot) -> None:
    assert tapped(running)
    running.inspecting.set_active(False)
    assert not tapped(running)
    assert running.inspecting.maps is None
    answered, seen = running.session.bridge.answered, len(running.seen)
    qtbot.waitUntil(lambda: running.session.bridge.answered > answered + 5, timeout=PATIENCE_MS)
    assert len(running.seen) == seen
    running.inspecting.set_active(True)
    qtbot.waitUntil(lambda: running.inspecting.maps is not None, timeout=PATIENCE_MS)


def test_an_inspector_that_was_never_seen_reads_no_layers(desk: Desk, qtbot: QtBot) -> None:
    desk.session.open("1")
    desk.session.choose_model(ModelChoice("small"))
    qtbot.waitUntil(lambda: desk.session.bridge.answered > 3, timeout=PATIENCE_MS)
    assert desk.inspecting.layers == ()
    assert not tapped(desk)


def test_what_is_missing_is_told(desk: Desk, qtbot: QtBot) -> None:
    inspecting = desk.inspecting
    inspecting.set_active(True)
    assert inspecting.message.startswith("No source is open")
    desk.session.open("1")
    qtbot.waitUntil(lambda: inspecting.message.startswith("No model answers"), timeout=PATIENCE_MS)
    desk.session.choose_model(ModelChoice("blind"))
    qtbot.waitUntil(
        lambda: "blind runs on fake, which gives no feature maps" in inspecting.message, timeout=PATIENCE_MS
    )
    desk.session.choose_model(ModelChoice("small"))
    qtbot.waitUntil(lambda: inspecting.message == "", timeout=PATIENCE_MS)
    desk.session.stop()
    assert inspecting.message.startswith("No source is open")


def test_where_the_engine_cannot_be_tapped_frames_run_once_more(running: Desk, qtbot: QtBot) -> None:
    inspecting, session = running.inspecting, running.session
    session.choose_model(ModelChoice("apart"))
    qtbot.waitUntil(lambda: inspecting.apart and inspecting.maps is not None, timeout=PATIENCE_MS)
    assert not tapped(running)
    seen = len(running.seen)
    qtbot.waitUntil(lambda: len(running.seen) > seen + 2, timeout=PATIENCE_MS)
    # On a still the very frame that is shown is run, also after another layer was chosen.
    session.set_playing(False)
    for name in ("backbone.stage3.0", "backbone.stage1.0"):
        inspecting.set_layer(name)
        qtbot.waitUntil(
            lambda: (
                inspecting.shown is not None
                and session.current is not None
                and inspecting.shown.frame is session.current.frame
            ),
            timeout=PATIENCE_MS,
        )
        assert inspecting.maps is not None
        assert inspecting.maps.layer.name == name
        assert inspecting.shown is not None
        expected = read_maps(running.twin, inspecting.detector, inspecting.maps.request, inspecting.shown)
        assert np.array_equal(inspecting.maps.maps, expected.maps)
    session.choose_model(ModelChoice("small"))
    qtbot.waitUntil(lambda: tapped(running), timeout=PATIENCE_MS)
    assert not inspecting.apart


def test_maps_of_one_layer_are_never_shown_as_those_of_another(running: Desk, qtbot: QtBot) -> None:
    """`Desk` compares at every change."""
    inspecting = running.inspecting
    names = [layer.name for layer in inspecting.layers]
    for name in (*names[:12], *names[::-3]):
        inspecting.set_layer(name)
        assert inspecting.maps is None or inspecting.maps.layer.name == name
        before = len(running.seen)
        qtbot.waitUntil(lambda before=before: len(running.seen) > before + 1, timeout=PATIENCE_MS)
    assert {name for name, _, _ in running.seen} >= set(names[1:12])


def test_maps_of_one_model_are_never_shown_as_those_of_another(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    inspecting.set_layer("backbone.stage3.0")
    for name in ("other", "small", "blind", "other"):
        running.session.choose_model(ModelChoice(name))
        qtbot.waitUntil(
            lambda name=name: running.session.model is not None and running.session.model.info.name == name,
            timeout=PATIENCE_MS,
        )
        if name == "blind":
            assert inspecting.maps is None
            assert not tapped(running)
        else:
            qtbot.waitUntil(lambda: inspecting.maps is not None, timeout=PATIENCE_MS)
            assert running.seen[-1][1] == name
        # Kept for the model that it was chosen for.
        expected = {"small": "backbone.stage3.0", "other": FIRST}
        assert inspecting.layer is None or inspecting.layer.name == expected[name]


def test_maps_of_one_source_are_never_shown_as_those_of_another(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    at_opening: list[object] = []
    running.session.source_opened.connect(lambda _info: at_opening.append(inspecting.maps))
    for text in ("2", "3"):
        running.session.open(text)
        qtbot.waitUntil(lambda text=text: running.session.playback.text == text, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: inspecting.maps is not None, timeout=PATIENCE_MS)
        assert running.seen[-1][2] == text
    assert at_opening == [None, None]
    sources = [source for _, _, source in running.seen]
    assert sources == sorted(sources)


def test_a_frame_that_is_stepped_to_comes_with_its_maps(running: Desk, qtbot: QtBot) -> None:
    standing(running, qtbot)
    for _ in range(4):
        assert running.session.current is not None
        before = running.session.current.frame.index
        running.session.step(1)
        qtbot.waitUntil(
            lambda before=before: running.session.current.frame.index > before and of_this_frame(running),
            timeout=PATIENCE_MS,
        )


def test_the_channel_that_is_looked_at_comes_whole_also_while_paused(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    inspecting.set_tile_px(8)
    inspecting.set_layer("backbone.stage1.1")
    standing(running, qtbot)
    inspecting.set_channel(5)
    qtbot.waitUntil(lambda: of_this_frame(running), timeout=PATIENCE_MS)
    maps = inspecting.maps
    assert maps is not None
    assert (maps.request.pinned, maps.maps.shape[1:], maps.step) == (5, (8, 8), 4)
    assert maps.pinned_map is not None
    assert maps.pinned_map.shape == (32, 32)
    assert float(maps.pinned_map.max()) == pytest.approx(float(maps.maps[5].max()))


def test_cursor_and_pin_are_kept_by_layer(running: Desk) -> None:
    inspecting = running.inspecting
    inspecting.set_channel(9)
    inspecting.toggle_pin()
    inspecting.set_channel(11)
    assert (inspecting.channel, inspecting.pinned, inspecting.looked_at) == (11, 9, 9)
    inspecting.set_layer("backbone.stage1.0")
    assert (inspecting.channel, inspecting.pinned, inspecting.looked_at) == (0, None, 0)
    inspecting.set_layer(FIRST)
    assert (inspecting.channel, inspecting.pinned, inspecting.looked_at) == (11, 9, 9)
    inspecting.toggle_pin(9)
    assert (inspecting.pinned, inspecting.looked_at) == (None, 11)
    inspecting.set_channel(4000)
    assert inspecting.channel == 63


def test_frozen_maps_stay_while_the_source_plays_on(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    inspecting.set_frozen(True)
    maps, shown = inspecting.maps, inspecting.shown
    assert maps is not None
    assert shown is not None
    answered = running.session.bridge.answered
    qtbot.waitUntil(lambda: running.session.bridge.answered > answered + 10, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: inspecting.maps is not maps, timeout=PATIENCE_MS)
    # Read once more of the very same frame.
    assert inspecting.shown is shown
    assert np.allclose(inspecting.maps.peak, maps.peak, rtol=1e-3)
    inspecting.set_layer("backbone.stage4.0")
    assert inspecting.maps is None
    qtbot.waitUntil(lambda: inspecting.maps is not None, timeout=PATIENCE_MS)
    assert inspecting.maps.layer.name == "backbone.stage4.0"
    assert inspecting.shown is shown
    inspecting.set_frozen(False)
    qtbot.waitUntil(lambda: inspecting.shown is not shown, timeout=PATIENCE_MS)


def test_another_source_thaws(running: Desk, qtbot: QtBot) -> None:
    running.inspecting.set_frozen(True)
    running.session.open("2")
    qtbot.waitUntil(lambda: running.session.playback.text == "2", timeout=PATIENCE_MS)
    assert not running.inspecting.frozen
    qtbot.waitUntil(lambda: running.inspecting.maps is not None, timeout=PATIENCE_MS)
    assert running.seen[-1][2] == "2"


def test_without_maps_nothing_can_be_frozen(desk: Desk) -> None:
    told: list[bool] = []
    desk.inspecting.frozen_changed.connect(lambda: told.append(desk.inspecting.frozen))
    desk.inspecting.set_frozen(True)
    # Told all the same, for the button that was pressed.
    assert told == [False]


def test_before_the_relu_there_are_values_below_nought(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    assert inspecting.maps is not None
    assert inspecting.maps.maps.min() >= 0
    inspecting.set_after_relu(False)
    assert inspecting.maps is None
    qtbot.waitUntil(lambda: inspecting.maps is not None, timeout=PATIENCE_MS)
    assert inspecting.maps.maps.min() < 0


def test_peaks_are_followed_from_frame_to_frame(running: Desk, qtbot: QtBot) -> None:
    inspecting = running.inspecting
    qtbot.waitUntil(lambda: len(inspecting.history.peaks) > 5, timeout=PATIENCE_MS)
    frames = [index for index, _ in inspecting.history.of(3)]
    assert frames == sorted(set(frames))
    dead = inspecting.dead
    assert dead is not None
    assert dead.tolist() == (np.max([peak for _, peak in inspecting.history.peaks], axis=0) <= 0).tolist()
    inspecting.step_layer(1)
    assert not inspecting.history.peaks
