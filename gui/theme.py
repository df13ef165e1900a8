"""The look: Fusion in own colours, light or dark as the system or the user has it, also when that changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from gui.settings import APPEARANCE, SettingsStore
from gui.themed_icons import app_icon

ACCENT = QColor(0, 114, 178)
"""Marks what is chosen, in light and dark, under white text."""

CAPTION, BODY, TITLE = 0.88, 1.0, 1.55
"""The type scale: factors of the system's own text size."""

SPACE_S, SPACE_M, SPACE_L, SPACE_XL = 4, 8, 16, 24
"""Distances in pixels."""


ICONS = Path(__file__).parent / "icons"
CHECK = ICONS / "check.svg"
BOXES = ("QCheckBox", "QGroupBox", "QListView", "QTreeView", "QTableView")


@dataclass(frozen=True)
class ThemeColours:
    """What painters and labels may use. Every text colour has a contrast of 4.5 to `background` and `surface`."""

    dark: bool
    background: QColor  # of the window and its panels
    surface: QColor  # of lists, text fields and plots
    text: QColor
    muted: QColor  # text of less weight
    line: QColor  # frames and dividers; no text
    edge: QColor  # outlines of controls, contrast 3
    accent: QColor
    good: QColor
    warning: QColor
    bad: QColor
    banner: QColor
    banner_text: QColor
    banner_line: QColor


LIGHT = ThemeColours(
    dark=False,
    background=QColor("#f4f5f7"),
    surface=QColor("#ffffff"),
    text=QColor("#1b1e23"),
    muted=QColor("#5a626d"),
    line=QColor("#c9ced6"),
    edge=QColor("#7f8894"),
    accent=ACCENT,
    good=QColor("#1a7a3c"),
    warning=QColor("#8a5a00"),
    bad=QColor("#b3261e"),
    banner=QColor("#fbe9d0"),
    banner_text=QColor("#3a2a05"),
    banner_line=QColor("#d9a441"),
)
DARK = ThemeColours(
    dark=True,
    background=QColor("#202329"),
    surface=QColor("#17191d"),
    text=QColor("#e8eaed"),
    muted=QColor("#a6aeb9"),
    line=QColor("#444a54"),
    edge=QColor("#7f8894"),
    accent=QColor("#5ab4f0"),
    good=QColor("#5cc98a"),
    warning=QColor("#e8b04a"),
    bad=QColor("#ff8a80"),
    banner=QColor("#4a3a17"),
    banner_text=QColor("#fbe9d0"),
    banner_line=QColor("#a37a2c"),
)


def theme_colours() -> ThemeColours:
    """The colours of what is on the screen now; ask at every painting."""
    palette = QGuiApplication.palette()
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def contrast(one: QColor, other: QColor) -> float:
    """How far two colours are apart in brightness, 1 to 21, by WCAG's rule."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def scaled_font(scale: float, base: QFont | None = None) -> QFont:
    """The application's font in one of the sizes of the type scale; titles are bolder."""
    font = QFont(base if base is not None else QGuiApplication.font())
    font.setPointSizeF(QGuiApplication.font().pointSizeF() * scale)
    if scale > BODY:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def tabular(font: QFont) -> QFont:
    """The font with figures of one width, so that changing numbers stand still."""
    still = QFont(font)
    still.setFeature(QFont.Tag.fromString("tnum"), 1)
    return still


def set_type(widget: QWidget, scale: float) -> None:
    """Write this widget's text in CAPTION, BODY or TITLE."""
    widget.setFont(scaled_font(scale))


def palette_of(colours: ThemeColours) -> QPalette:
    """The palette that Fusion paints with."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    button = colours.background.lighter(135) if colours.dark else QColor("#e9ebee")
    palette = QPalette(button, colours.background)
    every = {
        role.Window: colours.background,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.background,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: button,
        role.ButtonText: colours.text,
        role.BrightText: QColor("#ffffff"),
        role.ToolTipBase: colours.surface,
        role.ToolTipText: colours.text,
        role.Highlight: ACCENT,
        role.HighlightedText: QColor("#ffffff"),
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
    }
    for which, colour in every.items():
        palette.setColor(which, colour)
    faded = QColor("#7c848f") if colours.dark else QColor("#8b929c")
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, which, faded)
    palette.setColor(group.Disabled, role.Highlight, faded)
    return palette


def style_sheet(colours: ThemeColours) -> str:
    """What the palette cannot say."""
    accent, line, edge = colours.accent.name(), colours.line.name(), colours.edge.name()
    hover, checked = ("#343a43", "#1d4d6e") if colours.dark else ("#e2e6eb", "#cfe5f3")
    shut, float_away = (
        (ICONS / f"dock_{name}_{'dark' if colours.dark else 'light'}.svg").as_posix() for name in ("close", "float")
    )
    return f"""
