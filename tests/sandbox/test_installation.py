"""Whose a process is can be told at every moment of its life."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from sandbox.installation import environment_of

TURNS = 'test "$1" = 0 || exec /bin/sh "$0" $(($1 - 1))'


def test_a_process_that_becomes_another_program_has_an_environment_all_the_while(tmp_path: Path) -> None:
    (tmp_path / "turns").write_text(TURNS)
    seen: list[dict[str, str]] = []
    with subprocess.Popen(["/bin/sh", str(tmp_path / "turns"), "500"], env={"WHOSE": "ours"}) as process:
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                found = environment_of(psutil.Process(process.pid))
                seen += [found] if process.poll() is None else []
    assert seen
    assert all(found["WHOSE"] == "ours" for found in seen)
