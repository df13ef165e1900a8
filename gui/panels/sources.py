"""The source menu: cameras by name, file, folder, stream, sample, what was opened lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from detector.frames.camera import CameraInfo
from detector.frames.protocol import SourceInfo
from gui.background import Background
from gui.file_chooser import open_file, open_folder
from gui.panels.banner import Banner
from gui.panels.drop_button import DropButton
from gui.panels.recent_menu import RecentMenu, shown_title
from gui.session import Session
from gui.settings import LAST_FOLDER, SettingsStore
from gui.start.address import StreamPanel
from gui.start.cameras import camera_text, find_cameras
from gui.start.opening import short
from gui.start.page import KIND_ICONS, StartPage
from gui.start.recent import RecentSources
from gui.themed_icons import icon
from gui.translation import tr

SUFFIXES = "*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.gif *.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff"
WIDEST_TITLE = 180
MOVIES = QStandardPaths.StandardLocation.MoviesLocation
PICTURES = QStandardPaths.StandardLocation.PicturesLocation


class SourceButton(DropButton):
    """Shows what runs; opens its menu at a click. It carries out the actions of the group Source.

    Args:
        actions: open_camera, open_file, open_folder, open_stream, open_sample, home are connected here.
        recent: what the menu offers again.
    """

    def __init__(
        self,
        session: Session,
        actions: dict[str, QAction],
        settings: SettingsStore,
        recent: RecentSources | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.settings = session, settings
        self.recent = recent if recent is not None else RecentSources(settings, parent=self)
        self._background = Background("cameras of the menu", self)
        self._stream: StreamPanel | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(icon("open"))
        self.menu_of_sources = QMenu(self)
        self.menu_of_sources.triggered.connect(self._on_triggered)
        self.menu_of_sources.aboutToShow.connect(self.fill)
        self._camera_rows: list[QAction] = []
        self._below_cameras = self.menu_of_sources.addSeparator()
        for name in ("open_file", "open_folder", "open_stream", "open_sample"):
            self.menu_of_sources.addAction(actions[name])
        self.recent_menu = RecentMenu(self.recent, session.open, self)
        self.menu_of_sources.addMenu(self.recent_menu)
        self.menu_of_sources.addSeparator()
        self.menu_of_sources.addAction(actions["home"])
        self.menu_of_sources.addAction(actions["stop"])
        self.clicked.connect(self.show_menu)
        actions["open_camera"].triggered.connect(self._open_first_camera)
        actions["open_file"].triggered.connect(self.choose_file)
        actions["open_folder"].triggered.connect(self.choose_folder)
        actions["open_stream"].triggered.connect(self.ask_stream)
        actions["open_sample"].triggered.connect(self._open_sample)
        actions["home"].triggered.connect(session.stop)
        session.source_opening.connect(self._on_opening)
        session.source_opened.connect(self._on_opened)
        session.source_closed.connect(self._on_closed)
        session.trouble.connect(self._on_topic)
        session.trouble_over.connect(self._on_topic)
        self._on_closed()

    def show_menu(self) -> None:
        """Open the menu below the button."""
        self.menu_of_sources.popup(self.below)

    def fill(self) -> None:
        """Begin to look for cameras, which come into the menu while it is open."""
        self._put_cameras([self._told(tr("Looking for cameras ..."))])
        self._background.run(lambda: find_cameras(), self._cameras_found, self._no_cameras)

    def choose_file(self) -> None:
        """Let a file be chosen and open it."""
        filters = [f"{tr('Videos and photographs')} ({SUFFIXES})"]
        title = tr("Open a video or a photograph")
        open_file(self.window(), title, self._start_folder(MOVIES), filters, self._open_path)

    def choose_folder(self) -> None:
        """Let a folder be chosen and open it."""
        title = tr("Open a folder of photographs")
        open_folder(self.window(), title, self._start_folder(PICTURES), self._open_path)

    def ask_stream(self) -> None:
        """Ask for a stream's address in a small panel, unless the start page asks itself."""
        window = self.window()
        if any(page.isVisible() for page in window.findChildren(StartPage)):
            return
        if self._stream is None:
            self._stream = StreamPanel(self.session, window)
        self._stream.come(self, *window.findChildren(Banner))

    def shut(self) -> None:
        """End the thread; the window is closing."""
        self._background.close()

    def _start_folder(self, place: QStandardPaths.StandardLocation) -> str:
        """Where something was opened last, or else where the system keeps such files."""
        return self.settings.get(LAST_FOLDER) or QStandardPaths.writableLocation(place)

    def _open_path(self, path: Path) -> None:
        self.settings.put(LAST_FOLDER, str(path.parent))
        self.session.open(str(path))

    def _open_first_camera(self) -> None:
        self.session.open("camera:0")

    def _open_sample(self) -> None:
        self.session.open("sample")

    def _on_triggered(self, action: QAction) -> None:
        if action in self._camera_rows:
            self.session.open(action.data())

    def _on_opening(self, text: str) -> None:
        # Whoever asked for it sees at once that it comes; a camera takes its time.
        coming = tr("{name} ...").format(name=short(text).removeprefix("camera:"))
        self._say(coming, tr("Opening {name} ...").format(name=short(text)))

    def _on_topic(self, topic: str, _sentence: str = "") -> None:
        """What was being opened did not come, so that what ran before is all there is."""
        if topic == "source":
            info = self.session.playback.info
            if info is None:
                self._on_closed()
            else:
                self._on_opened(info)

    def _on_opened(self, info: SourceInfo) -> None:
        self.setIcon(icon(KIND_ICONS.get(info.kind, "sample")))
        self._say(info.title, tr("{title}: choose another source").format(title=info.title))

    def _on_closed(self) -> None:
        self.setIcon(icon("open"))
        self._say(tr("Source"), tr("Choose what to look at"))

    def _say(self, title: str, tip: str) -> None:
        self.setText(self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, WIDEST_TITLE))
        self.setToolTip(tip)
        self.setAccessibleName(tr("Source: {title}").format(title=title))

    def _cameras_found(self, cameras: list[CameraInfo]) -> None:
        rows = []
        for camera in cameras:
            action = QAction(icon("camera"), shown_title(camera.name), self.menu_of_sources)
            action.setData(camera_text(camera, cameras))
            rows.append(action)
        self._put_cameras(rows or [self._told(tr("No camera found"))])

    def _no_cameras(self, _error: Exception) -> None:
        self._put_cameras([self._told(tr("The cameras could not be listed"))])

    def _told(self, text: str) -> QAction:
        action = QAction(icon("camera"), text, self.menu_of_sources)
        action.setEnabled(False)
        return action

    def _put_cameras(self, rows: list[QAction]) -> None:
        for old in self._camera_rows:
            self.menu_of_sources.removeAction(old)
            old.deleteLater()
        self._camera_rows = rows
        self.menu_of_sources.insertActions(self._below_cameras, rows)
