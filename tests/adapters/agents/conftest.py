"""A bench per test: in the sandbox, and where it must hold without one too, in both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.config.schema import SandboxMode
from tests.adapters.agents.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "bench")
    yield made
    os.close(made.lock_fd)


@pytest.fixture(params=list(SandboxMode), ids=str)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "bench", mode=request.param)
    yield made
    os.close(made.lock_fd)
