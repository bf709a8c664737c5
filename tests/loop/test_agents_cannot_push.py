"""An agent that tries to push: it has no credential, no remote, and only branches of ours are ever pushed for it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.adapters.github.addresses import git_url
from orchestrator.workshop.gate import Gate
from tests.loop.town import REPO, Town
from tests.workshop.forge import IDENTITY

RESULT = "STATUS: complete\\nBLOCKER_CODE: none\\nSUMMARY: Said hello.\\n"


def pushes(*tries: str) -> dict[str, object]:
    """An agent with all of the network that works, commits and tries to push in each of these ways."""
    who = "git -c user.name=x -c user.email=x@y.z"
    steps = ["cat >/dev/null", "echo hello >> README.md", f"{who} commit -qam mine", *(f"{one} || echo refused" for one in tries)]
    return {"command": ["/bin/sh", "-c", "; ".join([*steps, f"printf '{RESULT}' > .agent_result.md"])], "network": "full"}


def test_a13_a15_a_headless_push_to_main_has_no_credential_whatever_is_unset_or_skipped(settle: Callable[..., Town]) -> None:
    here = settle(chain=("first",))
    address = shlex.quote(git_url(here.github.api_url, REPO))
    before = here.github.head_of(REPO, "main")
    agent = pushes(
        "git push origin HEAD:main",
        f"git push {address} HEAD:main",
        f"env -u GIT_CONFIG_NOSYSTEM -u GIT_TERMINAL_PROMPT git push --no-verify {address} HEAD:main </dev/null",
        f"git push --force {address} HEAD:agent/stolen",
    )
    told = here.office.folder / "config.yaml"
    told.write_text(json.dumps({**json.loads(told.read_text()), "agents": {"first": agent}}))
    here.file("Say hello")
    flag = here.pause("pr_monitor")
    here.until_in("review")
    here.rest()
    log = next((here.office.runtime / "logs").glob("*/1/agent.log")).read_text()
    flag.unlink()
    assert log.count("refused") == 4, log
    assert here.github.head_of(REPO, "main") == before
    assert here.github.head_of(REPO, "agent/stolen") is None


@pytest.mark.parametrize(
    "branch",
    [
        "main",
        "master",
        "trunk",
        "dev",
        "HEAD",
        "refs/heads/main",
        "feature/main",
        "agent",
        "agent/",
        "agent/../main",
        "tags/v1",
        ":main",
    ],
)
def test_a05_a14_nothing_but_our_own_branches_is_ever_pushed_or_deleted(tmp_path: Path, branch: str) -> None:
    gate = Gate(tmp_path / "repos", REPO, str(tmp_path / "nowhere"), lambda: None, identity=IDENTITY, confined=False)
    with pytest.raises(ValueError, match="only branches under agent/"):
        gate.push(branch, "a" * 40, None)
