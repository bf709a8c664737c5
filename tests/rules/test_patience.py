"""Waiting for a provider that is overloaded."""

from __future__ import annotations

import pytest

from orchestrator.rules.patience import pause


@pytest.mark.parametrize(("times", "least", "most"), [(1, 10, 20), (2, 30, 60), (3, 60, 120), (9, 60, 120)])
def test_f12_each_wait_is_longer_than_the_one_before_and_within_its_bounds(times: int, least: int, most: int) -> None:
    waits = [pause(f"acme-web-{number}-1", times).total_seconds() for number in range(200)]
    assert least <= min(waits) < least + (most - least) / 5
    assert most - (most - least) / 5 < max(waits) <= most


def test_f12_a_wait_decided_twice_is_the_same_wait() -> None:
    assert pause("acme-web-1-1", 2) == pause("acme-web-1-1", 2)
