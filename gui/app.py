"""Starting the window: options, application, and the unattended run that leaves a screenshot."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from detector.commands.dispatch import guarded, list_of_commands
from detector.errors import OptionError
from detector.frames.opening import SAMPLE
from detector.registry import ENGINES, PRECISIONS, EngineChoice, PrecisionChoice, check_size
from gui.platform_trouble import libraries_named, missing_sentence

DESCRIPTION = "Looktwice finds objects in webcam and video frames, live. Without a command it opens the window."


def build_parser() -> argparse.ArgumentParser:
    """The window's options; commands have their own."""
    parser = argparse.ArgumentParser(
        prog="looktwice",
        description=DESCRIPTION,
        epilog=list_of_commands(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--source", help="sample, camera:0, a video, a photograph, a folder or a stream; without it, the start page"
    )
    parser.add_argument("--model", help="name or weights file; by default the one used last")
    parser.add_argument("--size", type=int, help="input size in pixels, a multiple of 32")
    parser.add_argument("--precision", choices=PRECISIONS, help="arithmetic of the network")
    parser.add_argument("--engine", choices=ENGINES, help="what runs the network")
    parser.add_argument(
        "--score",
        type=float,
        help="score threshold, 0 to 1, for this time; else the one set last, at first the model's",
    )
    unattended = parser.add_argument_group("unattended run (with --frames the window closes by itself)")
    unattended.add_argument("--frames", type=int, metavar="N", help="stop after N frames, or at the source's end")
    unattended.add_argument("--screenshot", type=Path, metavar="PNG", help="save a picture of the window at the end")
    unattended.add_argument(
        "--detections", type=Path, metavar="FILE", help="save the detections of the frames shown, as .csv or .json"
    )
    return parser


def run_window(words: Sequence[str]) -> int:
    """Open the window with the options in `words` and run it until it is closed. Returns the exit code."""
    options = build_parser().parse_args(words)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    check_options(options)
    settle_display(options.frames is not None)
    # Qt is imported only now, so that wrong options and --help answer at once.
    try:
        from PySide6.QtCore import QEvent, QTimer
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        missing = libraries_named(str(error))
        raise OptionError(missing_sentence(missing) if missing else f"Qt cannot be loaded: {error}.") from error

    from gui.about import product_version
    from gui.exceptions import ExceptionGuard
    from gui.log_store import LogStore
    from gui.main_window import MainWindow
    from gui.messages import route_qt_messages
    from gui.remembered_model import remembered_choice
    from gui.settings import LANGUAGE, MemoryStore, SettingsStore
    from gui.settings_file import open_settings
    from gui.starting_qt import told_where_qt_gives_up
    from gui.theme import apply_theme
    from gui.translation import install_language
    from gui.unattended import UnattendedRun
    from gui.values import ModelChoice

    end_routing = route_qt_messages()
    log_store = LogStore()
    log_store.install()
    existing = QApplication.instance()
    with told_where_qt_gives_up():
        app = existing if isinstance(existing, QApplication) else QApplication(["looktwice"])
    app.setOrganizationName("Looktwice")
    app.setApplicationName("Looktwice")
    app.setDesktopFileName("looktwice")
    # An unattended run neither follows nor changes what the user set up.
    settings, path, problem = SettingsStore(MemoryStore()), None, ""
    if options.frames is None:
        opened = open_settings(version=product_version())
        settings, path, problem = opened.store, opened.path, opened.sentence
    apply_theme(app, settings)
    install_language(app, settings.get(LANGUAGE))
    guard = ExceptionGuard(app)
    window = MainWindow(settings, log_store, path)
    session = window.session
    guard.went_wrong.connect(lambda sentence: window.troubles.say("inside", sentence))
    guard.install()

    remembered = remembered_choice(settings)
    choice = ModelChoice(
        options.model or remembered.name,
        options.size or (None if options.model else remembered.size),
        cast(PrecisionChoice, options.precision or remembered.precision),
        cast(EngineChoice, options.engine or ("auto" if options.model else remembered.engine)),
    )
    if options.score is not None:
        window.use_score_once(options.score)
    source = options.source or (SAMPLE if options.frames is not None else None)

    def begin() -> None:
        session.choose_model(choice)
        if source is not None:
            session.open(source)
        if problem:
            window.troubles.say("settings", problem)

    before: dict[signal.Signals, Any] = {}
    try:
        unattended = None
        if options.frames is not None:
            unattended = UnattendedRun(window, options.frames, options.screenshot, options.detections)
        window.show()
        window.model_bar.show_choice(choice)
        # The status line's timer lets Python hear these while Qt's loop runs.
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda *_: window.close())
        # After the first paint: opening and loading run in the pipeline's threads while the window is already there.
        QTimer.singleShot(0, begin)
        code = app.exec()
        return unattended.finish() if unattended is not None else code
    finally:
        window.close()
        for number, handler in before.items():
            signal.signal(number, handler)
        # Now, while Qt is whole, and not piece by piece when the interpreter ends.
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        settings.sync()
        guard.uninstall()
        log_store.uninstall()
        end_routing()


def settle_display(unattended: bool) -> None:
    """Where there is no display, an unattended run draws unseen.

    Raises:
        OptionError: there is no display for a window to be looked at; Qt itself would end the process.
    """
    seen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform != "linux" or seen:
        return
    if not unattended:
        raise OptionError("there is no display to open the window on; add --frames N for a run that nobody watches.")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def check_options(options: argparse.Namespace) -> None:
    """Refuse what cannot work before any window opens.

    Raises:
        OptionError: in one sentence.
    """
    if options.score is not None and not 0.0 <= options.score <= 1.0:
        raise OptionError(f"the score threshold is {options.score:g}; it must lie between 0 and 1.")
    if options.size is not None:
        check_size(options.size)
    if options.frames is not None and options.frames < 1:
        raise OptionError(f"--frames is {options.frames}; it must be 1 or more.")
    if options.frames is None and (options.screenshot or options.detections):
        raise OptionError("--screenshot and --detections need --frames N, after which they are written.")
    if options.detections is not None and options.detections.suffix.lower() not in (".csv", ".json"):
        raise OptionError(f"--detections {options.detections} must end in .csv or .json.")
    if options.model is not None:
        from detector.registry import model_info

        model_info(options.model)
