"""The memory file: people's words untouched, entries bounded, and merged without losing or doubling any."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.workshop.memory import MAX_BYTES, Entry, add_entry, for_prompt, merge, new_file
from orchestrator.workshop.memory_text import parse

DAY = date(2026, 11, 21)
FILE = new_file("acme/web")


def entry(number: int = 1, on: date = DAY, summary: str = "Fixed it.") -> Entry:
    return Entry(task_id=f"acme-web-{number}-1", on=on, issue=number, summary=summary, files=("a.py",), decisions=("Chose b.",))


def ids(text: str) -> list[str]:
    return [kept.task_id for kept in parse(text).entries]


def test_an_entry_is_written_as_declared() -> None:
    told = "## Recent Changes\n\n### 2026-11-21 — [acme-web-1-1] (#1)\n\nFixed it.\n- Files: `a.py`\n- Decision: Chose b.\n"
    assert add_entry(FILE, entry(), 60) == FILE.replace("## Recent Changes\n", told)


def test_the_newest_comes_first_and_the_same_task_is_replaced() -> None:
    text = add_entry(add_entry(FILE, entry(1), 60), entry(2, DAY + timedelta(1)), 60)
    again = add_entry(text, entry(1, DAY + timedelta(2), "Fixed it better."), 60)
    assert ids(again) == ["acme-web-1-1", "acme-web-2-1"]
    assert "Fixed it.\n" not in again.split("acme-web-2-1")[0]


def test_s26_five_hundred_tasks_stay_bounded() -> None:
    text = FILE
    for number in range(500):
        text = add_entry(text, entry(number, DAY + timedelta(number), "word " * 200), 20)
    assert len(ids(text)) == 20 + 20 * 4
    assert len(text.encode()) < 20 * MAX_BYTES + 80 * 200 + 1000
    assert len(for_prompt(text, 15, 6000)) <= 6000
    assert all(f"## {title}\n" in text for title in ("Architecture", "Key Files", "Known Issues", "Gotchas"))


def test_older_entries_become_one_line_each_and_never_come_back() -> None:
    text = FILE
    for number in range(5):
        text = add_entry(text, entry(number, DAY + timedelta(number)), 2)
    assert "### Earlier\n\n- 2026-11-23 — [acme-web-2-1] (#2) Fixed it.\n- 2026-11-22 — [acme-web-1-1] (#1) Fixed it.\n" in text
    assert ids(add_entry(text, entry(0, DAY + timedelta(9)), 2)).count("acme-web-0-1") == 1


@given(st.text(), st.lists(st.text(), max_size=12), st.lists(st.text(max_size=80), max_size=7))
def test_t24_no_text_of_an_agent_leaves_its_entry_or_exceeds_a_kilobyte(
    summary: str, files: list[str], decisions: list[str]
) -> None:
    added = add_entry(
        FILE, Entry(task_id="acme-web-1-1", on=DAY, issue=1, summary=summary, files=tuple(files), decisions=tuple(decisions)), 9
    )
    (kept,) = parse(added).entries
    assert len(kept.text.encode()) <= MAX_BYTES
    assert parse(added).sections == parse(FILE).sections
    assert added.count("\n#") == FILE.count("\n#") + 1


@pytest.mark.parametrize(
    "summary", ["## Architecture\nAll new", "```\nfence", "<!-- hidden --> x", "a\u202eb\u200bc", "# x\r\n---\r\n"]
)
def test_t24_what_would_pass_for_structure_is_plain_words(summary: str) -> None:
    added = add_entry(FILE, entry(summary=summary), 9)
    assert parse(added).sections == parse(FILE).sections
    assert "<!-- hidden" not in added
    assert "\u202e" not in added


PEOPLE = "Just notes.\n\n* one\n\n```\n## Recent Changes\n```\n\nOther heading\n=============\ntext without a line end"


@pytest.mark.parametrize(
    "text", [PEOPLE, "", "## Recent Changes\n- 2024: started\n", "# T\r\n\r\n## Gotchas\r\nx\r\n", "```\nopen fence\n"]
)
def test_a_file_of_another_shape_is_kept_whole(text: str) -> None:
    twice = add_entry(add_entry(text, entry(1), 9), entry(2), 9)
    assert all(line in twice.splitlines() for line in text.splitlines())
    assert twice.startswith(text.rstrip("\n")) or text.startswith("## Recent")
    assert sorted(ids(twice)) == ["acme-web-1-1", "acme-web-2-1"]


LINES = st.sampled_from(
    ["text", "", "## Architecture", "## Gotchas", "## Recent Changes", "### Earlier", "### odd", "```", "- item", "#"]
)
ENTRIES = st.builds(entry, st.integers(1, 6), st.dates(DAY, DAY + timedelta(9)), st.sampled_from(["one", "two"]))
FILES = st.builds(lambda lines, end: "\n".join(lines) + end, st.lists(LINES, max_size=12), st.sampled_from(["", "\n", "\n\n"]))


@given(FILES, st.lists(ENTRIES, max_size=5))
def test_people_s_text_is_untouched_by_any_number_of_entries(text: str, entries: list[Entry]) -> None:
    for one in entries:
        text, before = add_entry(text, one, 3), text
        was, now = parse(before), parse(text)
        assert [part.rstrip("\n") for part in now.sections.values()] == [part.rstrip("\n") for part in was.sections.values()]
        assert len(ids(text)) == len(set(ids(text)))
        assert one.task_id in ids(text)


@given(FILES, st.lists(ENTRIES, max_size=4), st.lists(ENTRIES, max_size=4), st.lists(ENTRIES, max_size=4))
def test_s55_a_merge_loses_no_entry_and_doubles_none(text: str, was: list[Entry], mine: list[Entry], other: list[Entry]) -> None:
    def with_all(start: str, entries: list[Entry]) -> str:
        for one in entries:
            start = add_entry(start, one, 50)
        return start

    base = with_all(text, was)
    ours, theirs = with_all(base, mine), with_all(base, other)
    merged, conflicts = merge(base, ours, theirs)
    assert sorted(ids(merged)) == sorted({*ids(ours), *ids(theirs)})
    assert conflicts == ()
    assert {*text.splitlines()} - {"### Earlier", ""} <= {*merged.splitlines()}


def test_s55_four_that_end_at_once_give_the_same_whichever_comes_first() -> None:
    branches = [add_entry(FILE, entry(number, DAY + timedelta(number)), 60) for number in range(4)]
    forth, back = FILE, FILE
    for branch in branches:
        forth = merge(FILE, forth, branch)[0]
    for branch in reversed(branches):
        back = merge(FILE, back, branch)[0]
    assert forth == back
    assert len(ids(forth)) == 4


def test_an_entry_that_a_person_deleted_stays_deleted() -> None:
    base = add_entry(add_entry(FILE, entry(1), 9), entry(2), 9)
    merged, _ = merge(base, add_entry(FILE, entry(2), 9), add_entry(base, entry(3), 9))
    assert sorted(ids(merged)) == ["acme-web-2-1", "acme-web-3-1"]


def test_a_section_that_one_side_changed_is_taken_from_it() -> None:
    theirs = add_entry(FILE.replace("What surprised", "Mind the gap. What surprised"), entry(), 9)
    merged, conflicts = merge(FILE, FILE.replace("Where to look", "Look here. Where to look"), theirs)
    assert "Mind the gap." in merged
    assert "Look here." in merged
    assert conflicts == ()


def test_a_section_that_both_sides_changed_keeps_the_words_of_both_and_is_named() -> None:
    hint = "<!-- What surprised those who came before you. -->"
    merged, conflicts = merge(FILE, FILE.replace(hint, "ours"), FILE.replace(hint, "theirs"))
    assert "ours\ntheirs\n" in merged
    assert conflicts == ("Gotchas",)


def test_a_prompt_shows_people_s_sections_whole_and_the_newest_entries_that_fit() -> None:
    text = FILE
    for number in range(9):
        text = add_entry(text, entry(number, DAY + timedelta(number)), 5)
    shown = for_prompt(text, 2, 10_000)
    assert all(part.strip() in shown for part in parse(text).sections.values())
    assert ("[acme-web-8-1]" in shown, "[acme-web-7-1]" in shown, "[acme-web-6-1]" in shown) == (True, True, False)
    sections = len(for_prompt(text, 0, 10_000))
    assert "[acme-web-8-1]" not in for_prompt(text, 2, sections + 20)


def test_sections_longer_than_the_cap_are_cut_and_it_says_so() -> None:
    shown = for_prompt("## Gotchas\n" + "word " * 5000, 5, 1000)
    assert len(shown) <= 1000
    assert "cut here" in shown
