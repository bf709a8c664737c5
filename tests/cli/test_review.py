"""A task that the real jobs brought into review, asked about with the real command."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sandbox.installation import ROOT
from tests.loop.town import Town, town

TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"


def why(here: Town, about: str) -> subprocess.CompletedProcess[str]:
    argv = [str(ROOT / "bin" / "agentos"), "why", about]
    return subprocess.run(argv, env=here.office.env, capture_output=True, text=True, timeout=60)


def test_p25_a_pull_request_is_told_with_its_rules_and_the_first_that_stopped_it(tmp_path: Path) -> None:
    with town(tmp_path) as here:
        here.github.ci_enabled = False
        issue = here.file("Add triple", TRIPLE)
        here.until_proposed()
        number = issue.number + 1
        said = why(here, f"acme/web#{number}")
        assert (said.returncode, said.stderr) == (0, "")
        assert f"Its pull request acme/web#{number}: no check has started yet." in said.stdout
        assert "  ok   nothing failed\n  STOP checks are green: no check has started yet\n  -    approved" in said.stdout
        assert why(here, str(issue.number)).stdout == said.stdout
        here.rest()
