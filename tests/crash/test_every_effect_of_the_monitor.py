"""kill -9 before any effect of the PR monitor while it merges by fast-forward, reruns, repairs, rebuilds, or stops merges.

Here some effects of each are tried; `python -m tests.crash.table --job NAME` tries each.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash import monitor
from tests.loop.town import Town

MOST = {"fast-forward": 150, "rerun": 80, "repair": 108, "rebuild": 124, "stop": 160}
TRIED = 4


def points(name: str) -> list[int]:
    """The numbers of the effects that are tried, evenly among all of that tick."""
    return [(number + 1) * MOST[name] // (TRIED + 1) for number in range(TRIED)]


@pytest.mark.parametrize(("name", "n"), [(name, n) for name in monitor.SCENES for n in points(name)])
def test_s72_the_pr_monitor_may_die_anywhere_in(settle: Callable[..., Town], name: str, n: int) -> None:
    scene = monitor.SCENES[name]
    died, _ = monitor.run(scene, settle(**scene.settings), n)
    assert died


@pytest.mark.parametrize("name", monitor.SCENES)
def test_there_is_something_to_die_before(settle: Callable[..., Town], name: str) -> None:
    scene = monitor.SCENES[name]
    died, _ = monitor.run(scene, settle(**scene.settings), 3)
    assert died