QFrame#banner {{ background: {colours.banner.name()}; border-bottom: 1px solid {colours.banner_line.name()}; }}
QFrame#banner QLabel, QFrame#banner QToolButton {{ color: {colours.banner_text.name()}; }}
QToolBar {{ spacing: 4px; padding: 4px; border: none; border-bottom: 1px solid {line}; }}
QToolBar QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 4px 6px; }}
QToolBar QToolButton:hover {{ background: {hover}; }}
QToolBar QToolButton:checked {{ background: {checked}; }}
QToolBar QToolButton:focus {{ border: 1px solid {accent}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ padding: 2px 8px; }}
QDockWidget {{ titlebar-close-icon: url("{shut}"); titlebar-normal-icon: url("{float_away}"); }}
QDockWidget::title {{ padding: 6px 8px; }}
QDockWidget::close-button:hover, QDockWidget::float-button:hover {{ background: {hover}; border-radius: 3px; }}
QMainWindow > QTabBar {{ qproperty-elideMode: ElideNone; qproperty-usesScrollButtons: true; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{
    subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }}
QToolButton[popupMode="2"] {{ padding-right: 18px; }}
QLineEdit {{ border: 1px solid {edge}; border-radius: 4px; padding: 3px 4px; background: {colours.surface.name()}; }}
QLineEdit:focus {{ border-color: {accent}; }}
QLineEdit:disabled {{ border-color: {line}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractItemView QLineEdit {{ border: none; padding: 0; }}
{", ".join(f"{box}::indicator" for box in BOXES)} {{
    width: 14px; height: 14px; border: 1px solid {edge}; border-radius: 3px; background: {colours.surface.name()}; }}
{", ".join(f"{box}::indicator:checked" for box in BOXES)} {{
    background: {ACCENT.name()}; border-color: {ACCENT.name()}; image: url("{CHECK.as_posix()}"); }}
{", ".join(f"{box}::indicator:disabled" for box in BOXES)} {{ border-color: {line}; background: {line}; }}
QCheckBox:focus {{ color: {accent}; }}
QCheckBox::indicator:focus, QGroupBox::indicator:focus {{ border: 2px solid {accent}; }}
QSlider:horizontal {{ min-height: 20px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {edge}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {accent}; }}
QSlider::handle:horizontal {{
    width: 14px; height: 14px; margin: -6px 0; border: 1px solid {accent}; border-radius: 8px; background: {accent}; }}
QSlider::handle:horizontal:focus {{ background: {colours.surface.name()}; border: 3px solid {accent};
    width: 10px; height: 10px; }}
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{ background: {line}; }}
QSlider::handle:horizontal:disabled {{ background: {line}; border-color: {line}; }}
QMenu::separator {{ height: 1px; margin: 4px 8px; background: {line}; }}
QToolTip {{ color: {colours.text.name()}; background: {colours.surface.name()}; border: 1px solid {line}; }}
"""


class Theme(QObject):
    """Keeps the application in the appearance that was chosen: "system", "light" or "dark".

    There is one, made by `apply_theme`; it lives as long as the application.
    """

    changed = Signal()
    """Light became dark or the other way round."""

    def __init__(self, app: QApplication, appearance: str) -> None:
        super().__init__(app)
        self.setObjectName("theme")
        self.app = app
        self._colours: ThemeColours | None = None
        self._undressed: list[QWidget] = []
        self._dress_soon = QTimer(self, singleShot=True, interval=0)
        self._dress_soon.timeout.connect(self._dress)
        app.setStyle("Fusion")
        app.setWindowIcon(app_icon())
        # Under this name the desktop knows the program's entry and icon.
        app.setDesktopFileName("looktwice")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.choose(appearance)

    def choose(self, appearance: str) -> None:
        """Take on an appearance: at once, or in two steps where windows are seen."""
        self.appearance = appearance
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        # For what the system draws itself, such as the title bar.
        self.app.styleHints().setColorScheme(wanted.get(appearance, Qt.ColorScheme.Unknown))
        self._follow(self.app.styleHints().colorScheme())

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        dark = {"light": False, "dark": True}.get(self.appearance, scheme == Qt.ColorScheme.Dark)
        colours = DARK if dark else LIGHT
        if colours is self._colours:
            return
        self._colours = colours
        if self._dress_soon.isActive():
            return
        # From one style sheet to another Qt dresses a widget again for each that it lies in. To undress all and dress
        # them anew takes less than half of that.
        self._undressed = [window for window in self.app.topLevelWidgets() if window.isVisible()]
        for window in self._undressed:
            # Nobody shall see it undressed.
            window.setUpdatesEnabled(False)
        self.app.setStyleSheet("")
        if self._undressed:
            # Each half takes some hundredths of a second, and hands and frames come in between.
            self._dress_soon.start()
        else:
            self._dress()

    def _dress(self) -> None:
        colours = self._colours
        assert colours is not None
        self.app.setPalette(palette_of(colours))
        self.app.setStyleSheet(style_sheet(colours))
        for window in self._undressed:
            if isValid(window):
                window.setUpdatesEnabled(True)
        self._undressed = []
        self.changed.emit()


def apply_theme(app: QApplication, settings: SettingsStore | None = None) -> Theme:
    """Dress the application and keep it so; the theme that follows, one per application."""
    appearance = settings.get(APPEARANCE) if settings is not None else APPEARANCE.default
    theme = current_theme()
    if theme is None:
        return Theme(app, appearance)
    theme.choose(appearance)
    return theme


def current_theme() -> Theme | None:
    """The theme of the running application; None before `apply_theme`."""
    app = QApplication.instance()
    return app.findChild(Theme, "theme") if app is not None else None
