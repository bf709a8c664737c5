"""T7, T9, T10: whatever an agent leaves in its folder, nothing of it runs, and what comes in is its files or a refusal."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from orchestrator.model.tree import Refusal
from orchestrator.system import bubblewrap
from orchestrator.workshop import git as ours
from orchestrator.workshop import intake, looking
from tests.workshop.forge import Forge, git
from tests.workshop.hostile import TRICKS, WORK, hostile_repo

Told = dict[bytes, bytes | None] | str


def taken(forge: Forge, work: Path) -> Told:
    """What the gate took in: content by path where it differs from the base, or the refusal's code."""
    tree = forge.gate.take_in(work, base=forge.base, keep_ref="salvage/acme-web-1-1/1")
    return tree.code if isinstance(tree, Refusal) else differing(forge, tree)


def differing(forge: Forge, tree: str) -> dict[bytes, bytes | None]:
    before, after = (blobs(forge, name) for name in (forge.base, tree))
    return {path: content(forge, after.get(path)) for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def blobs(forge: Forge, tree: str) -> dict[bytes, str]:
    rows = os.fsencode(git(forge.gate.place, "ls-tree", "-r", "-z", tree)).split(b"\0")
    return {row.split(b"\t", 1)[1]: row.split(b"\t", 1)[0].decode() for row in rows if row}


def content(forge: Forge, row: str | None) -> bytes | None:
    return ours.output(forge.gate.place, "cat-file", "blob", row.split()[2]) if row else None


def expected(forge: Forge, told: Told) -> Told:
    if isinstance(told, str):
        return told
    return {path: os.fsencode(forge.folder / "elsewhere") if text == b"ELSEWHERE" else text for path, text in told.items()}


@pytest.mark.parametrize("name", TRICKS)
def test_no_trick_of_a_hostile_folder_runs_anything_or_changes_what_comes_in(forge: Forge, name: str) -> None:
    trick, told = TRICKS[name]
    work = forge.prepared()
    (work / "README.md").write_text("worked on\n")
    trick(forge, work)
    assert taken(forge, work) == expected(forge, told)
    assert not forge.canary.exists()


@pytest.mark.skipif(bubblewrap.probe() is not None, reason="bubblewrap does not work here")
@pytest.mark.parametrize("name", ["programs_named_in_its_configuration", "nested_repository", "names_that_trip_parsers"])
def test_the_sandboxed_look_into_the_folder_sees_the_same(tmp_path: Path, name: str) -> None:
    forge = Forge(tmp_path / "confined", confined=True)
    trick, told = TRICKS[name]
    work = forge.prepared()
    (work / "README.md").write_text("worked on\n")
    trick(forge, work)
    assert taken(forge, work) == expected(forge, told)


def test_the_evil_program_is_one_that_git_would_run(forge: Forge) -> None:
    """Without this the canary proves nothing."""
    work = hostile_repo(forge, forge.prepared())
    git(work, "status")
    assert forge.canary.exists()


@pytest.mark.parametrize("left", ["STATUS: complete\n", None])
def test_s54_a_tracked_result_file_stays_as_it_was(tmp_path: Path, left: str | None) -> None:
    forge = Forge(tmp_path / "tracked", {"README.md": "hello\n", ".agent_result.md": "upstream's\n"})
    work = forge.prepared()
    (work / "README.md").write_text("worked on\n")
    (work / ".agent_result.md").unlink() if left is None else (work / ".agent_result.md").write_text(left)
    assert taken(forge, work) == WORK


def test_a_submodule_that_is_there_already_stays_and_nothing_looks_into_it(forge: Forge) -> None:
    git(forge.person, "update-index", "--add", "--cacheinfo", f"160000,{forge.base},sub")
    git(forge.person, "commit", "-q", "-m", "submodule")
    git(forge.person, "push", "-q", str(forge.remote), "HEAD:refs/heads/main")
    forge.base = git(forge.person, "rev-parse", "HEAD")
    forge.gate.fetch("main")
    work = forge.prepared()
    hostile_repo(forge, work / "sub")
    (work / "README.md").write_text("worked on\n")
    assert taken(forge, work) == WORK
    assert not forge.canary.exists()


def test_a_file_that_converts_on_checkout_elsewhere_comes_and_goes_byte_for_byte(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "crlf", {"a.bat": "one\r\ntwo\n$Id$\n", "b.txt": "x\n", "README.md": "hello\n"})
    forge.base = forge.person_pushes({".gitattributes": "*.bat text eol=crlf ident\n*.txt working-tree-encoding=UTF-16\n"})
    forge.gate.fetch("main")
    work = forge.prepared()
    assert (work / "a.bat").read_bytes() == ours.output(forge.gate.place, "cat-file", "blob", f"{forge.base}:a.bat")
    assert taken(forge, work) == {}


def test_f04_what_was_left_out_for_its_name_can_be_told(forge: Forge) -> None:
    work = forge.prepared()
    TRICKS["f04_files_that_hold_secrets_by_habit"][0](forge, work)
    taken(forge, work)
    assert forge.gate.left_out("salvage/acme-web-1-1/1") == (".env.local", "deploy/server.KEY", "id_rsa")


def test_a_pipe_where_git_wants_to_read_ends_at_the_time_limit(forge: Forge) -> None:
    work = forge.prepared()
    (work / ".gitignore").unlink()
    os.mkfifo(work / ".gitignore")
    limits = ours.Limits(seconds=2, memory=512 << 20, output=1 << 20)
    with pytest.raises(looking.NotTaken, match="could not be listed") as refused:
        intake.differences(forge.gate.place, work, forge.base, confined=False, limits=limits)
    assert refused.value.refusal.code == "G14"


def test_a_folder_too_deep_to_be_named_ends_as_a_refusal_or_is_not_there(forge: Forge) -> None:
    work = forge.prepared()
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(work)
        for _ in range(60):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        Path("f").write_text("deep")
        told = taken(forge, work)
    finally:
        os.fchdir(here)
        os.close(here)
    assert told in ({}, "G14", "G06")


def test_the_same_work_is_taken_in_as_the_same_commit(forge: Forge) -> None:
    work = forge.prepared()
    (work / "new").write_text("x")
    taken(forge, work)
    first = forge.gate.kept("salvage/acme-web-1-1/1")
    forge.new_gate().take_in(work, base=forge.base, keep_ref="salvage/acme-web-1-1/2")
    assert forge.gate.kept("salvage/acme-web-1-1/2") == first


def test_a_mode_is_work_too(forge: Forge) -> None:
    work = forge.prepared()
    (work / "src" / "app.py").chmod(0o755)
    tree = forge.gate.take_in(work, base=forge.base, keep_ref="x")
    assert isinstance(tree, str)
    assert blobs(forge, tree)[b"src/app.py"].startswith("100755")


def test_work_that_fills_a_tree_of_many_unchanged_files_is_found(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "many", {f"d{number % 40}/f{number}": str(number) for number in range(2000)})
    work = forge.prepared()
    (work / "d7" / "f7").write_text("8")  # the same length: only the content tells
    assert taken(forge, work) == {b"d7/f7": b"8"}


def test_nothing_is_kept_of_a_tree_that_git_would_not_check_out(forge: Forge) -> None:
    work = forge.prepared()
    (work / ".GIT").write_text("x")
    assert taken(forge, work) == "G09"
    assert forge.gate.kept("salvage/acme-web-1-1/1") is None


def test_a_file_that_nobody_may_read_is_refused_or_read(forge: Forge) -> None:
    work = forge.prepared()
    (work / "README.md").chmod(0)
    assert taken(forge, work) in ("G06", {})


def test_a_working_copy_that_is_gone_is_a_bug_of_the_caller(forge: Forge) -> None:
    shutil.rmtree(forge.prepared())
    with pytest.raises(FileNotFoundError):
        taken(forge, forge.workdir)
