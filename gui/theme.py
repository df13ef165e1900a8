"""The look: Fusion in own colours, light or dark as the system or the user has it, also when that changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

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
# In the one grey that can be seen on light and on dark.
SHUT, FLOAT_AWAY = ICONS / "dock_close.svg", ICONS / "dock_float.svg"
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
    hover: QColor  # ground of a tool under the pointer
    checked: QColor  # ground of a tool that is on
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
    hover=QColor("#e2e6eb"),
    checked=QColor("#cfe5f3"),
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
    hover=QColor("#343a43"),
    checked=QColor("#1d4d6e"),
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
        # Fusion draws next to nothing in these four; the style sheet does.
        role.Mid: colours.line,
        role.Dark: colours.edge,
        role.Midlight: colours.hover,
        role.BrightText: colours.checked,
        role.Window: colours.background,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.background,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: button,
        role.ButtonText: colours.text,
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


def banner_palette(colours: ThemeColours) -> QPalette:
    """The roles in which a banner differs from what it lies in."""
    palette, role = QPalette(), QPalette.ColorRole
    for which, colour in (
        (role.Window, colours.banner),
        (role.WindowText, colours.banner_text),
        (role.Mid, colours.banner_line),
    ):
        palette.setColor(which, colour)
    return palette


STYLE_SHEET = f"""
QFrame#banner {{ background: palette(window); border-bottom: 1px solid palette(mid); }}
QToolBar {{ spacing: 4px; padding: 4px; border: none; border-bottom: 1px solid palette(mid); }}
QToolBar QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 4px 6px; }}
QToolBar QToolButton:hover {{ background: palette(midlight); }}
QToolBar QToolButton:checked {{ background: palette(bright-text); }}
QToolBar QToolButton:focus {{ border: 1px solid palette(accent); }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ padding: 2px 8px; }}
QDockWidget {{ titlebar-close-icon: url("{SHUT.as_posix()}"); titlebar-normal-icon: url("{FLOAT_AWAY.as_posix()}"); }}
QDockWidget::title {{ padding: 6px 8px; }}
QDockWidget::close-button:hover, QDockWidget::float-button:hover {{
    background: palette(midlight); border-radius: 3px; }}
QMainWindow > QTabBar {{ qproperty-elideMode: ElideNone; qproperty-usesScrollButtons: true; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{
    subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }}
QToolButton[popupMode="2"] {{ padding-right: 18px; }}
QLineEdit {{ border: 1px solid palette(dark); border-radius: 4px; padding: 3px 4px; background: palette(base); }}
QLineEdit:focus {{ border-color: palette(accent); }}
QLineEdit:disabled {{ border-color: palette(mid); }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractItemView QLineEdit {{ border: none; padding: 0; }}
{", ".join(f"{box}::indicator" for box in BOXES)} {{
    width: 14px; height: 14px; border: 1px solid palette(dark); border-radius: 3px; background: palette(base); }}
{", ".join(f"{box}::indicator:checked" for box in BOXES)} {{
    background: {ACCENT.name()}; border-color: {ACCENT.name()}; image: url("{CHECK.as_posix()}"); }}
{", ".join(f"{box}::indicator:disabled" for box in BOXES)} {{ border-color: palette(mid); background: palette(mid); }}
QCheckBox:focus {{ color: palette(accent); }}
QCheckBox::indicator:focus, QGroupBox::indicator:focus {{ border: 2px solid palette(accent); }}
QSlider:horizontal {{ min-height: 20px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: palette(dark); }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: palette(accent); }}
QSlider::handle:horizontal {{
    width: 14px; height: 14px; margin: -6px 0; border: 1px solid palette(accent); border-radius: 8px;
    background: palette(accent); }}
QSlider::handle:horizontal:focus {{ background: palette(base); border: 3px solid palette(accent);
    width: 10px; height: 10px; }}
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{ background: palette(mid); }}
QSlider::handle:horizontal:disabled {{ background: palette(mid); border-color: palette(mid); }}
QMenu::separator {{ height: 1px; margin: 4px 8px; background: palette(mid); }}
QToolTip {{ color: palette(text); background: palette(base); border: 1px solid palette(mid); }}
"""
"""What the palette cannot say, in the palette's colours: it is the same in light and dark."""


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
        app.setStyle("Fusion")
        app.setStyleSheet(STYLE_SHEET)
        app.setWindowIcon(app_icon())
        # Under this name the desktop knows the program's entry and icon.
        app.setDesktopFileName("looktwice")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.choose(appearance)

    def choose(self, appearance: str) -> None:
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
        self.app.setPalette(palette_of(colours))
        # A style sheet takes its colours from the palette once, when a widget is polished. Another sheet would dress
        # every widget anew for each that it lies in, which takes several times as long.
        style = self.app.style()
        for widget in self.app.allWidgets():
            style.unpolish(widget)
            style.polish(widget)
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
