"""The promises of durable files that hold while everything goes well, or while the disk does not."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.system import files

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_publishing_replaces_the_content_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "state" / "stamp"
    files.publish(path, b"one")
    files.publish(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["stamp"]


def test_published_files_and_made_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "runtime" / "inbox" / "task.md"
    files.publish(path, b"x")
    assert [p.stat().st_mode & 0o777 for p in (path, path.parent)] == [0o600, 0o700]


def test_publishing_never_writes_through_the_second_name_that_a_crash_left(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    os.link(precious, tmp_path / f".task.md.{os.getpid()}")
    files.publish(tmp_path / "task.md", b"new")
    assert precious.read_bytes() == b"precious"


def test_publishing_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"elsewhere")
    (tmp_path / "task.md").symlink_to(tmp_path / "elsewhere")
    files.publish(tmp_path / "task.md", b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"elsewhere"


def test_s71_a_reader_beside_a_writer_sees_the_old_or_the_new_and_never_nothing(tmp_path: Path) -> None:
    path, contents = tmp_path / "task.md", [letter * 100_000 for letter in (b"a", b"b")]
    files.publish(path, contents[0])

    def write() -> None:
        for turn in range(200):
            files.publish(path, contents[turn % 2])

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert path.read_bytes() in contents
    writer.join()


def test_only_the_first_of_many_creates_a_name(tmp_path: Path) -> None:
    script = f"from orchestrator.system import files; from pathlib import Path; import os; \
print(files.create(Path({str(tmp_path / 'task.md')!r}), str(os.getpid()).encode()), os.getpid())"
    started = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    answers = [process.communicate(timeout=30)[0].split() for process in started]
    winners = [pid for made, pid in answers if made == "True"]
    assert winners == [(tmp_path / "task.md").read_text()]
    assert names(tmp_path) == ["task.md"]


def test_creating_a_name_that_exists_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "task.md").write_bytes(b"old")
    assert files.create(tmp_path / "task.md", b"new") is False
    assert (tmp_path / "task.md").read_bytes() == b"old"
    assert names(tmp_path) == ["task.md"]


def test_a_move_never_replaces_what_lies_at_its_target(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    assert files.move(tmp_path / "a", tmp_path / "b") is False
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"a", b"b"]


def test_moving_what_is_gone_says_so_and_a_missing_target_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.move(tmp_path / "gone", tmp_path / "done" / "gone")
    (tmp_path / "a").write_bytes(b"a")
    assert files.move(tmp_path / "a", tmp_path / "new" / "a")
    assert (tmp_path / "new" / "a").read_bytes() == b"a"


def test_s70_eight_processes_appending_at_once_lose_no_line(tmp_path: Path) -> None:
    log = tmp_path / "metrics" / "lines"
    script = f"""
from orchestrator.system import files; from pathlib import Path; import sys
for n in range(50): files.append(Path({str(log)!r}), f"{{sys.argv[1]}}-{{n}} ".encode() + b"x" * (n * 163))"""
    started = [subprocess.Popen([sys.executable, "-c", script, str(who)], cwd=ROOT) for who in range(8)]
    assert [process.wait(timeout=60) for process in started] == [0] * 8
    expected = {f"{who}-{n} " + "x" * (n * 163) for who in range(8) for n in range(50)}
    lines = log.read_text().splitlines()
    assert len(lines) == len(expected)
    assert set(lines) == expected


def test_a_torn_last_line_spoils_only_itself(tmp_path: Path) -> None:
    log = tmp_path / "lines"
    log.write_bytes(b"one\ntor")
    files.append(log, b"two")
    assert log.read_bytes() == b"one\ntor\ntwo\n"


def test_a_log_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        files.append(tmp_path / "log", b"x")
    assert (tmp_path / "elsewhere").read_bytes() == b""


def limited(call: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `call` in a process that may write no file beyond 4096 bytes; `folder` is known to it."""
    script = f"from pathlib import Path; from orchestrator.system import files; folder = Path({str(folder)!r}); {call}"
    limit = (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    return subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),  # the limit must be set between fork and exec
    )


