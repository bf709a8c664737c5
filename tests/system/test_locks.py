"""A lock is held as long as anybody has a copy of its descriptor, and not an instant longer."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchestrator.system import locks

ROOT = Path(__file__).parents[2]


def holder(path: Path) -> subprocess.Popen[bytes]:
    """A process that holds the lock until its input ends."""
    script = f"""
from orchestrator.system import locks; from pathlib import Path; import sys
held = locks.take(Path({str(path)!r})); print("held" if held else "refused", flush=True); sys.stdin.read()"""
    started = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert started.stdout is not None
    assert started.stdout.readline() == b"held\n"
    return started


def kept(fd: int) -> subprocess.Popen[bytes]:
    """Another program that was handed a descriptor and keeps it until its input ends."""
    return subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[fd])


def test_s73_the_second_taker_is_refused_at_once_and_the_next_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "queue.lock"
    first = locks.take(path)
    assert first is not None
    assert locks.take(path) is None
    first.release()
    with locks.take(path) or pytest.fail("still held"):
        assert not locks.is_free(path)
    assert locks.is_free(path)


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "task.lock"
    with holder(path) as process:
        assert locks.take(path) is None
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    assert locks.is_free(path)


def test_a_lock_handed_on_is_held_until_its_last_holder_ends(tmp_path: Path) -> None:
    path = tmp_path / "task.lock"
    held = locks.take(path)
    assert held is not None
    with kept(held.fd) as agent:
        held.release()
        assert not locks.is_free(path)
        agent.communicate(timeout=10)
    assert locks.is_free(path)


def test_a_lock_is_not_handed_on_by_accident(tmp_path: Path) -> None:
    held = locks.take(tmp_path / "task.lock")
    assert held is not None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as bystander:
        held.release()
        assert locks.is_free(tmp_path / "task.lock")
        bystander.communicate(timeout=10)


def test_a_shared_copy_keeps_the_lock_after_the_first_is_released(tmp_path: Path) -> None:
    held = locks.take(tmp_path / "task.lock")
    assert held is not None
    copy = held.share()
    held.release()
    assert not locks.is_free(tmp_path / "task.lock")
    os.close(copy)
    assert locks.is_free(tmp_path / "task.lock")


def test_an_inherited_descriptor_is_adopted_only_if_it_is_that_lock(tmp_path: Path) -> None:
    held = locks.take(tmp_path / "task.lock")
    assert held is not None
    with locks.adopt(tmp_path / "task.lock", held.share()) as adopted:
        held.release()
        assert not locks.is_free(adopted.path)
    with (tmp_path / "other").open("w") as other, pytest.raises(ValueError, match="is not the lock"):
        locks.adopt(tmp_path / "task.lock", other.fileno())
    with pytest.raises(ValueError, match="is not the lock"):
        locks.adopt(tmp_path / "task.lock", 987)


def test_looking_disturbs_no_taker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, lock = tmp_path / "queue.lock", fcntl.flock
    with path.open("w") as looker:
        lock(looker, fcntl.LOCK_SH)

        def look_away_after_the_first_try(fd: int, operation: int) -> None:
            monkeypatch.setattr(fcntl, "flock", lock)
            try:
                lock(fd, operation)
            finally:
                lock(looker, fcntl.LOCK_UN)

        monkeypatch.setattr(fcntl, "flock", look_away_after_the_first_try)
        with locks.take(path) or pytest.fail("a look cost the lock"):
            assert not locks.is_free(path)


def test_two_who_look_at_once_do_not_take_each_other_for_an_owner(tmp_path: Path) -> None:
    with (tmp_path / "task.lock").open("w") as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        assert locks.is_free(tmp_path / "task.lock")


def test_a_lock_whose_file_was_deleted_before_it_was_locked_keeps_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lock = tmp_path / "task.lock", fcntl.flock

    def delete_in_the_gap(fd: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        path.unlink()
        lock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", delete_in_the_gap)
    with locks.take(path) or pytest.fail("not taken"):
        assert locks.take(path) is None


def test_the_owner_is_written_down_for_people(tmp_path: Path) -> None:
    with locks.take(tmp_path / "task.lock") or pytest.fail("not taken"):
        assert locks.owner(tmp_path / "task.lock").startswith(f"pid {os.getpid()} since 2")
    assert locks.owner(tmp_path / "none.lock") == ""
    assert locks.is_free(tmp_path / "none.lock")


def test_a_released_lock_has_no_descriptor_to_hand_on(tmp_path: Path) -> None:
    held = locks.take(tmp_path / "task.lock")
    assert held is not None
    held.release()
    held.release()
    with pytest.raises(ValueError, match="is released"):
        held.share()


def test_waiting_takes_a_lock_as_soon_as_it_is_free_and_gives_up_in_time(tmp_path: Path) -> None:
    place = tmp_path / "a.lock"
    held = locks.take(place)
    assert held is not None
    assert locks.wait(place, 0.05) is None
    threading.Timer(0.1, held.release).start()
    found = locks.wait(place, 20)
    assert found is not None
    found.release()


def test_any_number_share_a_lock_and_keep_out_whoever_wants_it_alone(tmp_path: Path) -> None:
    one, two = locks.join(tmp_path / "x.lock"), locks.join(tmp_path / "x.lock")
    assert one is not None
    assert two is not None
    assert locks.take(tmp_path / "x.lock") is None
    one.release()
    assert locks.take(tmp_path / "x.lock") is None
    two.release()
    held = locks.take(tmp_path / "x.lock")
    assert held is not None
    with held:
        assert locks.join(tmp_path / "x.lock") is None
