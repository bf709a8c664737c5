"""Bringing two lines of work together in the gate."""

from __future__ import annotations

from orchestrator.workshop import git, memory, trees
from tests.workshop.forge import WHEN, Forge, change


def test_a_merge_without_conflict_holds_both_sides(forge: Forge) -> None:
    ours, theirs = change(forge, "a", "1"), change(forge, "b", "2")
    merged = forge.gate.merge_trees(forge.base, ours, theirs)
    assert merged.conflicts == ()
    assert {"a", "b"} <= set(forge.files(merged.tree))


def test_a_conflict_is_named_and_marked(forge: Forge) -> None:
    merged = forge.gate.merge_trees(forge.base, change(forge, "README.md", "one\n"), change(forge, "README.md", "two\n"))
    assert merged.conflicts == ("README.md",)
    assert "<<<<<<<" in (forge.gate.read(merged.tree, "README.md") or "")


def test_s56_a_union_that_attributes_ask_for_is_never_made(forge: Forge) -> None:
    base = change(forge, ".gitattributes", "* merge=union\n")
    sides = [change(forge, "README.md", text, base) for text in ("one\n", "two\n")]
    assert forge.gate.merge_trees(base, *sides).conflicts == ("README.md",)


def test_a_change_is_rebuilt_on_a_base_that_moved(forge: Forge) -> None:
    commit = change(forge, "a", "1")
    moved = forge.person_pushes({"b": "2"})
    forge.gate.fetch("main")
    rebuilt = forge.gate.rebuild(moved, forge.base, commit, "CODEBASE.md")
    assert rebuilt.conflicts == ()
    assert {"a", "b"} <= set(forge.files(rebuilt.tree))


def remembered(task: int, text: str) -> str:
    return memory.add_entry(text, memory.Entry(task_id=f"acme-web-{task}-1", on=WHEN.date(), issue=task, summary="Done."), 60)


def test_s55_four_tasks_that_end_at_once_leave_four_entries_and_no_conflict(forge: Forge) -> None:
    base = onto = change(forge, "CODEBASE.md", memory.new_file("acme/web"))
    for task in range(1, 5):
        tree = forge.gate.with_file(base, f"file{task}", b"x")
        branch = change(
            forge, "CODEBASE.md", remembered(task, memory.new_file("acme/web")), forge.gate.commit(tree, base, "m", WHEN)
        )
        rebuilt = forge.gate.rebuild(onto, base, branch, "CODEBASE.md")
        assert rebuilt.conflicts == ()
        onto = forge.gate.commit(rebuilt.tree, onto, "squashed", WHEN)
    text = forge.gate.read(onto, "CODEBASE.md") or ""
    assert [text.count(f"[acme-web-{task}-1]") for task in range(1, 5)] == [1, 1, 1, 1]
    assert {f"file{task}" for task in range(1, 5)} <= set(forge.files(onto))


def test_a_memory_file_that_only_one_side_has_comes_along(forge: Forge) -> None:
    moved = forge.person_pushes({"b": "2"})
    forge.gate.fetch("main")
    rebuilt = forge.gate.rebuild(moved, forge.base, change(forge, "CODEBASE.md", remembered(1, "")), "CODEBASE.md")
    assert (forge.gate.read(rebuilt.tree, "CODEBASE.md") or "").count("[acme-web-1-1]") == 1
    assert "CODEBASE.md" not in forge.files(forge.gate.rebuild(moved, forge.base, change(forge, "a", "1"), "CODEBASE.md").tree)


def test_a_link_in_the_place_of_the_memory_file_is_a_person_s_and_stays(forge: Forge) -> None:
    place = forge.gate.place
    target = git.line(place, "hash-object", "-w", "--stdin", stdin=b"docs/notes.md")
    linked = trees.edited(place, forge.base, {"CODEBASE.md": trees.Known("120000", target)})
    base = forge.gate.commit(linked, forge.base, "link", WHEN)
    rebuilt = forge.gate.rebuild(change(forge, "b", "2", base), base, change(forge, "a", "1", base), "CODEBASE.md")
    assert rebuilt.conflicts == ()
    assert trees.listing(place, rebuilt.tree, "CODEBASE.md")[b"CODEBASE.md"].mode == "120000"
    assert forge.gate.memory(base, "CODEBASE.md") is None
