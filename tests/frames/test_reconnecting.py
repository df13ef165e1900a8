"""A live source that loses its device and gets it back, by a clock that only the test moves."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from detector.errors import SourceError
from detector.frames.capture import CaptureError
from detector.frames.protocol import Frame, Lull
from detector.frames.rate import ArrivalRate
from detector.frames.reconnecting import Patience, ReconnectingSource, Wording

PATIENCE_S = 60.0
QUICK = Patience(wait_s=0.02)


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


class Device:
    """Gives the pictures of `give`, breaks at `break_off`, hangs while `hanging`. Openings fail while `away`."""

    def __init__(self):
        self.changed = threading.Condition()
        self.script = []
        self.idle = False
        self.away = ""
        self.hanging = False
        self.opened = self.closed = self.tried = 0
        self.notes = []

    def __call__(self, stop):
        with self.changed:
            self.tried += 1
            self.changed.notify_all()
            while self.hanging:
                self.changed.wait()
            if self.away:
                raise CaptureError(f"the device {self.away}; turn it on.", self.away)
            self.opened += 1
            return Connection(self, stop)

    def give(self, *values, size=(4, 3)):
        """Let pictures of these values come, and wait until they have."""
        self.add([np.full((size[1], size[0], 3), value, np.uint8) for value in values])
        with self.changed:
            self.idle = False
            assert self.changed.wait_for(lambda: self.idle and not self.script, PATIENCE_S)

    def add(self, acts):
        with self.changed:
            self.script.extend(acts)
            self.changed.notify_all()

    def break_off(self, error=None):
        self.add([error or CaptureError("the device stopped; turn it on.", "stopped")])

    def hang(self, hanging=True):
        with self.changed:
            self.hanging = hanging
            self.changed.notify_all()

    def wait_until(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE_S)


class BadPixels:
    """A picture that cannot be made."""

    def __call__(self):
        raise SourceError("bad pixels")


class Connection:
    title, fps = "device", 30.0

    def __init__(self, device, stop):
        self.device, self.stop = device, stop

    def read(self):
        device = self.device
        with device.changed:
            if not device.script:
                device.idle = True
                device.changed.notify_all()
                device.changed.wait(0.01)
            while device.hanging:
                device.changed.wait()
            if self.stop.is_set() or not device.script:
                return None
            act = device.script.pop(0)
        if isinstance(act, Exception):
            raise act
        return act if isinstance(act, BadPixels) else lambda: act

    def note(self, size_wh, fps):
        self.device.notes.append((size_wh, fps))
        return "asked for more." if fps is not None and fps < 20 else ""

    def close(self):
        with self.device.changed:
            self.device.closed += 1
            self.device.changed.notify_all()


WORDING = Wording(
    "the device",
    "the device is silent; turn it on.",
    lambda what, pause_s: f"the device {what}; again in {pause_s:g} s.",
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def device():
    device = Device()
    yield device
    device.hang(False)
    device.wait_until(lambda: device.opened == device.closed)


@pytest.fixture
def source(device, clock):
    device.add([np.zeros((3, 4, 3), np.uint8)])
    source = ReconnectingSource("camera", device, WORDING, QUICK, clock=clock)
    yield source
    source.close()


def value(frame):
    assert isinstance(frame, Frame)
    return int(frame.image[0, 0, 0])


def read_until(source, good):
    """Read until `good` of what was read; returns that."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        got = source.read()
        if good(got):
            return got
    raise AssertionError("it never came")


def lull(sentence):
    return lambda got: got == Lull(sentence)


def a_frame(got):
    return isinstance(got, Frame)


def test_frames_carry_their_arrival(source, device, clock):
    assert (source.read().index, source.info.live, source.info.size_wh) == (0, True, (4, 3))
    clock.now_s += 2.5
    device.give(7)
    frame = source.read()
    assert (value(frame), frame.index, frame.time_s, frame.taken_s) == (7, 1, 2.5, 102.5)


def test_only_the_newest_is_given_and_the_others_are_counted(source, device):
    source.read()
    device.give(1, 2, 3)
    frame = source.read()
    assert (value(frame), frame.index) == (3, 3)
    assert source.read() == Lull()


def test_a_size_that_changes_midway_is_just_the_new_size(source, device):
    device.give(1, size=(8, 6))
    source.read()
    assert source.read().size_wh == (8, 6)


def test_what_breaks_is_opened_again_with_growing_pauses(source, device, clock):
    source.read()
    device.away = "refuses the connection"
    device.break_off()
    read_until(source, lull("the device stopped; again in 0.5 s."))
    for pause_s, following_s in [(0.5, 1), (1, 2), (2, 4), (4, 8), (8, 8), (8, 8)]:
        tried = device.tried
        clock.now_s += pause_s - 0.01
        source.read()
        assert device.tried == tried, "it was tried before the pause was over"
        clock.now_s += 0.02
        source.read()
        device.wait_until(lambda tried=tried: device.tried == tried + 1)
        read_until(source, lull(f"the device refuses the connection; again in {following_s} s."))
    device.away = ""
    clock.now_s += 8.01
    device.add([np.full((3, 4, 3), 9, np.uint8)])
    frame = read_until(source, a_frame)
    assert (value(frame), frame.index) == (9, 1)
    assert source.read() == Lull()


