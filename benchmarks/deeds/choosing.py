"""Choosing what is shown, and what answers."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt

from benchmarks.deeds.controls import WORDS
from benchmarks.hand import Planned, RandomHand
from detector.registry import PRECISIONS
from gui.presets import LONGEST_NAME
from gui.values import ModelChoice


def tick_class(hand: RandomHand) -> Planned:
    panel = hand.window.detections_panel
    names = panel.model.names
    if not names or not panel.isVisible():
        return None
    name = hand.random.choice(names)
    index = panel.model.index(names.index(name))
    state = hand.random.choice((Qt.CheckState.Checked, Qt.CheckState.Unchecked))
    if hand.random.random() < 0.2:
        return f"current {name}", partial(panel.classes.setCurrentIndex, panel.classes.index_of(name))
    return f"{name} {state.name}", lambda: panel.model.setData(index, state.value, Qt.ItemDataRole.CheckStateRole)


def search_class(hand: RandomHand) -> Planned:
    words = hand.random.choice(WORDS)
    return words[:12], partial(hand.window.detections_panel.search.setText, words)


def own_preset(hand: RandomHand) -> Planned:
    bar = hand.window.detections_panel.presets
    if not bar.isVisible():
        return None
    if hand.random.random() < 0.5:
        return "delete", bar.delete
    name = f"my own {hand.random.randrange(6)}"[:LONGEST_NAME]

    def keep() -> None:
        bar.begin_saving()
        bar.name.setText(name)
        bar.take.click()

    return f"keep {name}", keep


def choose_model(hand: RandomHand) -> Planned:
    size, precision = hand.random.choice(hand.materials.sizes), hand.random.choice(PRECISIONS)
    choice = ModelChoice("vgg-yolo-voc20", size, precision)
    if hand.random.random() < 0.15:
        choice = ModelChoice(hand.random.choice(("no such model", hand.materials.bad[1], hand.materials.bad[0])))
    return f"{choice.name[-20:]} {size} {precision}", partial(hand.window.session.choose_model, choice)
