import io

from rich.console import Console

from detector.training.display import Bar, Lines, Silence, described, open_display, time_left_s
from detector.training.trainer import StepReport

REPORT = StepReport(1200, {"truth_class": 1.25, "total": 2.5}, 0.002, 256, 52.34, 0.25, 1200.0)


def test_a_report_in_one_line():
    assert time_left_s(REPORT) == 3600
    assert described(REPORT) == "step 1200  256 px  52.3 images/s  1:00:00 left  truth_class 1.250  total 2.500"


def test_elsewhere_than_on_a_terminal_there_are_lines(capsys):
    display = open_display(0)
    assert isinstance(display, Lines)
    display.report(REPORT)
    display.say("done")
    display.close()
    assert capsys.readouterr().out.splitlines() == [f" 25.0%  {described(REPORT)}", "done"]


def test_the_bar_shows_the_same(capsys):
    screen = io.StringIO()
    bar = Bar(Console(file=screen, force_terminal=True, width=160))
    bar.say("first")
    bar.report(REPORT)
    bar.close()
    assert "first" in screen.getvalue()
    assert "25.0 %" in screen.getvalue()
    assert "52.3 images/s  1:00:00 left" in screen.getvalue()


def test_only_the_first_process_speaks(capsys):
    display = open_display(1)
    assert isinstance(display, Silence)
    display.report(REPORT)
    display.say("x")
    display.close()
    assert capsys.readouterr().out == ""
