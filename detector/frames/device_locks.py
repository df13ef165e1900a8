"""One user per camera in this process: a preview lets go before the running source opens, and the other way round."""

from __future__ import annotations

import threading

_changed = threading.Condition()
_held: dict[int, DeviceHold] = {}


class DeviceHold:
    """A camera taken by somebody. leaving: set by whoever wants them to let go, or has given them up."""

    def __init__(self, index: int, leaving: threading.Event) -> None:
        self.index, self.leaving = index, leaving

    def let_go(self) -> None:
        """Leave the camera to others; doing so twice does no harm."""
        with _changed:
            if _held.get(self.index) is self:
                del _held[self.index]
                _changed.notify_all()


def hold_device(index: int, leaving: threading.Event, patience_s: float) -> DeviceHold | None:
    """Take camera `index`, waiting up to `patience_s` seconds until it is free. None when its user stays.

    A user who was told to leave and has not by then hangs in the driver; the camera is taken from them.
    """
    hold = DeviceHold(index, leaving)
    with _changed:
        _changed.wait_for(lambda: index not in _held or leaving.is_set(), patience_s)
        other = _held.get(index)
        if leaving.is_set() or (other is not None and not other.leaving.is_set()):
            return None
        _held[index] = hold
        return hold
