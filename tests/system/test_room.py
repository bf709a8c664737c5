"""What is free on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestrator.system import room


def test_the_free_disk_is_that_of_the_place_also_before_its_folders_are_made(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free >> 20
    assert abs(room.free_disk(tmp_path / "not" / "made") - free) < 1024
    assert room.free_disk(tmp_path) > 0


def test_memory_is_what_the_kernel_says_is_available(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal:       99 kB\nMemFree:        10 kB\nMemAvailable:   524288 kB\n")
    assert room.available_memory(tmp_path / "meminfo") == 512
    assert (room.available_memory() or 0) > 0


@pytest.mark.parametrize("text", ["", "MemTotal: 99 kB\n", "MemAvailable: much\n"])
def test_what_is_not_told_is_unknown(tmp_path: Path, text: str) -> None:
    (tmp_path / "meminfo").write_text(text)
    assert room.available_memory(tmp_path / "meminfo") is None
    assert room.available_memory(tmp_path / "absent") is None
