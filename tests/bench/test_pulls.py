"""Ten pull requests at once, and fifty on which nothing happens; and what may not be is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.pulls import quiet, together
from sandbox.github import repository as git


@pytest.mark.parametrize("wish", [together.Wish(), together.Wish(pulls=4, is_protected=False)], ids=["protected", "unprotected"])
def test_p8_s55_pull_requests_that_meet_are_all_merged_or_handed_over_and_main_is_green_at_every_commit(
    tmp_path: Path, wish: together.Wish
) -> None:
    with together.place(tmp_path, wish) as here:
        found = together.run(here)
    assert found.breaches == ()
    assert found.merged + found.handed_over == wish.pulls
    assert found.merged >= wish.pulls - together.SHARED + 1
    assert found.branch_runs <= found.least_runs + 2 * together.SHARED, "each conflict may cost runs, the others none"


def test_a_main_that_was_red_and_a_tree_that_nobody_tested_are_seen(tmp_path: Path) -> None:
    with together.place(tmp_path, together.Wish(pulls=0)) as here:
        before = here.github.head_of(together.REPO, "main")
        assert before is not None
        here.github.push_commit(together.REPO, "main", {"web/numbers.py": "def double(x):\n    return 3 * x\n"}, author="alice")
        together.settle_ci(here)
        told = list(together.breaches(here, before))
        assert git.git(here.github.repo(together.REPO).path, "rev-list", "--count", f"{before}..main").strip() == "1"
    assert [sentence.split(" ", 2)[0:2] for sentence in told] == [["main", "was"], ["the", "tree"], ["main", "moved"]]


def test_p7_an_idle_tick_with_fifty_pull_requests_asks_three_times_and_writes_nothing(tmp_path: Path) -> None:
    with quiet.place(tmp_path) as here:
        seen = quiet.run(here)
        held = len(here.office.letters("review"))
    assert held == quiet.PULLS
    assert seen.writes == []
    assert len(seen.requests) <= quiet.MOST_REQUESTS, [f"{one.method} {one.path}" for one in seen.requests]
