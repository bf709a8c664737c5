"""What a process that is killed at any of its effects leaves on the disk: the old or the new, never a part."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.system import files

ROOT = Path(__file__).parents[2]
OLD, NEW = b"old " * 3000, b"new " * 5000


def call(fatal: int, function: str, *arguments: Path | bytes) -> subprocess.CompletedProcess[str]:
    """Call a function of system.files in a process that dies before effect number `fatal` (0: never)."""
    written = [json.dumps({"path": str(a)} if isinstance(a, Path) else {"bytes": a.decode()}) for a in arguments]
    argv = [sys.executable, "-m", "tests.system.dying", str(fatal), "orchestrator.system.files", function, *written]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=30)


def effects(function: str, *arguments: Path | bytes) -> list[str]:
    """What a whole call does to the disk, in order, leaving out the removal of temporary files."""
    seen = [line.split()[0] for line in call(0, function, *arguments).stdout.splitlines()]
    return [effect for effect in seen if effect not in ("os.remove", "os.rename")]


def dies(fatal: int, function: str, *arguments: Path | bytes) -> bool:
    """Whether the process died of our SIGKILL; False when it came to its end before that effect."""
    code = call(fatal, function, *arguments).returncode
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_s71_a_publish_cut_off_anywhere_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path, seen, fatal = tmp_path / "task.md", [], 0
    path.write_bytes(OLD)
    while dies(fatal := fatal + 1, "publish", path, NEW):
        seen.append(path.read_bytes())
    assert len(seen) >= 5
    assert set(seen) == {OLD, NEW}


def test_s71_a_create_cut_off_anywhere_leaves_nothing_or_all(tmp_path: Path) -> None:
    seen, fatal = [], 0
    while dies(fatal := fatal + 1, "create", (path := tmp_path / f"{fatal}.md"), NEW):
        seen.append(path.read_bytes() if path.exists() else b"")
    assert len(seen) >= 5
    assert set(seen) == {b"", NEW}


def test_s71_a_move_cut_off_anywhere_leaves_exactly_one_file(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    fatal, survivors = 0, []
    while True:
        source, target = tmp_path / "inbox" / f"{fatal}.md", tmp_path / "done" / f"{fatal}.md"
        source.write_bytes(OLD)
        if not dies(fatal := fatal + 1, "move", source, target):
            break
        survivors.append((source.exists(), target.exists()))
    assert set(survivors) == {(True, False), (False, True)}


def test_an_append_cut_off_anywhere_keeps_every_earlier_line(tmp_path: Path) -> None:
    path, fatal = tmp_path / "events.jsonl", 0
    files.append(path, b"first")
    while dies(fatal := fatal + 1, "append", path, b"next"):
        assert path.read_bytes().startswith(b"first\n")
        assert set(path.read_bytes().split(b"\n")) <= {b"first", b"next", b""}


def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "task.md"
    order = ["open", "files.write", "files.sync", "files.rename", "files.sync"]
    assert effects("publish", path, NEW) == order
    assert effects("create", tmp_path / "another.md", NEW) == order


def test_a_move_makes_both_folders_durable(tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "a").write_bytes(OLD)
    assert effects("move", tmp_path / "a", tmp_path / "done" / "a") == ["files.rename", "files.sync", "files.sync"]


@pytest.mark.parametrize("function", ["publish", "create"])
def test_what_a_killed_writer_left_is_swept_and_harms_nobody(tmp_path: Path, function: str) -> None:
    path = tmp_path / "task.md"
    assert dies(3, function, path, NEW)
    assert [files.TEMPORARY.fullmatch(left.name) is not None for left in tmp_path.iterdir()] == [True]
    assert files.sweep(tmp_path, older_than=3600) == 1
    assert list(tmp_path.iterdir()) == []
