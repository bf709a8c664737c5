"""A running stand-in for each test; at the end it must have made no mistake of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.github import GitHub
from tests.sandbox.github.office import Office


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with GitHub(tmp_path / "github") as running:
        yield running
        assert running.problems == []


@pytest.fixture
def office(github: GitHub) -> Iterator[Office]:
    company = Office(github)
    yield company
    company.close()
