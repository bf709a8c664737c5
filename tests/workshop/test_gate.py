"""The gate against a real repository on the other side: fetching, working copies, commits, pushes, merges."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.model.tree import Change, Refusal
from orchestrator.ports import Refused, Unavailable
from orchestrator.system import locks
from orchestrator.workshop import bare, working_copy
from orchestrator.workshop import git as ours
from orchestrator.workshop.gate import Gate, LeaseLost, Pushed
from tests.workshop.forge import IDENTITY, Forge, change, git

# -- fetching


def test_f31_a_fetch_tells_the_tips_as_they_are_there_now(forge: Forge) -> None:
    moved = forge.person_pushes({"more.py": "x"})
    assert forge.gate.fetch("main", "nowhere") == {"main": moved, "nowhere": None}


def test_a_branch_that_was_deleted_there_is_forgotten_here(forge: Forge) -> None:
    forge.person_pushes({"more.py": "x"}, "feature")
    forge.gate.fetch("feature")
    git(forge.remote, "update-ref", "-d", "refs/heads/feature")
    assert forge.gate.fetch("feature") == {"feature": None}
    assert forge.gate.branch("feature") is None


def test_a_branch_that_was_renamed_to_a_name_below_or_above_its_old_one_is_fetched(forge: Forge) -> None:
    tip = forge.person_pushes({"more.py": "x"}, "release")
    forge.gate.fetch("release")
    git(forge.remote, "branch", "-m", "release", "release/1")
    assert forge.gate.fetch("release/1") == {"release/1": tip}
    git(forge.remote, "branch", "-m", "release/1", "release")
    assert forge.gate.fetch("release") == {"release": tip}


def test_a_repository_that_does_not_answer_is_unavailable(forge: Forge) -> None:
    gate = Gate(forge.folder / "r", "a/b", "http://127.0.0.1:9/a/b.git", lambda: "t0ken", identity=IDENTITY, confined=False)
    with pytest.raises(Unavailable, match="did not answer"):
        gate.fetch("main")


def test_a_repository_that_is_not_there_is_refused(forge: Forge) -> None:
    gate = Gate(forge.folder / "r", "a/b", str(forge.folder / "nothing.git"), lambda: None, identity=IDENTITY, confined=False)
    with pytest.raises(Refused):
        gate.fetch("main")


@pytest.mark.parametrize(
    "url", ["http://example.org/a.git", "ssh://h/a.git", "git@h:a/b.git", "ext::sh -c id", "https://u:p@h/a.git", "-x", "a/b"]
)
def test_no_other_kind_of_address_is_spoken_to(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match=r"not an https|no user name"):
        Gate(tmp_path, "a/b", url, lambda: None, identity=IDENTITY, confined=False)


def test_a_half_made_gate_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "a" / ".b.git.half").mkdir(parents=True)
    bare.make(tmp_path / "a" / "b.git")
    bare.make(tmp_path / "a" / "b.git")
    assert git(tmp_path / "a" / "b.git", "rev-parse", "--is-bare-repository") == "true"


def test_two_processes_may_make_the_gate_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(bare.make, [tmp_path / "a" / "b.git"] * 8)
    assert os.listdir(tmp_path / "a") == ["b.git"]


# -- locks


def main_lock(forge: Forge) -> Path:
    """What a git that was killed while it moved origin/main leaves."""
    lock = forge.gate.place / "refs" / "remotes" / "origin" / "main.lock"
    lock.touch()
    return lock


def test_s52_a_lock_is_removed_at_once_when_no_process_of_ours_is_at_work(forge: Forge) -> None:
    lock, packed = main_lock(forge), forge.gate.place / "packed-refs.lock"
    packed.touch()
    (forge.gate.place / "scratch" / "1-dead").mkdir()
    assert bare.sweep(forge.gate.place, time.time()) == 3
    assert not lock.exists()
    assert not packed.exists()


def test_s52_while_one_is_only_a_lock_older_than_any_git_of_ours_is_removed(forge: Forge) -> None:
    lock = main_lock(forge)
    with bare.used(forge.gate.place):
        bare.sweep(forge.gate.place, time.time())
        assert lock.exists()
        bare.sweep(forge.gate.place, time.time() + bare.STALE_AFTER + 1)
    assert not lock.exists()


def test_s52_a_fetch_goes_on_after_a_git_that_was_killed(forge: Forge) -> None:
    main_lock(forge)
    there = forge.person_pushes({"more.py": "x"})
    assert forge.gate.fetch("main") == {"main": there}


def test_s52_a_lock_of_a_live_git_makes_the_fetch_unavailable(forge: Forge) -> None:
    forge.person_pushes({"more.py": "x"})
    main_lock(forge)
    with bare.used(forge.gate.place), pytest.raises(Unavailable):
        forge.gate.fetch("main")


def test_waiting_for_a_busy_repository_is_bounded(forge: Forge) -> None:
    with bare.exclusive(forge.gate.place), pytest.raises(bare.Busy), bare.exclusive(forge.gate.place, patience=0.1):
        raise AssertionError("two at once")
    assert issubclass(bare.Busy, Unavailable)


def test_a_busy_repository_keeps_no_other_waiting(forge: Forge, tmp_path: Path) -> None:
    other = Forge(tmp_path / "other")
    begun = time.monotonic()
    with bare.exclusive(forge.gate.place):
        other.gate.fetch("main")
    assert time.monotonic() - begun < bare.PATIENCE_SECONDS / 2


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it does not come to be"
        time.sleep(0.01)


def at_git(place: Path, told: Path) -> None:
    """A worker in the middle of a git command."""
    with bare.exclusive(place), bare.used(place):
        ours.attempt(place, "-c", f"alias.wait=!echo $$ > {told}.new; mv {told}.new {told}; exec sleep 60", "wait")


def test_s52_a_git_that_outlives_its_killed_worker_still_keeps_others_out(forge: Forge, tmp_path: Path) -> None:
    worker = multiprocessing.get_context("fork").Process(target=at_git, args=(forge.gate.place, tmp_path / "pid"))
    worker.start()
    wait_until((tmp_path / "pid").exists)
    worker.kill()
    worker.join()
    lock = main_lock(forge)
    assert bare.sweep(forge.gate.place, time.time()) == 0
    assert not locks.is_free(forge.gate.place.with_name("web.git.lock"))
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    wait_until(lambda: bare.sweep(forge.gate.place, time.time()) == 1)
    assert not lock.exists()


def test_a_half_made_gate_is_cleared_away(forge: Forge) -> None:
    half = forge.gate.place.with_name(".web.git.dead")
    half.mkdir()
    forge.gate.fetch("main")
    assert not half.exists()


# -- working copies


def test_a_working_copy_is_a_private_repository_without_remote_on_branch_work(forge: Forge) -> None:
    work = forge.prepared()
    assert git(work, "rev-parse", "HEAD") == forge.base
    assert git(work, "symbolic-ref", "--short", "HEAD") == "work"
    assert git(work, "remote") == git(work, "status", "--porcelain") == ""


def test_f05_the_result_file_does_not_count_as_dirty(forge: Forge) -> None:
    (forge.prepared() / ".agent_result.md").write_text("STATUS: complete")
    assert git(forge.workdir, "status", "--porcelain") == ""


def test_an_agent_can_commit_in_its_copy_and_the_gate_does_not_notice(forge: Forge) -> None:
    work = forge.prepared()
    before = sorted(path.name for path in forge.gate.objects.rglob("*"))
    (work / "new").write_text("x")
    git(work, "add", "new")
    git(work, "commit", "-q", "-m", "mine")
    assert sorted(path.name for path in forge.gate.objects.rglob("*")) == before


def test_s6_earlier_work_is_there_as_work_that_is_not_committed_yet(forge: Forge) -> None:
    forge.gate.prepare(forge.workdir, forge.base, tree=forge.gate.with_file(forge.base, "README.md", b"half done\n"))
    assert (forge.workdir / "README.md").read_text() == "half done\n"
    assert git(forge.workdir, "status", "--porcelain") == "M README.md"


def test_q4_a_half_made_copy_is_never_used(forge: Forge) -> None:
    half = forge.workdir.parent / f".{forge.workdir.name}.new.dead"
    half.mkdir(parents=True)
    (half / "README.md").write_text("torn")
    forge.prepared()
    assert os.listdir(forge.workdir.parent) == [forge.workdir.name]
    assert (forge.workdir / "README.md").read_text() == "hello\n"


def test_a_copy_that_is_there_is_left_as_it_is(forge: Forge) -> None:
    (forge.prepared() / "README.md").write_text("work")
    assert (forge.prepared() / "README.md").read_text() == "work"


def test_p2_a_copy_with_work_that_nobody_kept_is_not_removed(forge: Forge) -> None:
    (forge.prepared() / "README.md").write_text("work")
    assert not forge.gate.remove(forge.workdir, safe_commit=forge.base)
    assert not forge.gate.remove(forge.workdir, safe_commit=None)
    assert (forge.workdir / "README.md").read_text() == "work"


def test_p2_a_copy_is_removed_once_its_work_is_kept(forge: Forge) -> None:
    (forge.prepared() / "README.md").write_text("work")
    tree = forge.gate.take_in(forge.workdir, base=forge.base, keep_ref="salvage/x/1")
    assert isinstance(tree, str)
    assert forge.gate.remove(forge.workdir, safe_commit=tree)
    assert not forge.workdir.exists()
    assert working_copy.empty_bin(forge.workdir.parent) == 1
    assert not os.listdir(forge.workdir.parent)


def test_p2_an_object_that_no_reference_holds_is_not_safe(forge: Forge) -> None:
    (forge.prepared() / "README.md").write_text("work")
    tree = forge.gate.take_in(forge.workdir, base=forge.base, keep_ref="salvage/x/1")
    assert isinstance(tree, str)
    forge.gate.forget("salvage/x/1")
    assert not forge.gate.remove(forge.workdir, safe_commit=tree)


def test_q16_what_a_killed_removal_left_is_never_used_and_goes_with_the_bin(forge: Forge) -> None:
    left = forge.workdir.parent / f".{forge.workdir.name}.gone.dead"
    left.mkdir(parents=True)
    (forge.prepared() / "README.md").read_text()
    assert working_copy.empty_bin(forge.workdir.parent) == 1
    assert os.listdir(forge.workdir.parent) == [forge.workdir.name]


def test_two_processes_may_empty_the_bin_at_once(forge: Forge) -> None:
    for number in range(20):
        (forge.workdir.parent / f".x.gone.{number}" / "deep" / "er").mkdir(parents=True)
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(working_copy.empty_bin, [forge.workdir.parent] * 8)
    assert os.listdir(forge.workdir.parent) == []


def test_folders_that_an_agent_locked_are_removed_too(forge: Forge) -> None:
    build = forge.prepared() / "build"
    build.mkdir()
    (build / "out").touch()
    build.chmod(0)
    assert forge.gate.remove(forge.workdir, safe_commit=forge.base)
    working_copy.empty_bin(forge.workdir.parent)
    assert not os.listdir(forge.workdir.parent)


# -- commits and pushes


def test_q8_the_same_inputs_make_the_same_commit(forge: Forge) -> None:
    assert change(forge, "a", "1") == change(forge, "a", "1")


def test_t10_a_commit_carries_our_identity_and_nothing_of_the_agent_s(forge: Forge) -> None:
    told = git(forge.gate.place, "show", "-s", "--format=%an|%ce|%aI|%s|%P", change(forge, "a", "1"))
    assert told == f"Agent OS|{IDENTITY[1]}|2026-11-21T09:00:00+00:00|Change|{forge.base}"


def test_q9_a_repeated_push_changes_nothing(forge: Forge) -> None:
    commit = change(forge, "a", "1")
    assert forge.gate.push("agent/1-x", commit, None) == forge.gate.push("agent/1-x", commit, None) == Pushed(commit)
    assert forge.tip("agent/1-x") == commit == forge.gate.branch("agent/1-x")


def test_q9_a_push_over_somebody_else_s_commit_is_not_made(forge: Forge) -> None:
    forge.gate.push("agent/1-x", change(forge, "a", "1"), None)
    theirs = forge.person_pushes({"b": "2"}, "agent/1-x")
    assert forge.gate.push("agent/1-x", change(forge, "a", "3"), change(forge, "a", "1")) == LeaseLost(theirs)
    assert forge.tip("agent/1-x") == theirs


def test_a_push_that_must_create_the_branch_finds_it_taken(forge: Forge) -> None:
    theirs = forge.person_pushes({"b": "2"}, "agent/1-x")
    assert forge.gate.push("agent/1-x", change(forge, "a", "1"), None) == LeaseLost(theirs)


def test_a_push_to_a_branch_that_is_gone_is_told(forge: Forge) -> None:
    assert forge.gate.push("agent/1-x", change(forge, "a", "2"), change(forge, "a", "1")) == LeaseLost(None)


@pytest.mark.parametrize(
    "branch", ["main", "refs/heads/main", "agent/../main", "agent/", "agent/x.lock", "agent/a b", "agent/-", ""]
)
def test_only_branches_under_agent_are_ever_pushed(forge: Forge, branch: str) -> None:
    with pytest.raises(ValueError, match="only branches under agent/"):
        forge.gate.push(branch, forge.base, None)
    with pytest.raises(ValueError, match="only branches under agent/"):
        forge.gate.remote._swap(branch, "", forge.base)


def test_a_push_that_the_other_side_declines_is_refused_with_its_reason(forge: Forge) -> None:
    hook = forge.remote / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH013: push declined, secret found' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Refused, match="secret found"):
        forge.gate.push("agent/1-x", change(forge, "a", "1"), None)


def test_p8_u07_a_branch_is_deleted_only_where_we_saw_it(forge: Forge) -> None:
    commit = change(forge, "a", "1")
    forge.gate.push("agent/1-x", commit, None)
    assert not forge.gate.delete_branch("agent/1-x", forge.base)
    assert forge.gate.delete_branch("agent/1-x", commit)
    assert forge.gate.delete_branch("agent/1-x", commit)
    assert forge.tip("agent/1-x") is None


# -- changes


def test_changes_tell_path_mode_size_and_added_lines(forge: Forge) -> None:
    tree = forge.gate.with_file(forge.base, "README.md", b"hello\nworld\n")
    expected = Change(path="README.md", status="M", old_mode="100644", new_mode="100644", size=12, added="world\n")
    assert forge.gate.changes(forge.base, tree) == (expected,)


def test_attributes_of_a_tree_hide_no_added_line(forge: Forge) -> None:
    tree = forge.gate.with_file(forge.gate.with_file(forge.base, ".gitattributes", b"* -diff binary\n"), "x.py", b"line\n")
    told = forge.gate.changes(forge.base, tree)
    assert not isinstance(told, Refusal)
    assert [change.added for change in told] == ["* -diff binary\n", "line\n"]


def test_binary_content_has_no_added_lines(forge: Forge) -> None:
    told = forge.gate.changes(forge.base, forge.gate.with_file(forge.base, "x.bin", b"a\0b"))
    assert not isinstance(told, Refusal)
    assert told[0].added is None


def test_g14_a_git_bomb_is_refused_in_time(forge: Forge) -> None:
    place = forge.gate.place
    tree = git(place, "hash-object", "-w", "--stdin", stdin=b"bomb")
    kind = "100644 blob"
    for _ in range(10):
        rows = "".join(f"{kind} {tree}\t{letter}\n" for letter in "abcdefghij")
        tree, kind = git(place, "mktree", stdin=rows.encode()), "040000 tree"
    began = time.monotonic()
    told = forge.gate.changes(forge.base, tree)
    assert isinstance(told, Refusal)
    assert told.code == "G14"
    assert time.monotonic() - began < 25


# -- trees and merges


def test_one_file_of_a_tree_is_replaced_and_the_rest_stays(forge: Forge) -> None:
    tree = forge.gate.with_file(forge.base, "docs/new.md", "ünï\n".encode())
    assert forge.files(tree) == [".gitignore", "README.md", "docs/new.md", "src/app.py"]
    assert forge.gate.read(tree, "docs/new.md") == "ünï\n"


def test_files_of_another_tree_are_taken_whole_and_what_it_lacks_goes(forge: Forge) -> None:
    large = b"line\n" * 400_000
    other = forge.gate.with_file(forge.gate.with_file(forge.base, "a.lock", large), "b.lock", b"theirs\n")
    mine = forge.gate.with_file(forge.gate.with_file(forge.base, "b.lock", b"mine\n"), "only mine.lock", b"mine\n")
    tree = forge.gate.with_files_of(mine, other, ["a.lock", "b.lock", "only mine.lock", "nowhere"])
    assert forge.gate.tree_of(tree) == forge.gate.tree_of(other)
    assert forge.gate.with_files_of(mine, other, []) == forge.gate.tree_of(mine)


def test_reading_tells_absent_from_empty_and_follows_no_link(forge: Forge) -> None:
    (forge.person / "link").symlink_to("README.md")
    forge.gate.fetch("main")
    commit = forge.person_pushes({"empty": ""})
    forge.gate.fetch("main")
    read = [forge.gate.read(commit, path) for path in ("empty", "nothing", "link", "src", "README.md")]
    assert read == ["", None, None, None, "hello\n"]
    assert forge.gate.read(commit, "README.md", limit=2) == "he"


def test_ancestry_is_told(forge: Forge) -> None:
    child = change(forge, "a", "1")
    assert (forge.gate.is_ancestor(forge.base, child), forge.gate.is_ancestor(child, forge.base)) == (True, False)


def test_our_references_are_kept_and_forgotten(forge: Forge) -> None:
    forge.gate.keep("salvage/x/1", forge.base)
    assert forge.gate.kept("salvage/x/1") == forge.base
    forge.gate.forget("salvage/x/1")
    forge.gate.forget("salvage/x/1")
    assert forge.gate.kept("salvage/x/1") is None
    with pytest.raises(ValueError, match="no name"):
        forge.gate.keep("../heads/main", forge.base)
