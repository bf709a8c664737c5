"""Limits end an agent with all that it started, and what it wrote until then is kept."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import psutil
import pytest

from orchestrator.adapters.agents import runner
from orchestrator.config.schema import Network
from orchestrator.model.agent import RunEnd
from tests.adapters.agents.bench import Bench, long_enough, wait_until

DAEMONS = {
    "background": "{beat} &",
    "nohup": "nohup {beat} >/dev/null 2>&1 &",
    "new session": "setsid {beat} >/dev/null 2>&1 < /dev/null &",
    "double fork": "( ( setsid {beat} >/dev/null 2>&1 </dev/null & ) & ) ;",
    "deaf to TERM": "( trap '' TERM HUP INT; {beat} ) >/dev/null 2>&1 &",
    "closed descriptors": "setsid sh -c '{beat}' >&- 2>&- <&- &",
}
BEAT = "sh beat.sh"


def write_beat(bench: Bench) -> None:
    """A script that never ends and whose life can be seen from outside: its file grows."""
    (bench.work / "beat.sh").write_text("while :; do echo x >> beat; sleep 0.01; done\n")


def working_folders() -> set[str]:
    """Where every process of the machine works; one whose folder cannot be read is none of ours."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            found.add(os.readlink(link))
    return found


def assert_nothing_is_left(bench: Bench) -> None:
    """The file stopped growing, and no process is in the working copy."""
    beats = bench.work / "beat"
    size = beats.stat().st_size
    assert str(bench.work) not in working_folders()
    time.sleep(0.1)  # ten beats of one that lives
    assert beats.stat().st_size == size > 0


@pytest.mark.parametrize("way", DAEMONS)
def test_s67_nothing_is_left_of_an_agent_that_ended_and_left_daemons(either: Bench, way: str) -> None:
    write_beat(either)
    run = either.run(DAEMONS[way].format(beat=BEAT) + " while ! [ -s beat ]; do sleep 0.01; done; echo done")
    assert (run.end, run.tail) == (RunEnd.EXITED, "done\n")
    assert_nothing_is_left(either)


@pytest.mark.parametrize("way", DAEMONS)
def test_s67_nothing_is_left_of_an_agent_whose_time_is_over(either: Bench, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.3)
    write_beat(either)
    agent = either.shell(
        "trap '' TERM; echo partial work;" + DAEMONS[way].format(beat=BEAT) + " while :; do echo .; sleep 0.05; done"
    )
    run = long_enough(lambda limit: agent.run(either.order(wall_seconds=limit)), (either.work / "beat").exists)
    assert (run.end, run.exit_code) == (RunEnd.TIMED_OUT, None)
    assert run.seconds < 30
    assert b"partial work" in either.log
    assert_nothing_is_left(either)


def test_f02_an_agent_that_never_speaks_is_ended(either: Bench) -> None:
    run = either.shell("sleep 60").run(either.order(first_byte_seconds=0.4))
    assert run.end is RunEnd.NEVER_SPOKE
    assert 0.4 <= run.seconds < 30


@pytest.mark.parametrize("reading", ["", "head -c 5000 >/dev/null; "], ids=["nothing", "a little"])
def test_a01_limits_hold_while_the_agent_leaves_its_prompt_unread(either: Bench, reading: str) -> None:
    run = either.shell(f"{reading}sleep 60").run(either.order("x" * 1_000_000, first_byte_seconds=0.4))
    assert run.end is RunEnd.NEVER_SPOKE
    assert run.seconds < 30


def test_f02_an_agent_that_falls_silent_is_ended(either: Bench) -> None:
    run = either.shell("echo word; sleep 60").run(either.order(silence_seconds=0.4))
    assert (run.end, run.tail) == (RunEnd.FELL_SILENT, "word\n")


def test_each_word_starts_the_silence_anew(bench: Bench) -> None:
    run = bench.shell("for i in $(seq 18); do echo $i; sleep 0.5; done").run(bench.order(silence_seconds=8))
    assert (run.end, run.exit_code) == (RunEnd.EXITED, 0)


def test_talking_does_not_help_against_the_end_of_time(bench: Bench) -> None:
    run = bench.shell("while :; do echo .; done").run(bench.order(wall_seconds=0.5))
    assert run.end is RunEnd.TIMED_OUT


