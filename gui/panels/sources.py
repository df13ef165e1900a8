"""The source menu: sample, file, folder, and the cameras that are there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from detector.frames import list_cameras
from gui.session import Session
from gui.settings import LAST_FOLDER, SettingsStore

FILE_FILTER = (
    "Videos and photographs (*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.gif "
    "*.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff);;All files (*)"
)


class SourceButton(QToolButton):
    """Opens its menu at a click; cameras are listed anew each time."""

    def __init__(
        self, session: Session, actions: dict[str, QAction], settings: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.settings = session, settings
        self.setText("Source")
        self.setToolTip("Choose what to look at")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.cameras = menu.addMenu("Camera")
        self.cameras.aboutToShow.connect(self._list_cameras)
        for name in ("open_file", "open_folder", "open_sample"):
            menu.addAction(actions[name])
        self.setMenu(menu)
        self.first_camera = actions["open_camera"]
        self.first_camera.triggered.connect(lambda: session.open("camera:0"))
        actions["open_file"].triggered.connect(self.choose_file)
        actions["open_folder"].triggered.connect(self.choose_folder)
        actions["open_sample"].triggered.connect(lambda: session.open("sample"))

    def choose_file(self) -> None:
        folder = self.settings.get(LAST_FOLDER)
        path, _ = QFileDialog.getOpenFileName(self.window(), "Open a video or a photograph", folder, FILE_FILTER)
        self._open(path)

    def choose_folder(self) -> None:
        folder = self.settings.get(LAST_FOLDER)
        self._open(QFileDialog.getExistingDirectory(self.window(), "Open a folder of photographs", folder))

    def _open(self, path: str) -> None:
        if path:
            self.settings.put(LAST_FOLDER, str(Path(path).parent))
            self.session.open(path)

    def _list_cameras(self) -> None:
        self.cameras.clear()
        for camera in list_cameras():
            action = self.cameras.addAction(camera.name)
            action.triggered.connect(lambda _=False, index=camera.index: self.session.open(f"camera:{index}"))
        if self.cameras.isEmpty():
            self.cameras.addAction("No camera found").setEnabled(False)
        self.cameras.addSeparator()
        self.cameras.addAction(self.first_camera)
