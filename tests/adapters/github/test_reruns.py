from __future__ import annotations

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import CheckState
from orchestrator.ports import Unavailable
from sandbox.github import GitHub
from tests.adapters.github.desk import REPO, Odd
from tests.adapters.github.test_checks import WORKFLOW


def failed_run(hub: GitHub, github: GitHubClient) -> int:
    hub.ci_enabled = True
    sha = hub.push_commit(REPO, "agent/1", {".github/workflows/ci.yml": WORKFLOW.format(command="exit 1")})
    assert hub.ci_idle(30)
    assert [check.state for check in github.checks(REPO, sha, [])] == [CheckState.FAILURE]
    return next(iter(hub.repo(REPO).runs))


def test_the_failed_jobs_run_once_more(hub: GitHub, github: GitHubClient) -> None:
    number = failed_run(hub, github)
    assert github.rerun_failed(REPO, number)
    assert hub.ci_idle(30)
    assert hub.repo(REPO).runs[number].attempt == 2


@pytest.mark.parametrize("status", [403, 404, 409])
def test_what_github_will_not_run_again_is_told(status: int, odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "This workflow is already running"}, status)
    assert not odd_github.rerun_failed(REPO, 5)


def test_a_limit_or_trouble_is_no_answer(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "boom"}, 500)
    with pytest.raises(Unavailable):
        odd_github.rerun_failed(REPO, 5)
    odd.answers.clear()
    odd.say({"message": "You have exceeded a secondary rate limit"}, 403)
    with pytest.raises(Unavailable, match="rate limit"):
        odd_github.rerun_failed(REPO, 5)
