"""Somebody else's pull request in the gate, against a real repository that may hold anything."""

from __future__ import annotations

import os

import pytest

from orchestrator.model.tree import Refusal
from orchestrator.ports import Refused
from tests.workshop.forge import Forge, git


def pull(forge: Forge, files: dict[str, str], number: int = 7) -> str:
    """A stranger's pull request: its head lies under refs/pull/ and on no branch."""
    sha = forge.person_pushes(files, "elsewhere")
    git(forge.remote, "update-ref", f"refs/pull/{number}/head", sha)
    git(forge.remote, "update-ref", "-d", "refs/heads/elsewhere")
    return sha


def of_tree(forge: Forge, rows: str, number: int = 7) -> str:
    """A pull request whose tree no honest git would have made."""
    tree = git(forge.remote, "mktree", "--missing", stdin=rows.encode())
    sha = git(forge.remote, "commit-tree", tree, "-p", forge.base, "-m", "odd")
    git(forge.remote, "update-ref", f"refs/pull/{number}/head", sha)
    return sha


def test_the_head_of_a_pull_request_is_brought_as_it_is_there_now(forge: Forge) -> None:
    first = pull(forge, {"more.py": "x\n"})
    assert forge.gate.fetch_pull(7) == first
    second = pull(forge, {"more.py": "y\n"})
    assert forge.gate.fetch_pull(7) == second
    assert forge.gate.kept("pulls/7") == second
    assert forge.gate.fetch_pull(8) is None


def test_the_difference_is_what_the_pull_request_changes_and_nothing_that_came_to_main_since(forge: Forge) -> None:
    pull(forge, {"more.py": "x\n"})
    git(forge.person, "reset", "-q", "--hard", forge.base)
    base = forge.person_pushes({"other.py": "by somebody else\n"})
    forge.gate.fetch("main")
    head = forge.gate.fetch_pull(7)
    assert head is not None
    told = forge.gate.difference(base, head)
    assert isinstance(told, str)
    assert "+++ b/more.py" in told
    assert "other.py" not in told


def test_a_path_that_git_refuses_is_not_even_brought_here(forge: Forge) -> None:
    blob = git(forge.remote, "hash-object", "-w", "--stdin", stdin=b"evil")
    of_tree(forge, f"100644 blob {blob}\t.git\n")
    with pytest.raises(Refused, match="not taken"):
        forge.gate.fetch_pull(7)


def test_what_a_stranger_hid_in_the_history_fills_no_disk(forge: Forge) -> None:
    """A file of any size that a later commit takes away again is in no difference, and comes with the commits all the same."""
    forge.person_pushes({"huge": os.urandom(3_000_000).hex()}, "elsewhere")
    pull(forge, {"huge": "", "more.py": "x\n"})
    with pytest.raises(Refused, match="more than 1 MiB"):
        forge.gate.remote.fetch_pull(7, "refs/agentos/pulls/7", largest=1 << 20)
    assert forge.gate.kept("pulls/7") is None
    assert list(forge.gate.place.glob("objects/pack/tmp_*"))
    forge.gate.fetch("main")
    assert not list(forge.gate.place.glob("objects/pack/tmp_*")), "what is left of it goes with the next look"


def test_a_tree_of_countless_paths_is_too_large_before_anything_is_checked_out(forge: Forge) -> None:
    blob = git(forge.remote, "hash-object", "-w", "--stdin", stdin=b"x")
    tree = git(forge.remote, "mktree", stdin="".join(f"100644 blob {blob}\tf{n}\n" for n in range(10)).encode())
    for _ in range(9):
        tree = git(forge.remote, "mktree", stdin="".join(f"040000 tree {tree}\td{n}\n" for n in range(10)).encode())
    of_tree(forge, f"040000 tree {tree}\tbomb\n")
    head = forge.gate.fetch_pull(7)
    assert head is not None
    trouble = forge.gate.trouble_with(forge.base, head)
    assert isinstance(trouble, Refusal)
    assert trouble.code == "G14"
    assert isinstance(forge.gate.difference(forge.base, head), Refusal)


def test_an_honest_tree_may_be_checked_out(forge: Forge) -> None:
    pull(forge, {"more.py": "x\n"})
    head = forge.gate.fetch_pull(7)
    assert head is not None
    assert forge.gate.trouble_with(forge.base, head) is None


def test_the_commits_of_a_pull_request_are_told_with_their_messages(forge: Forge) -> None:
    pull(forge, {"more.py": "x\n"})
    head = forge.gate.fetch_pull(7)
    assert head is not None
    (one,) = forge.gate.commits(forge.base, head)
    assert (one.sha, one.parents, one.message.strip()) == (head, (forge.base,), "work of a person")


def test_f08_whatever_a_reader_changed_in_its_copy_is_seen(forge: Forge) -> None:
    workdir = forge.prepared()
    assert forge.gate.touched(workdir, forge.base) == ()
    (workdir / ".agent_result.md").write_text("STATUS: complete\n")
    assert forge.gate.touched(workdir, forge.base) == ()
    (workdir / "README.md").write_text("changed\n")
    (workdir / "id_rsa").write_text("a key\n")
    (workdir / "src" / "app.py").unlink()
    assert forge.gate.touched(workdir, forge.base) == ("README.md", "id_rsa", "src/app.py")
