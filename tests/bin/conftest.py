"""A scratch checkout for every test of the scripts."""

from pathlib import Path

import pytest

from tests.bin.checkout import Checkout, make


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return make(tmp_path)
