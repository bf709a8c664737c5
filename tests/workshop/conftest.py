"""A real repository on the other side, our gate of it, and a working copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workshop.forge import Forge


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path)
