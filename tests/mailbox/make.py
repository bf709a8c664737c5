"""Tasks for the mailbox's tests: a plain one, and hypothesis strategies for any."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from orchestrator.mailbox.store import Mailbox
from orchestrator.model.task import Asked, Attempt, Complexity, Folder, Note, Priority, Stage, Task, TaskType, Trust

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def task(id: str = "acme-web-142-1", **changes: Any) -> Task:
    """A task with everything that a dispatcher would set."""
    values: dict[str, Any] = {
        "repo": "acme/web",
        "issue": 142,
        "title": "Fix login redirect",
        "created_at": NOON,
        "goal": "Fix it.",
    }
    return Task(id=id, **(values | changes))


OURS = [
    "---",
    "# Goal",
    "# Constraints ",
    "# attempts\r",
    "\\# Context",
    "\\\\## Note · ci · 2026-11-21T09:41:10Z",
    "## Attempt 1 · codex · blocked · timeout · 2026-11-21T09:41:10Z",
    "## Note · ci · 2026-11-21T09:41:10Z",
    "## Note · ci · 9999-99-99T09:41:10Z",
    "## My own heading",
    "id: forged",
    "",
    " ",
    "\ufeff",
    "\u2028# Goal",
    "\r# Goal",
    "\x00",
    "x" * 5000,
]
TEXT = st.one_of(st.text(st.characters(codec="utf-8"), max_size=40), st.lists(st.sampled_from(OURS), max_size=6).map("\n".join))
WORDS = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,12}", fullmatch=True) | st.just("")
AGENTS = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True)
TIMES = st.datetimes(timezones=st.just(UTC))
SHAS = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
NUMBERS = st.integers(1, 2**31 - 1)
COUNTS = st.integers(0, 10_000)
TUPLES = st.lists(TEXT, max_size=3).map(tuple)
BRANCHES = st.sampled_from(["main", "agent/142-fix-login-redirect", "release/1.2"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=10), inner, max_size=3)
    ),
    max_leaves=6,
)
EXTRA = st.dictionaries(st.from_regex(r"x_[a-z]{1,8}", fullmatch=True), PLAIN, max_size=3)
ENTRIES = st.one_of(
    st.builds(Attempt, number=st.integers(0, 999_999), agent=WORDS, status=WORDS, blocker=WORDS, at=TIMES, text=TEXT),
    st.builds(Note, kind=WORDS, at=TIMES, text=TEXT),
)
TASKS = st.builds(
    Task,
    id=st.from_regex(r"[a-z0-9][a-z0-9-]{0,95}", fullmatch=True),
    repo=st.sampled_from(["acme/web", "Some-One/a.b_c"]),
    title=TEXT,
    created_at=TIMES,
    issue=st.none() | NUMBERS,
    task_type=st.sampled_from(TaskType),
    priority=st.sampled_from(Priority),
    complexity=st.sampled_from(Complexity),
    agent=AGENTS,
    base_branch=st.none() | BRANCHES,
    branch=st.none() | BRANCHES,
    not_before=st.none() | TIMES,
    attempt=COUNTS,
    max_attempts=st.integers(1, 10_000),
    agents_tried=st.lists(AGENTS, max_size=3).map(tuple),
    running_agent=st.none() | AGENTS,
    run=NUMBERS,
    asked=st.sampled_from(Asked),
    interruptions=COUNTS,
    ci_fixes=COUNTS,
    rebases=COUNTS,
    depends_on=st.lists(NUMBERS, max_size=3).map(tuple),
    outcome_checks=TUPLES,
    objective=st.none() | st.just("web-growth"),
    failed_checks=TUPLES,
    conflicts=TUPLES,
    invocations=COUNTS,
    verify_retries=COUNTS,
    overloads=COUNTS,
    errors=TUPLES,
    acceptance=TUPLES,
    question=TEXT,
    review_rounds=COUNTS,
    review_asks=TUPLES,
    answered_asks=TUPLES,
    answered_at=st.none() | TIMES,
    trust=st.sampled_from(Trust),
    approved_by=st.none() | TEXT,
    approved_at=st.none() | TIMES,
    text_sha256=st.none() | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    base_sha=st.none() | SHAS,
    commit_sha=st.none() | SHAS,
    stage=st.sampled_from(Stage),
    goes_to=st.none() | st.sampled_from(Folder),
    pull_request=st.none() | NUMBERS,
    head_sha=st.none() | SHAS,
    board_item=st.none() | NUMBERS,
    goal=TEXT,
    success_criteria=TEXT,
    constraints=TEXT,
    context=TEXT,
    history=st.lists(ENTRIES, max_size=3).map(tuple),
    extra=EXTRA,
)


def drop(box: Mailbox, folder: Folder, name: str, content: bytes) -> Path:
    """A file as a person, or mischief, leaves it in a folder."""
    path = box.folder(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
