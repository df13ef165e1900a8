"""Import this before Qt: the process then has a home of its own, and can touch nothing of anybody's."""

from __future__ import annotations

from tests.own_home import move_in

FOLDER = move_in("looktwice-home-")
