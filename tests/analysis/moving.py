"""Journals of boxes that move, made by hand."""

import numpy as np

from detector.analysis.journal import Journal
from tests.analysis import made


def box(label, centre_x, centre_y, score=0.9, width=40, height=60):
    """(label, score, x1, y1, x2, y2)."""
    x1, y1 = centre_x - width / 2, centre_y - height / 2
    return (label, score, x1, y1, x1 + width, y1 + height)


def two_who_cross(frames=40, every=1):
    """A person goes right, a dog goes left above it; in the middle the dog is not found for five frames."""
    for index in range(0, frames, every):
        found = [box(0, 60 + 8 * index, 250)]
        if not 18 <= index < 23:
            found.append(box(1, 500 - 8 * index, 120, score=0.8))
        yield made.frame(index, *found)


def journal_of(path, frames, head=None, **more):
    return Journal(made.write_journal(path, frames, head, **more))


def crowd(frames, seed=1):
    """Many boxes that wander, come and go; each run of it is the same."""
    random = np.random.default_rng(seed)
    places = random.uniform((60, 60), (580, 300), (6, 2))
    for index in range(frames):
        places = np.clip(places + random.normal(0, 3, places.shape), (40, 40), (600, 320))
        there = random.random(len(places)) < 0.85
        scores = np.sort(random.uniform(0.3, 0.95, len(places)))[::-1]
        found = [
            box(place % 3, *places[place], score=round(float(scores[place]), 4)) for place in np.flatnonzero(there)
        ]
        yield made.frame(index, *found)
