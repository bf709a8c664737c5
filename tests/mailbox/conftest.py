"""A mailbox in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.mailbox.store import Mailbox


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "runtime")
