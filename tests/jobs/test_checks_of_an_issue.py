"""The checks that an issue names: whose commands are run, and which files are looked for."""

from __future__ import annotations

import pytest

from orchestrator.jobs.work import checks
from orchestrator.model.task import Trust
from tests import make


@pytest.mark.parametrize(
    ("trust", "names"), [(Trust.MAINTAINER, ["command: make"]), (Trust.CONTRIBUTOR, []), (Trust.UNTRUSTED, [])]
)
def test_s79_a_stranger_s_command_is_never_run(trust: Trust, names: list[str]) -> None:
    task = make.task(trust=trust, acceptance=("command: make", "file: index.html"))
    assert list(checks.commands_of_the_issue(task)) == names
