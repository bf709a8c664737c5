"""The town of a scenario, made anew for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.loop.town import Town, town


@pytest.fixture
def settle(tmp_path: Path) -> Iterator[Callable[..., Town]]:
    """Make a town with settings of one's own."""
    with ExitStack() as stack:

        def make(**more: Any) -> Town:
            return stack.enter_context(town(tmp_path, **more))

        yield make


@pytest.fixture
def here(settle: Callable[..., Town]) -> Town:
    """A town with the usual settings."""
    return settle()
