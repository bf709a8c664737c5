"""What stands around an agent: a sandbox that is tried first, files read once it is gone, its own processes alone ended."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from sandbox.installation import SCRIPTED
from tests.loop.test_agents_that_misbehave import SHORT
from tests.loop.town import Town

RESULT = "STATUS: complete\\nBLOCKER_CODE: none\\nSUMMARY: Said hello.\\n"


def shell(script: str) -> dict[str, object]:
    """An agent that is a few words of shell."""
    return {"command": ["/bin/sh", "-c", f"cat > /dev/null; echo working; {script}"], "network": "none"}


def scripted(name: str) -> dict[str, object]:
    """An agent that plays what the issue says."""
    return {"command": [str(SCRIPTED), "--name", name], "network": "none"}


def test_f06_the_branch_that_an_agent_checks_out_decides_nothing(settle: Callable[..., Town]) -> None:
    git = "git -c user.name=x -c user.email=x@y.z"
    script = f"{git} switch -q -c dev && echo hello > hello.md && {git} add -A && {git} commit -qm mine; "
    here = settle(agents={"first": shell(f"{script} printf '{RESULT}' > .agent_result.md")}, chain=("first",))
    here.until_merged(here.file("Say hello"))
    assert [pull.head_ref for pull in here.pulls()] == ["agent/1-say-hello"]
    assert here.main("hello.md") == "hello\n"


def test_a17_half_a_result_file_of_an_agent_that_was_ended_is_no_result(settle: Callable[..., Town]) -> None:
    half = shell("echo hello >> README.md; printf 'STATUS: comp' > .agent_result.md; sleep 600")
    here = settle(agents={"first": half, "second": scripted("second")}, **SHORT)
    here.until_merged(here.file("Say hello", "append README.md: hello"))
    story = here.office.letters("done")[0].read_text()
    assert "· first · complete" not in story
    assert "· second · complete" in story


def test_a12_a_sandbox_that_does_not_work_is_noticed_before_anything_is_spent(here: Town) -> None:
    broken = here.office.folder / ".local" / "bin" / "bwrap"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\necho 'bwrap: Creating new namespace failed' >&2\nexit 1\n")
    broken.chmod(0o755)
    here.file("Say hello", "append README.md: hello")
    here.until(lambda: "the sandbox does not start" in here.messages())
    here.rest()
    assert "attempt: 0" in here.office.letters("inbox")[0].read_text()
    assert not list((here.office.runtime / "logs").glob("*/1/begun"))


def test_a03_only_the_attempt_s_own_processes_are_ended(settle: Callable[..., Town], tmp_path: Path) -> None:
    here = settle(**SHORT)
    same = [str(SCRIPTED.with_name("hang"))]
    with subprocess.Popen(same, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as a_person_s:
        here.until_merged(here.file("Say hello", "first agent: hang\nappend README.md: hello"))
        is_alive = a_person_s.poll() is None
        a_person_s.kill()
    assert is_alive
