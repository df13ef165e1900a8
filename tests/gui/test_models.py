"""The model bar: what it offers, what it asks for, what it remembers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStyleOptionToolButton, QWidget
from pytestqt.qtbot import QtBot

import weights
from detector.errors import WeightsError
from detector.registry import NAMED, EngineChoice
from gui import model_facts
from gui.actions import build_actions
from gui.model_facts import FILES_KEPT, facts_of, keep_weights_files, weights_files
from gui.panels.model_button import ModelButton
from gui.panels.models import OPEN, ModelBar
from gui.remembered_model import remembered_choice
from gui.settings import INPUT_SIZE, MODEL, PRECISION, WEIGHTS_FILES, MemoryStore, SettingsStore
from gui.values import ModelChoice
from tests.e2e.hands import key, wait
from tests.gui.choosing import Chosen, running_model

NAME = "vgg-yolo-voc20"


@pytest.mark.parametrize(
    ("remembered", "choice"),
    [
        ((NAME, 256, "f32"), ModelChoice(NAME, 256, "f32")),
        ((NAME, 0, "auto"), ModelChoice(NAME)),
        ((NAME, 100, "f16"), ModelChoice(NAME)),
        (("gone.safetensors", 256, "f32"), ModelChoice(NAME)),
        (("no such model", 0, "auto"), ModelChoice(NAME)),
    ],
)
def test_what_cannot_be_had_any_more_is_not_chosen_again(remembered: tuple[str, int, str], choice: ModelChoice) -> None:
    settings = SettingsStore(MemoryStore())
    for setting, value in zip((MODEL, INPUT_SIZE, PRECISION), remembered, strict=True):
        settings.put(setting, value)
    assert remembered_choice(settings) == choice


@pytest.fixture
def settings() -> SettingsStore:
    return SettingsStore(MemoryStore())


@pytest.fixture
def session() -> Iterator[Chosen]:
    session = Chosen()
    yield session
    session.close()


@pytest.fixture
def own_file(tmp_path: Path) -> str:
    """Weights of the user's own."""
    path = tmp_path / "mine.safetensors"
    path.write_bytes(weights.path(f"{NAME}.safetensors").read_bytes())
    return str(path)


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    """A wide window."""
    host = QWidget()
    QHBoxLayout(host)
    qtbot.addWidget(host)
    host.resize(1200, 200)
    return host


@pytest.fixture
def actions(host: QWidget) -> dict[str, QAction]:
    return build_actions(host)


def bar_in(host: QWidget, session: Chosen, actions: dict[str, QAction], settings: SettingsStore) -> ModelBar:
    bar = ModelBar(session, actions, settings)
    host.layout().addWidget(bar)
    host.show()
    return bar


@pytest.fixture
def bar(host: QWidget, session: Chosen, actions: dict[str, QAction], settings: SettingsStore, qtbot: QtBot) -> ModelBar:
    bar = bar_in(host, session, actions, settings)
    wait(qtbot, lambda: NAME in bar._facts)
    return bar


def pick(box, data: object) -> None:
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def names(bar: ModelBar) -> list[str]:
    return [bar.models.itemData(place) for place in range(bar.models.count()) if bar.models.itemData(place)]


def answer(session: Chosen, engine: str = "torch", file: str = "") -> None:
    """As if the model that is chosen had been loaded."""
    model = running_model()
    info = replace(model.info, file=Path(file or "fake.safetensors"))
    session.model = replace(model, info=info, engine=engine)
    session.model_changed.emit(session.model)


