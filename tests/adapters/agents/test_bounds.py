"""What a run may take of memory and disk, and the signs that end it early."""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator.adapters.agents import footprint, runner, signs, talk, watchdog
from orchestrator.adapters.agents.footprint import Weigher, memory_of
from orchestrator.adapters.agents.limits import agent_limits
from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.runner import Ended, Limits, Start
from orchestrator.model.agent import RunEnd
from tests.adapters.agents.bench import Bench, wait_until
from tests.adapters.agents.test_workbench import log_of, run

MIB = 1 << 20
RESULT = "printf 'STATUS: complete\\nBLOCKER_CODE: none\\nSUMMARY: did it\\n' > .agent_result.md"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look ten times as often."""
    monkeypatch.setattr(watchdog, "PAUSE_SECONDS", 0.1)


def hungry(mib: int) -> str:
    return f"python3 -c \"x = b'x' * ({mib} << 20); print('full', flush=True); import time; time.sleep(60)\""


def test_t14_a_run_that_takes_too_much_memory_is_ended(either: Bench) -> None:
    told = run(either, hungry(200), max_memory_mib=150)
    assert (told.end, told.exit_code) == (RunEnd.OUT_OF_MEMORY, None)
    assert b"MiB of memory; at most 150 are allowed: it is ended" in log_of(either)


def test_t14_memory_of_all_its_processes_counts_together(either: Bench) -> None:
    told = run(either, f"{hungry(90)} & {hungry(90)} & wait", max_memory_mib=150)
    assert told.end is RunEnd.OUT_OF_MEMORY


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_t14_files_that_are_kept_in_memory_count_as_memory(bench: Bench, folder: str) -> None:
    told = run(bench, f"head -c 200M /dev/zero > {folder}/full; sleep 60", max_memory_mib=150)
    assert told.end is RunEnd.OUT_OF_MEMORY


def test_a_run_within_its_memory_is_left_alone(either: Bench) -> None:
    assert run(either, "python3 -c \"x = b'x' * (50 << 20); import time; time.sleep(0.5)\"", max_memory_mib=150).is_green


@pytest.mark.parametrize("place", ["full", "~/full"])
def test_s76_a_run_whose_folders_grow_too_large_is_ended(either: Bench, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_WALK_REST_SECONDS", 0.1)
    told = run(either, f"sleep 0.3; head -c 30M /dev/zero > {place}; sleep 60", largest_mib=20)
    assert told.end is RunEnd.OUT_OF_DISK
    assert b"at most 20 are allowed" in log_of(either)


def test_s76_p15_a_run_is_ended_before_the_disk_is_full(either: Bench) -> None:
    free = shutil.disk_usage(either.work).free // MIB
    told = run(either, "sleep 60", spare_disk_mib=2 * free)
    assert told.end is RunEnd.OUT_OF_DISK
    assert f"{2 * free} must stay free".encode() in log_of(either)


def cancel_once_up(bench: Bench, sign: Path) -> None:
    wait_until((bench.work / "up").exists)
    sign.parent.mkdir(parents=True, exist_ok=True)
    sign.touch()


@pytest.mark.parametrize("place", ["acme-web-1-1/1/cancel", "acme-web-1-1/1/run-2/checks/cancel"])
def test_a_file_named_cancel_ends_the_run(either: Bench, place: str) -> None:
    logs = either.root / "logs"
    with ThreadPoolExecutor(1) as person:
        done = person.submit(cancel_once_up, either, logs / place)
        told = run(either, "touch up; sleep 60", log=logs / "acme-web-1-1/1/run-2/checks/check.log")
        done.result()
    assert told.end is RunEnd.CANCELLED


def test_a_cancel_of_another_task_or_attempt_is_not_this_one_s(tmp_path: Path) -> None:
    folder = tmp_path / "logs/acme-web-1-1/2"
    is_cancelled = signs.cancelled(folder, "acme-web-1-1", None)
    for place in ("logs/cancel", "logs/acme-web-1-1/1/cancel", "logs/acme-web-2-1/2/cancel"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert not is_cancelled()
    folder.mkdir()
    (folder / "cancel").touch()
    assert is_cancelled()


def take_away_once_up(bench: Bench, letter: Path) -> None:
    wait_until((bench.work / "up").exists)
    letter.unlink()


def test_a_task_whose_file_is_taken_away_is_ended(either: Bench) -> None:
    letter = either.root / "task.md"
    letter.touch()
    with ThreadPoolExecutor(1) as person:
        done = person.submit(take_away_once_up, either, letter)
        told = run(either, "touch up; sleep 60", task_file=letter)
        done.result()
    assert told.end is RunEnd.CANCELLED


def finish(bench: Bench, script: str, **limits: float) -> Ended:
    """One plain process; the limits of an agent that may be silent for a minute."""
    order = bench.order(silence_seconds=limits.get("silence", 60), first_byte_seconds=60)
    made = agent_limits(order, home=bench.home, memory_mib=1000, wall_seconds=60)
    start = Start(argv=["/bin/sh", "-c", script], env=dict(os.environ), folder=bench.work, inherited=())
    with Log(bench.root / "logs/agent.log") as log:
        return runner.run(start, b"", log, made)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FINISHED_SECONDS", 0.3)
    monkeypatch.setattr(runner, "CLOSED_SECONDS", 0.2)
    monkeypatch.setattr(runner, "_LOOK_SECONDS", 0.1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("after", ["", "exec >&- 2>&-; "], ids=["silent", "closed"])
def test_a02_p12_an_agent_that_has_finished_and_does_not_go_is_ended_as_finished(bench: Bench, after: str) -> None:
    told = finish(bench, f"echo working; {RESULT}; {after}sleep 60")
    assert (told.end, told.exit_code) == (RunEnd.EXITED, 0)
    assert told.seconds < 30
    assert b"ended as finished" in bench.log


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("result", ["", "STATUS: maybe"])
def test_p12_one_without_a_whole_result_may_be_silent_as_long_as_any(bench: Bench, result: str) -> None:
    told = finish(bench, f"echo '{result}' > .agent_result.md; echo x; sleep 60", silence=1.0)
    assert told.end is RunEnd.FELL_SILENT


@pytest.mark.usefixtures("impatient")
def test_p12_a_result_from_before_is_no_sign_of_the_end(bench: Bench) -> None:
    (bench.work / ".agent_result.md").write_text("STATUS: complete\nBLOCKER_CODE: none\nSUMMARY: earlier\n")
    assert finish(bench, "echo x; sleep 60", silence=1.0).end is RunEnd.FELL_SILENT


@pytest.mark.usefixtures("impatient")
def test_one_that_has_left_its_result_and_speaks_on_is_listened_to(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FINISHED_SECONDS", 8)
    told = finish(bench, f"{RESULT}; for i in $(seq 18); do echo $i; sleep 0.5; done; exit 5")
    assert (told.end, told.exit_code) == (RunEnd.EXITED, 5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("result", [RESULT, "true"], ids=["finished", "silent"])
def test_what_came_while_the_machine_held_us_up_is_heard_before_anybody_is_called_silent(bench: Bench, result: str) -> None:
    """The agent stops the one who listens for longer than it may be silent, and ends meanwhile."""
    ended = "grep -q '^State:.Z' /proc/$$/status"
    go_on = f"for i in $(seq 200); do if {ended}; then break; fi; sleep 0.1; done; kill -CONT {os.getpid()}"
    told = finish(
        bench, f"{result}; echo working; kill -STOP {os.getpid()}; sleep 1.5; {{ {go_on}; }} & echo x; exit 5", silence=1.0
    )
    assert (told.end, told.exit_code) == (RunEnd.EXITED, 5)


def test_the_end_is_seen_at_once_whatever_the_watchdog_does(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "PAUSE_SECONDS", 60)
    monkeypatch.setattr(talk, "_DRAIN_SECONDS", 60)
    told = run(bench, "true")
    assert told.is_green
    assert told.seconds < 30


def test_memory_is_that_of_the_tree_and_of_nobody_else() -> None:
    own = memory_of(os.getpid(), None)
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * footprint.PAGE
    assert own > 0.9 * resident > MIB  # the two are not read in the same instant
    assert memory_of(2**22 + 1, None) == 0  # above the largest number that a process can have


def test_folders_are_weighed_in_portions_and_links_are_not_followed(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"a/{number}").mkdir(parents=True)
        (tmp_path / f"a/{number}/file").write_bytes(b"x" * 8192)
    (tmp_path / "a/out").symlink_to("/usr")
    weigher = Weigher([tmp_path / "a", tmp_path / "absent"], rest_seconds=0.05, share=1)
    assert weigher.weigh(0) < 50 * 8192
    wait_until(lambda: weigher.weigh(0) >= 50 * 8192)
    assert weigher.weigh(1) < 100 * 8192


def test_no_limit_is_no_thread_that_stays(bench: Bench) -> None:
    import threading

    before = set(threading.enumerate())
    start = Start(argv=[sys.executable, "-c", ""], env={}, folder=bench.work, inherited=())
    with Log(bench.root / "logs/agent.log") as log:
        runner.run(start, b"", log, Limits(first_byte=20, silence=20, wall=20))
    assert not set(threading.enumerate()) - before


def test_an_agent_s_entry_bounds_its_memory(bench: Bench) -> None:
    told = bench.shell(hungry(200), max_memory_mib=150).run(bench.order())
    assert (told.end, told.exit_code) == (RunEnd.OUT_OF_MEMORY, None)


def test_an_agent_is_cancelled_by_a_file_in_its_attempt_s_folder(bench: Bench) -> None:
    with ThreadPoolExecutor(1) as person:
        done = person.submit(cancel_once_up, bench, bench.root / "logs/cancel")
        told = bench.shell("touch up; sleep 60").run(bench.order())
        done.result()
    assert told.end is RunEnd.CANCELLED


@pytest.mark.usefixtures("impatient")
def test_a02_an_agent_that_hangs_in_the_sandbox_after_its_result_is_ended_as_finished(either: Bench) -> None:
    told = either.shell(f"echo working; {RESULT}; sleep 60").run(either.order())
    assert (told.end, told.exit_code) == (RunEnd.EXITED, 0)