def test_closed_output_counts_as_silence(either: Bench) -> None:
    run = either.shell("echo word; exec >&- 2>&-; sleep 60").run(either.order(silence_seconds=0.4))
    assert run.end is RunEnd.FELL_SILENT


def test_a02_a_result_written_before_a_hang_is_there_afterwards(either: Bench) -> None:
    run = either.shell("echo 'STATUS: complete' > .agent_result.md; echo done; sleep 60").run(either.order(silence_seconds=0.4))
    assert run.end is RunEnd.FELL_SILENT
    assert (either.work / ".agent_result.md").read_text() == "STATUS: complete\n"


def test_an_agent_is_asked_to_end_before_it_is_made_to(either: Bench) -> None:
    script = "trap 'echo saved > saved; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    either.shell(script).run(either.order(silence_seconds=0.4))
    assert (either.work / "saved").read_text() == "saved\n"


WORKER = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from typing import TextIO
from tests.adapters.agents.bench import Bench, SandboxMode
bench = Bench(Path({folder!r}), mode=SandboxMode({mode!r}))
(bench.work / "beat.sh").write_text("while :; do echo x >> beat; sleep 0.01; done\\n")
bench.run("setsid sh beat.sh >/dev/null 2>&1 & echo up; exec sleep 120")
"""


def is_free(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("mode", ["bubblewrap", "none"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_s66_u08_the_agent_dies_with_its_worker_and_holds_the_lock_until_then(tmp_path: Path, mode: str, how: int) -> None:
    folder, root = tmp_path / "bench", Path(__file__).parents[3]
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(root=str(root), folder=str(folder), mode=mode)])
    wait_until((folder / "work/beat").exists)
    descendants = psutil.Process(worker.pid).children(recursive=True)
    with (folder / "lock").open() as lock:
        assert not is_free(lock)
        os.kill(worker.pid, how)
        worker.wait()
        wait_until(lambda: is_free(lock))
    wait_until(lambda: not any(process.is_running() for process in descendants))
    assert len(descendants) >= 3


def test_two_runs_in_a_row_leave_no_descriptor_and_no_child(either: Bench) -> None:
    def open_now() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(psutil.Process().children(recursive=True))

    either.run("true")
    before = open_now()
    either.run("sleep 9 & true")
    either.shell("sleep 9").run(either.order(first_byte_seconds=0.5))
    assert open_now() == before


THIEF = """
import ctypes, fcntl, os
libc = ctypes.CDLL(None)
taken = []
for process in (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()):
    held = libc.syscall(434, process, 0)  # pidfd_open
    taken += [fd for number in range(300) if (fd := libc.syscall(438, held, number, 0)) >= 0]  # pidfd_getfd
for fd in taken:
    try:
        fcntl.flock(fd, fcntl.LOCK_UN)
    except OSError:
        pass
print(len(taken), sorted({os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in taken}), flush=True)
open("tried", "w")
while not os.path.exists("go"):
    pass
"""


@pytest.mark.parametrize("network", [Network.NONE, Network.MODEL_ONLY])
def test_s66_an_agent_cannot_give_away_the_lock_of_its_task(bench: Bench, network: Network) -> None:
    agent = bench.python(THIEF, network=network, allowed_hosts=["a.example"])

    def look() -> bool:
        wait_until((bench.work / "tried").exists)
        with (bench.root / "lock").open() as lock:
            free = is_free(lock)
        (bench.work / "go").touch()
        return free

    with ThreadPoolExecutor(1) as other:
        is_given_away = other.submit(look)
        told = agent.run(bench.order())
        assert not is_given_away.result()
    assert told.tail == "4 ['anon_inode', 'pipe']\n"


def test_an_agent_that_stops_what_stands_around_it_is_ended_by_its_limits(bench: Bench) -> None:
    script = "import ctypes, os; print(ctypes.CDLL(None).ptrace(16, 1, 0, 0), flush=True); os._exit(0)"  # PTRACE_ATTACH
    told = bench.python(script).run(bench.order(silence_seconds=0.5))
    assert told.end in (RunEnd.FELL_SILENT, RunEnd.EXITED)
    assert_gone(bench)


def assert_gone(bench: Bench) -> None:
    assert not psutil.Process().children(recursive=True)
    assert str(bench.work) not in working_folders()
