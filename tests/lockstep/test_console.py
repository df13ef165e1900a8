"""The summary on the terminal: figures stay whole, however narrow it is."""

import pytest

from detector.lockstep.console import print_summary
from detector.lockstep.summary import ModelFacts, ModelSummary, Speed, Summary, TruthCounts

FACTS = ModelFacts("m", "vgg-yolo", "m.safetensors", 320, 20, 0.4, "torch", "f32", "CPU x2", 43_700_000, 280.37, 54.8)


@pytest.mark.parametrize("width", ["60", "80", "200"])
@pytest.mark.parametrize("terminal", [True, False])
def test_figures_are_never_cut(width, terminal, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", width)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("NO_COLOR", "1")
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    model = ModelSummary(
        name, FACTS, 10, 1234, {}, Speed(1234.56, 1.0, 2.0, 0.81), "", TruthCounts(71, 72, 73), 61.2, 39.8
    )
    print_summary(Summary({}, 10, (model,), (), (), ("a note [with brackets]",), 10))
    told = capsys.readouterr().out
    for figure in ("43.70 M", "280.37", "1234.6", "54.8", "1234", "61.2", "39.8", "71", "72", "73"):
        assert figure in told
    assert "…" not in told
    assert "a note [with brackets]" in told
