"""One start of the window, with two looks at when it paints: `benchmarks.startup` runs it in a process of its own.

    python -m benchmarks.watched_start SECONDS [ENGINE]      prints JSON that many seconds after the first boxes

It imports nothing by itself that the window does not.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from unittest.mock import patch

import psutil


def since_start_s() -> float:
    """Seconds since this process was started."""
    return time.time() - psutil.Process().create_time()


def watched_window(engine: str, play_s: float) -> None:
    """In a process of its own: the window as `main.py` opens it, with two looks at when it paints."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    import main
    from gui.canvas.frame_view import FrameView
    from gui.main_window import MainWindow

    found: dict[str, float] = {}
    paint_window, paint_canvas = MainWindow.paintEvent, FrameView.paintEvent

    def end() -> None:
        found["resident_mib"] = psutil.Process().memory_info().rss / 2**20
        found["torch"] = float("torch" in sys.modules)
        print(json.dumps(found), flush=True)
        QApplication.quit()

    def window_painted(window: MainWindow, event: Any) -> None:
        paint_window(window, event)
        found.setdefault("painted_s", since_start_s())

    def canvas_painted(canvas: FrameView, event: Any) -> None:
        paint_canvas(canvas, event)
        shown = canvas.shown
        if shown is not None and len(shown.detections) and "boxes_s" not in found:
            found["boxes_s"] = since_start_s()
            QTimer.singleShot(round(1000 * play_s), end)

    words = ["--source", "sample", *(["--engine", engine] if engine else [])]
    with patch.object(MainWindow, "paintEvent", window_painted), patch.object(FrameView, "paintEvent", canvas_painted):
        code = main.main(words)
    main.leave(code)


if __name__ == "__main__":
    watched_window(sys.argv[2] if len(sys.argv) > 2 else "", float(sys.argv[1]))
