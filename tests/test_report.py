from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from detector.report import LOG_LINES, ModelFacts, RateFacts, ReportFacts, SourceFacts, report_text

FACTS = ReportFacts(
    day="2026-11-25",
    versions={"python": "3.11", "torch": "2.14"},
    hardware="AMD EPYC, 2 cores",
    system="Linux",
    display="xcb, 1920 x 1080 at 1",
    source=SourceFacts("video", False, (640, 360), 29.97, 300),
    model=ModelFacts("vgg-yolo-voc20", "torch", "bf16", "CPU x2", 320),
    rates=RateFacts(31.25, {"read": 1.04, "net": 10.2}, 3, 0.05),
    settings={"playback/loop": "True"},
    log=("12:00:00 WARNING detector: careful",),
)


def test_it_tells_what_a_maintainer_has_to_know() -> None:
    text = report_text(FACTS)
    for fact in (
        "| torch | 2.14 |", "AMD EPYC, 2 cores", "| system | Linux |", "xcb, 1920 x 1080", "| kind | video |",
        "640 x 360", "29.97 frames/s", "| frames | 300 |", "vgg-yolo-voc20, input 320", "| engine | torch |",
        "| precision | bf16 |", "| device | CPU x2 |", "31.2", "read 1.0, net 10.2", "| dropped | 3 |",
        "| playback/loop | True |", "careful",
    ):  # fmt: skip
        assert fact in text, fact


def test_without_source_and_model_there_is_a_report_too() -> None:
    text = report_text(replace(FACTS, source=None, model=None, settings={}, log=()))
    assert text.count("| none |") == 3
    assert "(nothing)" in text


def test_only_the_last_lines_of_the_log_are_told() -> None:
    text = report_text(replace(FACTS, log=[f"line {number}." for number in range(LOG_LINES + 10)]))
    assert "line 9." not in text
    assert "line 10." in text
    assert f"line {LOG_LINES + 9}." in text


def test_nothing_private_is_told() -> None:
    home = str(Path.home())
    folder = "/media/My disk/holidays"
    log = (
        f"cannot read {home}/secret.mp4",
        "rtsp://me:pass@camera.local:554/live is away",
        f"{folder}/beach.mp4 is damaged",
    )
    text = report_text(replace(FACTS, log=log, private=(folder, "camera.local")))
    for private in (home, "me:pass", "camera.local", "holidays", "My disk"):
        assert private not in text, private
    assert "~/secret.mp4" in text
    assert "beach.mp4 is damaged" in text


def test_a_log_can_hold_what_markdown_means_something_by() -> None:
    text = report_text(replace(FACTS, log=("```", "| a |")))
    *_, opening, _, _, closing, end = text.split("\n")
    assert (opening, closing, end) == ("````text", "````", "")
    assert "a \\| b" in report_text(replace(FACTS, hardware="a | b"))