def test_while_it_is_tried_again_the_sentence_stays(source, device, clock):
    source.read()
    device.break_off()
    read_until(source, lull("the device stopped; again in 0.5 s."))
    clock.now_s += 0.6
    assert source.read() == Lull("the device stopped; again in 0 s.")
    assert source.read() == Lull("the device stopped; again in 0 s.")
    device.give(1)
    assert value(read_until(source, a_frame)) == 1


def test_a_source_that_was_steady_begins_with_the_shortest_pause_again(source, device, clock):
    source.read()
    for _ in range(2):
        device.break_off()
        read_until(source, lull("the device stopped; again in 0.5 s."))
        clock.now_s += 0.6
        source.read()
        device.give(1)
        read_until(source, a_frame)
        clock.now_s += 2.5
        device.give(2)
        read_until(source, a_frame)


def test_one_that_breaks_at_once_is_given_longer_and_longer(source, device, clock):
    source.read()
    for pause in ("0.5", "1", "2"):
        device.break_off()
        read_until(source, lull(f"the device stopped; again in {pause} s."))
        clock.now_s += float(pause) + 0.1
        source.read()
        device.give(1)
        read_until(source, a_frame)


def test_silence_counts_as_broken(source, device, clock):
    source.read()
    clock.now_s += 4.9
    assert source.read() == Lull()
    clock.now_s += 0.2
    assert source.read() == Lull("the device gives no more pictures; again in 0.5 s.")
    device.wait_until(lambda: device.closed == 1)
    clock.now_s += 0.6
    source.read()
    device.give(5)
    assert value(read_until(source, a_frame)) == 5


def test_a_hanging_device_is_left_behind_and_its_late_pictures_are_not_shown(source, device, clock):
    source.read()
    device.hang()
    clock.now_s += 5.1
    assert source.read() == Lull("the device gives no more pictures; again in 0.5 s.")
    device.add([np.full((3, 4, 3), 66, np.uint8)])
    clock.now_s += 0.6
    source.read()
    device.wait_until(lambda: device.tried == 2)
    device.hang(False)
    # The one left behind does not take the picture from the one that is wanted.
    assert value(read_until(source, a_frame)) == 66
    device.wait_until(lambda: device.closed == 1)


def test_hanging_devices_do_not_pile_up(source, device, clock):
    source.read()
    device.hang()
    for _ in range(20):
        clock.now_s += 20
        source.read()
        source.read()
    assert device.tried <= 4


@pytest.mark.parametrize("hanging", [False, True])
def test_closing_takes_less_than_a_second(source, device, caplog, hanging):
    source.read()
    if hanging:
        device.hang()
    source.close()
    assert ("is left behind" in caplog.text) == hanging
    source.close()
    with pytest.raises(SourceError, match="the device is closed"):
        source.read()
    device.hang(False)
    device.wait_until(lambda: device.closed == 1)


def test_closing_during_a_pause(source, device):
    source.read()
    device.break_off()
    read_until(source, lull("the device stopped; again in 0.5 s."))
    source.close()
    assert device.closed == device.opened == 1


def test_it_cannot_be_wound(source):
    with pytest.raises(SourceError, match="is live"):
        source.seek(3)


def test_an_unexpected_error_does_not_end_it(source, device, clock, caplog):
    source.read()
    device.break_off(RuntimeError("out of luck"))
    read_until(source, lull("the device stopped; again in 0.5 s."))
    assert "out of luck" in caplog.text
    clock.now_s += 0.6
    source.read()
    device.give(1)
    read_until(source, a_frame)


def test_a_picture_that_cannot_be_made_counts_as_broken(source, device):
    source.read()
    device.add([BadPixels()])
    read_until(source, lull("the device sends pictures that cannot be read; again in 0.5 s."))


def test_opening_fails_with_the_sentence_of_the_device(device):
    device.away = "is off"
    with pytest.raises(SourceError, match=r"^the device is off; turn it on\.$"):
        ReconnectingSource("camera", device, WORDING, QUICK)


def test_opening_gives_up_on_a_device_that_never_answers(device):
    device.hang()
    with pytest.raises(SourceError, match=r"^the device is silent; turn it on\.$"):
        ReconnectingSource("camera", device, WORDING, Patience(open_s=0.1, wait_s=0.02))


def test_opening_can_be_cancelled(device):
    device.hang()
    cancel = threading.Event()
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(SourceError, match="opening the device was cancelled"):
        ReconnectingSource("camera", device, WORDING, QUICK, cancel=cancel)


def test_a_slower_rate_than_declared_is_measured_and_told_once(source, device, clock):
    assert (source.info.fps, source.info.note) == (30.0, "")
    for _ in range(30):
        clock.now_s += 0.1
        device.give(1)
        source.read()
    assert source.info.fps == pytest.approx(10, abs=0.5)
    assert source.info.note == "asked for more."


@pytest.mark.parametrize("declared", [None, 30.0, 5.0])
def test_rates_are_measured(declared):
    rate = ArrivalRate(declared)
    for number in range(100):
        rate.arrived(number / 12)
    assert rate.fps == pytest.approx(12, abs=0.3)


def test_a_rate_that_is_nearly_as_declared_stays():
    rate = ArrivalRate(30.0)
    for number in range(200):
        rate.arrived(number / 27)
    assert rate.fps == 30.0


def test_an_interruption_is_no_interval():
    rate = ArrivalRate()
    for number in range(30):
        rate.arrived(number / 10)
    rate.interrupted()
    for number in range(30):
        rate.arrived(100 + number / 10)
    assert rate.fps == pytest.approx(10, abs=0.3)
