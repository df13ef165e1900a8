"""What wheels and fingers mean.

A mouse wheel zooms at the pointer. Two fingers on a trackpad pan, as they scroll everywhere else; with Ctrl they zoom.
Pinching zooms.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QWheelEvent

ZOOM_STEP = 1.25
NOTCH = 120
"""Eighths of a degree that one notch of a wheel turns."""
PIXELS_PER_NOTCH = 60


@dataclass(frozen=True)
class WheelMeaning:
    """Scale by `factor` (1: not at all), or move by `pan` view pixels."""

    factor: float = 1.0
    pan: QPointF | None = None


def meaning_of(event: QWheelEvent) -> WheelMeaning:
    """What to do at a wheel event."""
    pixels, turned = event.pixelDelta(), event.angleDelta()
    # X11 gives pixels for wheels too, so the device or the phase has to say that it is a finger.
    phased = event.phase() != Qt.ScrollPhase.NoScrollPhase
    finger = not pixels.isNull() and (phased or event.device().type() == QInputDevice.DeviceType.TouchPad)
    if finger and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return WheelMeaning(pan=QPointF(pixels))
    # With Alt held, Qt turns the wheel's axis.
    notches = pixels.y() / PIXELS_PER_NOTCH if finger else (turned.y() or turned.x()) / NOTCH
    return WheelMeaning(ZOOM_STEP**notches)


def meaning_of_native(event: QNativeGestureEvent) -> WheelMeaning | None:
    """What to do where the system itself reads the fingers; None for what means nothing here."""
    match event.gestureType():
        case Qt.NativeGestureType.ZoomNativeGesture:
            return WheelMeaning(max(1 + event.value(), 0.1))
        case Qt.NativeGestureType.PanNativeGesture:
            return WheelMeaning(pan=event.delta())
        case _:
            return None
