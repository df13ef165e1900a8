"""What the window imports before it is seen. Counted in modules, not in seconds: those are others' to disturb."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = (
    "torch", "torchvision", "openvino", "onnxruntime", "av", "skimage", "scipy", "matplotlib", "pandas", "pyarrow",
    "supervision", "trackers", "ray", "tensorboard", "nncf",
)  # fmt: skip
MOST_MODULES = 800
"""667 on 2026-12-01; a library that creeps in brings hundreds."""
CODE = f"""
import sys
from PySide6.QtWidgets import QApplication
from gui.main_window import MainWindow
from gui.settings import MemoryStore, SettingsStore
from gui.theme import apply_theme
app = QApplication(["looktwice"])
apply_theme(app)
window = MainWindow(SettingsStore(MemoryStore()))
window.show()
assert window.grab().width() > 0
print(*[name for name in {HEAVY!r} if name in sys.modules], len(sys.modules))
window.close()
"""


def test_a_window_that_is_seen_has_imported_nothing_heavy() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    *heavy, count = ended.stdout.split()
    assert heavy == []
    assert int(count) <= MOST_MODULES
