"""A Telegram with one known chat for every test of the stand-in."""

from collections.abc import Iterator

import pytest

from sandbox.telegram import Telegram

CHAT = 42


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as running:
        running.add_chat(CHAT)
        yield running
