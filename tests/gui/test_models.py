from __future__ import annotations

import pytest

from gui.panels.models import remembered_choice
from gui.session import ModelChoice
from gui.settings import INPUT_SIZE, MODEL, PRECISION, MemoryStore, SettingsStore

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