@pytest.fixture
def two_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model runs on OpenVINO as well, which has int8."""
    both: tuple[EngineChoice, ...] = ("openvino", "torch")
    monkeypatch.setattr(model_facts, "engines_of", lambda _info: both)
    monkeypatch.setattr(
        model_facts,
        "precisions_of",
        lambda _info, engine: ("auto", "f32", "bf16") if engine == "torch" else ("auto", "f32", "bf16", "int8"),
    )


def offered(box: QComboBox) -> list[str]:
    return [box.itemData(place) for place in range(box.count())]


@pytest.mark.usefixtures("two_engines")
def test_the_engine_is_chosen_and_offers_its_own_precisions(bar: ModelBar, session: Chosen, qtbot: QtBot) -> None:
    assert offered(bar.engines) == ["auto", "openvino", "torch"]
    assert offered(bar.precisions) == ["auto", "f32", "bf16", "int8"]
    pick(bar.precisions, "int8")
    pick(bar.engines, "torch")
    # torch has no int8, and nothing is computed in another precision than is told.
    assert offered(bar.precisions) == ["auto", "f32", "bf16"]
    assert bar.precisions.currentData() == "auto"
    wait(qtbot, lambda: bool(session.asked_for))
    assert session.asked_for == [ModelChoice(NAME, None, "auto", "torch")]
    pick(bar.engines, "openvino")
    pick(bar.precisions, "int8")
    wait(qtbot, lambda: len(session.asked_for) == 2)
    assert session.asked_for[1] == ModelChoice(NAME, None, "int8", "openvino")
    bar.show_choice(ModelChoice(NAME))
    session.choice = ModelChoice(NAME)
    answer(session, "openvino", str(weights.path(f"{NAME}.safetensors")))
    assert bar.engines.currentText() == "auto (openvino)"


def test_a_damaged_list_of_files_leaves_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_info: object) -> None:
        raise WeightsError("the list is damaged.")

    monkeypatch.setattr(model_facts, "engines_of", damaged)
    facts = model_facts.facts_of(NAME)
    assert facts is not None
    assert facts.engines == ("torch",)
    assert "the list is damaged." in facts.tip


def test_quick_changes_ask_for_the_last_only(bar: ModelBar, session: Chosen, qtbot: QtBot) -> None:
    for size in (192, 256, 320, 416, 512, 640):
        pick(bar.sizes, size)
    pick(bar.precisions, "f32")
    assert session.asked_for == []
    wait(qtbot, lambda: bool(session.asked_for))
    assert session.asked_for == [ModelChoice(NAME, 640, "f32")]


def test_what_is_chosen_elsewhere_stands_and_is_not_asked_for_again(
    bar: ModelBar, session: Chosen, qtbot: QtBot
) -> None:
    pick(bar.sizes, 192)
    bar.show_choice(ModelChoice(NAME, 96, "f32"))
    assert not bar._settle_timer.isActive()
    assert bar.choice == ModelChoice(NAME, 96, "f32")
    assert session.asked_for == []


def test_a_model_offers_what_it_can(bar: ModelBar) -> None:
    assert offered(bar.precisions) == ["auto", "f32", "bf16", "int8"]
    assert offered(bar.engines) == ["auto", "openvino", "torch"]
    assert bar.engines.isEnabled()
    pick(bar.models, "faster-rcnn-vgg-voc20")
    assert offered(bar.precisions) == ["auto", "f32", "bf16"]
    assert offered(bar.engines) == ["torch"]
    assert not bar.engines.isEnabled()
    assert "only one" in bar.engines.toolTip()


def test_a_precision_the_processor_is_slow_in_is_not_offered(
    host: QWidget,
    session: Chosen,
    actions: dict[str, QAction],
    settings: SettingsStore,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model_facts, "fast_in_bf16", lambda: False)
    bar = bar_in(host, session, actions, settings)
    wait(qtbot, lambda: NAME in bar._facts)
    rows = bar.precisions.model()
    assert isinstance(rows, QStandardItemModel)
    place = bar.precisions.findData("bf16")
    assert not rows.item(place).isEnabled()
    assert "slower" in bar.precisions.itemData(place, Qt.ItemDataRole.ToolTipRole)
    assert rows.item(bar.precisions.findData("f32")).isEnabled()


@pytest.mark.parametrize(("told", "slow"), [(True, set()), (None, set()), (False, {"bf16"})])
def test_only_a_sure_answer_takes_bf16_away(monkeypatch: pytest.MonkeyPatch, told: bool | None, slow: set[str]) -> None:
    monkeypatch.setattr(model_facts, "fast_in_bf16", lambda: told)
    facts = facts_of(NAME)
    assert facts is not None
    assert facts.slow == slow


def test_the_tip_tells_accuracy_and_size(bar: ModelBar) -> None:
    tip = bar.models.itemData(bar.models.findData(NAME), Qt.ItemDataRole.ToolTipRole)
    assert "AP50" in tip
    assert "7.2 MB" in tip
    assert tip in bar.models.toolTip()


def test_it_says_what_auto_came_to(bar: ModelBar, session: Chosen) -> None:
    session.choice = ModelChoice(NAME)
    answer(session)
    assert bar.sizes.currentText() == "auto (320)"
    assert bar.precisions.currentText() == "auto (f32)"
    assert bar.engines.currentText() == "auto (torch)"
    assert bar.choice == ModelChoice(NAME)


def test_weights_that_answered_are_remembered_and_first(
    bar: ModelBar, session: Chosen, settings: SettingsStore, own_file: str, qtbot: QtBot
) -> None:
    keep_weights_files(settings, ["/other.onnx"])
    bar._files = ["/other.onnx"]
    session.choice = ModelChoice(own_file)
    answer(session, file=own_file)
    assert weights_files(settings) == [own_file, "/other.onnx"]
    assert bar.models.currentText() == "mine.safetensors"
    wait(qtbot, lambda: own_file in bar._facts)
    assert own_file in bar.models.toolTip()


def test_weights_that_are_gone_are_dropped(
    host: QWidget,
    session: Chosen,
    actions: dict[str, QAction],
    settings: SettingsStore,
    own_file: str,
    qtbot: QtBot,
) -> None:
    keep_weights_files(settings, ["/gone/away.safetensors", own_file])
    bar = bar_in(host, session, actions, settings)
    wait(qtbot, lambda: own_file in bar._facts)
    assert names(bar) == [*NAMED, own_file]
    assert weights_files(settings) == [own_file]


def test_a_choice_that_fails_goes_back_and_out_of_the_list(bar: ModelBar, session: Chosen) -> None:
    session.choice = ModelChoice(NAME, 256)
    bar.show_choice(ModelChoice("/some/rubbish.safetensors"))
    assert "/some/rubbish.safetensors" in names(bar)
    session.trouble.emit("source", "Something else is wrong.")
    assert "/some/rubbish.safetensors" in names(bar)
    session.trouble.emit("model", "That is no weights file.")
    assert bar.choice == ModelChoice(NAME, 256)
    assert names(bar) == [*NAMED]


def test_the_row_that_opens_a_file_opens_it_and_chooses_nothing(
    bar: ModelBar, session: Chosen, own_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("gui.panels.models.open_file", lambda *arguments: asked.append(arguments))
    pick(bar.models, OPEN)
    assert bar.choice == ModelChoice(NAME)
    assert len(asked) == 1
    assert session.asked_for == []
    asked[0][-1](Path(own_file))
    assert session.asked_for == [ModelChoice(own_file)]


def test_a_narrow_window_gets_one_button_with_the_same_boxes(bar: ModelBar, host: QWidget, session: Chosen) -> None:
    assert not bar.button.isVisible()
    host.resize(800, 200)
    assert bar.compact
    assert bar.button.isVisible()
    assert bar.button.text() == NAME
    assert not bar.models.isVisible()
    bar.show_popup()
    assert bar.models.isVisible()
    bar.popup.hide()
    host.resize(1200, 200)
    assert bar.models.isVisible()
    assert not bar.button.isVisible()


def test_the_one_button_tells_the_size_and_looks_as_if_something_opens(
    bar: ModelBar, host: QWidget, session: Chosen
) -> None:
    host.resize(800, 200)
    session.choice = ModelChoice(NAME)
    session.model = replace(running_model(), info=replace(running_model().info, name=NAME, size=416))
    session.model_changed.emit(session.model)
    assert bar.button.text() == f"{NAME}, 416"
    pick(bar.sizes, 256)
    assert bar.button.text() == f"{NAME}, 256"
    option = QStyleOptionToolButton()
    bar.button.initStyleOption(option)
    assert option.features & QStyleOptionToolButton.ToolButtonFeature.HasMenu
    for which in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        key(bar.button, which)
        assert bar.popup.isVisible()
        bar.popup.hide()


def test_where_there_is_little_room_the_size_goes_and_then_the_middle_of_the_name(qtbot: QtBot) -> None:
    button = ModelButton()
    qtbot.addWidget(button)
    button.tell(NAME, 320)
    whole_px = button.sizeHint().width()
    for room_px, text in ((whole_px, f"{NAME}, 320"), (whole_px - 1, NAME), (whole_px - 60, None), (10, None)):
        button.fit(room_px)
        assert text is None or button.text() == text
        assert "\N{HORIZONTAL ELLIPSIS}" in button.text() or text is not None
        assert button.sizeHint().width() <= max(room_px, 120)
        assert "320" in button.accessibleName()
    button.fit(whole_px)
    assert button.text() == f"{NAME}, 320"


@pytest.mark.parametrize("width", [800, 1400])
def test_the_menu_leads_to_model_size_and_precision(
    bar: ModelBar, host: QWidget, actions: dict[str, QAction], width: int
) -> None:
    host.resize(width, 200)
    for name, box in (
        ("choose_model", bar.models),
        ("choose_size", bar.sizes),
        ("choose_precision", bar.precisions),
    ):
        actions[name].trigger()
        assert box.isVisible()
        assert bar.popup.isVisible() == bar.compact == (width == 800)
        assert box.hasFocus() or box.view().isVisible()
        box.hidePopup()
        bar.popup.hide()


def test_a_window_that_closes_loads_nothing_more(bar: ModelBar, host: QWidget) -> None:
    pick(bar.sizes, 192)
    assert bar._settle_timer.isActive()
    host.close()
    assert not bar._settle_timer.isActive()


@pytest.mark.parametrize("text", ["", "{", "3", "[1, null]", "[" * 90_000])
def test_rubbish_is_no_list_of_weights(settings: SettingsStore, text: str) -> None:
    settings.put(WEIGHTS_FILES, text)
    assert weights_files(settings) == []


def test_the_list_of_weights_has_an_end(settings: SettingsStore) -> None:
    keep_weights_files(settings, [f"/{n}.onnx" for n in range(20)] + ["/0.onnx"])
    assert weights_files(settings) == [f"/{n}.onnx" for n in range(FILES_KEPT)]
    assert len(json.loads(settings.get(WEIGHTS_FILES))) == FILES_KEPT
