"""The agents that do not end, or leave something behind that does not."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.sandbox.agents.conftest import AGENTS, ENV, Play
from tests.sandbox.agents.waiting import until

PROMPT = "append README.md: hello\n"


@contextmanager
def started(agent: str, copy: Path, *flags: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Start an agent with a prompt, its stdout in a file; end it by its pid."""
    (copy.parent / "prompt").write_text(PROMPT)
    with (copy.parent / "prompt").open() as prompt, (copy.parent / "out").open("wb") as out:
        process = subprocess.Popen([AGENTS / agent, *flags], cwd=copy, env=ENV, stdin=prompt, stdout=out)
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)


def printed(copy: Path) -> str:
    return (copy.parent / "out").read_text()


def rests(process: "subprocess.Popen[bytes]") -> bool:
    """Whether the process has read its whole prompt and sleeps."""
    read = Path(f"/proc/{process.pid}/fdinfo/0").read_text().split()[1]
    return int(read) == len(PROMPT) and state(process.pid) == "S"


def state(pid: int) -> str:
    """Give the process's state, one letter (proc(5)); Z when it is gone or waits to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def test_hang_prints_one_line_and_stays(copy: Path) -> None:
    with started("hang", copy) as process:
        until(lambda: rests(process))
        assert printed(copy) == "starting\n"
        assert process.poll() is None
        assert list(copy.iterdir()) == []


def test_silent_prints_nothing_and_stays(copy: Path) -> None:
    with started("silent", copy) as process:
        until(lambda: rests(process))
        assert printed(copy) == ""
        assert process.poll() is None


def test_daemon_completes_and_something_of_another_session_writes_on(copy: Path) -> None:
    try:
        with started("daemon", copy) as process:
            assert process.wait(timeout=20) == 0
            session = os.getsid(0)
        pid = daemon_pid(copy)
        assert os.getsid(pid) not in {session, process.pid}
        size = heartbeat(copy)
        until(lambda: heartbeat(copy) > size)
        assert (copy / ".agent_result.md").read_text().startswith("STATUS: complete\n")
    finally:
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(daemon_pid(copy), signal.SIGKILL)


def test_a_daemon_s_life_can_be_bounded(copy: Path) -> None:
    with started("daemon", copy, "--lifetime", "0.2") as process:
        assert process.wait(timeout=20) == 0
    until(lambda: state(daemon_pid(copy)) == "Z")


def test_a_pause_spreads_the_progress_lines(play: Play) -> None:
    played = play("complete", "append README.md: hello\n", "--pause", "0.05")
    assert played.out.decode().splitlines() == ["reading the task", "editing README.md", "writing the result"]


def daemon_pid(copy: Path) -> int:
    until(lambda: (copy / "daemon.pid").exists() and (copy / "daemon.pid").read_text().endswith("\n"))
    return int((copy / "daemon.pid").read_text())


def heartbeat(copy: Path) -> int:
    beat = copy / "heartbeat.txt"
    return beat.stat().st_size if beat.exists() else 0
