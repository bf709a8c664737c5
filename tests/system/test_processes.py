"""A process gets its arguments, its environment and its time, and leaves nobody behind."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.system import locks, processes

ENV = {"PATH": os.environ["PATH"]}


def sh(script: str, timeout: float = 30, **more: bytes | int) -> processes.Finished:
    """Run a shell script as the real process of a test."""
    return processes.run(["sh", "-c", script], env=ENV, timeout=timeout, **more)  # type: ignore[arg-type]  # stdin and limit


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Look again until the condition holds; fail after `seconds`."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not come true in time"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_it_said_and_how_it_ended_come_back() -> None:
    assert sh("echo out; echo err >&2; exit 3") == processes.Finished(3, b"out\n", b"err\n")
    assert sh("kill -9 $$").code == -9


def test_arguments_are_never_read_by_a_shell() -> None:
    assert processes.run(["echo", "$HOME; `id`"], env=ENV, timeout=10).out == b"$HOME; `id`\n"


def test_s81_it_sees_the_environment_it_is_given_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    assert b"secret" not in processes.run(["env"], env={**ENV, "MINE": "1"}, timeout=10).out
    assert b"MINE=1" in processes.run(["env"], env={**ENV, "MINE": "1"}, timeout=10).out


def test_more_input_and_output_than_a_pipe_holds_passes_through() -> None:
    assert sh("cat", stdin=b"x" * 1_000_000).out == b"x" * 1_000_000


def test_input_that_nobody_reads_is_no_error() -> None:
    assert sh("exec <&-; sleep 0.1", stdin=b"x" * 1_000_000).code == 0


def test_output_is_cut_at_the_limit_and_the_process_still_ends() -> None:
    done = sh("head -c 3000000 /dev/zero; echo end >&2", limit=1000)
    assert (done.code, len(done.out), done.err) == (0, 1000, b"end\n")


def test_what_runs_too_long_is_ended_with_all_its_children_and_says_what_it_said(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(processes.TimedOut, match="sh -c did not end within") as stopped:
        sh(f"trap '' TERM; sleep 60 & echo $! $$ > {pids}; echo said; wait", timeout=1)
    assert stopped.value.out == b"said\n"
    wait_until(lambda: not any(is_running(int(pid)) for pid in pids.read_text().split()))


def test_it_is_asked_before_it_is_killed(tmp_path: Path) -> None:
    with pytest.raises(processes.TimedOut):
        sh(f"trap 'touch {tmp_path}/tidied; exit' TERM; while :; do sleep 0.01; done", timeout=5)
    assert (tmp_path / "tidied").exists()


def test_what_it_left_in_its_group_is_ended_when_it_ends(tmp_path: Path) -> None:
    sh(f"sleep 60 & echo $! > {tmp_path}/pid")
    wait_until(lambda: not is_running(int((tmp_path / "pid").read_text())))


def test_a_daemon_that_keeps_the_pipe_open_does_not_keep_us_waiting(tmp_path: Path) -> None:
    began = time.monotonic()
    done = sh(f"setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 30' & echo said; while ! test -s {tmp_path}/pid; do :; done")
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert done.out == b"said\n"
    assert time.monotonic() - began < 20, "the daemon sleeps for 30 s"


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        processes.run(["no-such-program"], env=ENV, timeout=1)


def test_a_run_leaves_no_descriptor_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    sh("echo x", stdin=b"unread")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_detached_process_outlives_its_starter_in_its_own_session(tmp_path: Path) -> None:
    script = f"""
import os; from pathlib import Path; from orchestrator.system import processes
print(processes.start_detached(["sleep", "60"], env=dict(os.environ), log=Path({str(tmp_path / "log")!r})))"""
    said = subprocess.run(["python3", "-c", script], cwd=Path(__file__).parents[2], capture_output=True, check=True).stdout
    pid = int(said)
    try:
        wait_until(lambda: b"sleep" in Path(f"/proc/{pid}/cmdline").read_bytes())
        assert os.getsid(pid) == pid
    finally:
        processes.end_group(pid)
    wait_until(lambda: not is_running(pid))


def test_a_detached_process_writes_to_its_log_and_reads_nothing(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "worker.log"
    for word in ("one", "two"):
        processes.start_detached(["sh", "-c", 'cat; echo "$1"; pwd >&2', "sh", word], env=ENV, log=log, cwd=Path("/"))
        wait_until(lambda: log.read_text().endswith("/\n") and word in log.read_text())  # noqa: B023 - waited for in this turn
    assert log.read_text() == "one\n/\ntwo\n/\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_lock_is_handed_on_to_a_detached_process(tmp_path: Path) -> None:
    held = locks.take(tmp_path / "task.lock")
    assert held is not None
    pid = processes.start_detached(["sleep", "60"], env=ENV, log=tmp_path / "log", pass_fds=[held.fd])
    held.release()
    assert not locks.is_free(tmp_path / "task.lock")
    processes.end_group(pid)
    wait_until(lambda: locks.is_free(tmp_path / "task.lock"))


def test_a_detached_program_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        processes.start_detached(["no-such-program"], env=ENV, log=tmp_path / "log")