@pytest.mark.parametrize("verb", ["publish", "create"])
def test_a_refused_write_leaves_the_old_content_and_no_temporary_file(tmp_path: Path, verb: str) -> None:
    (tmp_path / "old").write_bytes(b"old")
    name = "old" if verb == "publish" else "new"
    done = limited(f"files.{verb}(folder / {name!r}, b'x' * 9000)", tmp_path)
    assert "File too large" in done.stderr
    assert names(tmp_path) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_a_line_that_fits_only_in_part_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"y" * 4000 + b"\n")
    done = limited("files.append(folder / 'log', b'x' * 9000)", tmp_path)
    assert "OSError" in done.stderr
    assert (tmp_path / "log").read_bytes() == b"y" * 4000 + b"\n"


def test_nobody_s_line_is_lost_while_another_s_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, write, others = tmp_path / "log", os.write, []
    script = f"from orchestrator.system import files; from pathlib import Path; files.append(Path({str(log)!r}), b'theirs')"

    def write_a_part(fd: int, line: bytes) -> int:
        others.append(subprocess.Popen([sys.executable, "-c", script], cwd=ROOT))
        with contextlib.suppress(subprocess.TimeoutExpired):  # it must wait for us; without the lock it is done by then
            others[0].wait(timeout=0.5)
        return write(fd, line[:2])

    monkeypatch.setattr(os, "write", write_a_part)
    with pytest.raises(OSError, match="only a part"):
        files.append(log, b"ours")
    assert others[0].wait(timeout=30) == 0
    assert log.read_bytes() == b"theirs\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB that is really full when it is full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small file system; the limit on file size is tested above")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_s76_a_full_disk_truncates_no_file_and_leaves_no_litter(small_disk: Path) -> None:
    files.publish(small_disk / "task.md", b"old" * 1000)
    files.append(small_disk / "log", b"line")
    with pytest.raises(OSError, match="No space left"):
        files.publish(small_disk / "task.md", b"n" * 90_000)
    with pytest.raises(OSError, match=r"No space left|only a part"):
        files.append(small_disk / "log", b"n" * 90_000)
    assert (small_disk / "task.md").read_bytes() == b"old" * 1000
    assert (small_disk / "log").read_bytes() == b"line\n"
    assert names(small_disk) == ["log", "task.md"]


def test_an_ordinary_file_is_read_and_an_absent_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "result").write_bytes(b"STATUS")
    assert files.read_plain(tmp_path, "result", 6) == b"STATUS"
    assert files.read_plain(tmp_path, "other", 6) is None
    assert files.read_plain(tmp_path / "no folder", "result", 6) is None


def symlink(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def hard_link(path: Path) -> None:
    path.with_name("first").write_bytes(b"secret")
    os.link(path.with_name("first"), path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def sparse_giant(path: Path) -> None:
    path.touch()
    os.truncate(path, 10**12)


@pytest.mark.parametrize("make", [symlink, hard_link, unix_socket, sparse_giant, os.mkfifo, Path.mkdir])
def test_t8_nothing_but_an_ordinary_file_is_read_and_nothing_is_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "result")
    with pytest.raises(files.NotPlain):
        files.read_plain(tmp_path, "result", 1000)


def test_t8_a_folder_that_was_replaced_by_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "result").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(files.NotPlain):
        files.read_plain(tmp_path / "link", "result", 10)


def test_a_name_with_a_path_in_it_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the name"):
        files.read_plain(tmp_path, "../result", 10)


def test_sweeping_keeps_a_live_writer_s_file_and_all_that_is_not_ours(tmp_path: Path) -> None:
    for name in (f".task.md.{os.getpid()}", ".gitkeep", "task.md", ".hidden.txt", "task.md.999999999"):
        (tmp_path / name).touch()
    assert files.sweep(tmp_path, older_than=3600) == 0
    os.utime(tmp_path / f".task.md.{os.getpid()}", (0, 0))
    assert files.sweep(tmp_path, older_than=3600) == 1
    assert names(tmp_path) == [".gitkeep", ".hidden.txt", "task.md", "task.md.999999999"]
    assert files.sweep(tmp_path / "missing", older_than=0) == 0
