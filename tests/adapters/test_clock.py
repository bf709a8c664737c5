from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orchestrator.adapters.clock import SystemClock
from orchestrator.ports import Clock


def test_s77_the_clock_tells_the_present_in_utc() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs(datetime.now(UTC) - clock.now()) < timedelta(seconds=5)
