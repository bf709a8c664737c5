"""Issues that wait for one another."""

from __future__ import annotations

from orchestrator.rules.dependencies import circle


def test_u03_two_that_wait_for_one_another_are_a_circle_from_either_side() -> None:
    waits = {1: [2], 2: [1]}
    assert (circle(1, waits), circle(2, waits)) == ((1, 2, 1), (2, 1, 2))


def test_u03_a_long_way_round_is_found_and_its_shortest_is_told() -> None:
    assert circle(1, {1: [2, 5], 2: [3], 3: [4], 4: [1], 5: [4]}) == (1, 5, 4, 1)


def test_who_waits_for_a_circle_or_for_a_chain_stands_in_none() -> None:
    assert circle(9, {9: [1], 1: [2], 2: [1]}) == ()
    assert circle(1, {1: [2], 2: [3]}) == ()
    assert circle(1, {}) == ()
