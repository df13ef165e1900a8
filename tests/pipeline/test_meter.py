from __future__ import annotations

import pytest

from detector.pipeline.meter import Meter
from detector.pipeline.results import FrameTimes


def test_rates_over_the_window() -> None:
    now = [0.0]
    meter = Meter(1.0, lambda: now[0])
    assert meter.rates().frames_per_s == 0.0
    for i in range(50):
        now[0] = i * 0.1
        meter.add(FrameTimes(0.001, 0.002, i / 1000, 0.004))
    rates = meter.rates()
    assert rates.frames_per_s == pytest.approx(10.0)
    assert rates.times.prepare_s == pytest.approx(0.002)
    assert rates.times.network_s == pytest.approx(sum(range(39, 50)) / 11 / 1000)
    now[0] += 5
    assert meter.rates().frames_per_s == 0.0
