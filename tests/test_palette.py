"""The colours are far apart for every kind of eye, and text on them can be read."""

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from detector.palette import CLASS_COLOURS, class_colour, contrast, score_colour, text_colour

# Machado, Oliveira, Fernandes 2009, severity 1, for linear RGB.
EYES = {
    "all cones": np.eye(3),
    "no red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen_by(eye):
    rgb = np.array(CLASS_COLOURS) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(eye).T, 0, 1)
    return rgb2lab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)[None])[0]


@pytest.mark.parametrize("eye", EYES)
def test_any_two_of_twenty_colours_can_be_told_apart(eye):
    lab = seen_by(EYES[eye])
    differences = deltaE_ciede2000(lab[:, None], lab[None])[np.triu_indices(len(lab), 1)]
    assert len(lab) == 20
    assert differences.min() > 8


def test_text_stands_out_on_every_colour():
    assert min(contrast(text_colour(colour), colour) for colour in CLASS_COLOURS) >= 4.5


def test_contrast_of_black_on_white_is_the_largest_there_is():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_labels_beyond_the_table_have_a_colour_too():
    assert class_colour(23) == CLASS_COLOURS[3]


def test_a_higher_score_is_lighter_for_every_eye_and_can_be_written_on():
    colours = [score_colour(score / 20) for score in range(21)]
    assert score_colour(-1) == colours[0]
    assert score_colour(2) == colours[-1]
    for eye in EYES.values():
        linear = np.array([[((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour] for colour in colours])
        lightness = np.clip(linear @ np.array(eye).T, 0, 1) @ (0.2126, 0.7152, 0.0722)
        assert (np.diff(lightness) > 0).all()
    assert min(contrast(text_colour(colour), colour) for colour in colours) >= 4.5
