"""Looks at what a load run left, on disk and on GitHub alone, and names everything that may not be.

Nothing of the orchestrator's own code judges here: task files, ledger and logs are read anew, locks are tried by flock.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from bench.crowd.place import Place
from bench.crowd.run import FINAL, UNDER_WAY
from sandbox.github import repository as git
from sandbox.github.state import Issue
from sandbox.installation import running

MAX_ATTEMPTS, MAX_INVOCATIONS = 4, 20
"""As the settings are by default (config/schema.py)."""

MAX_INTERRUPTIONS = 3 + 1
"""The one over the limit is the one that puts the task into blocked/."""

ATTEMPT = re.compile(r"^## Attempt (?P<number>\d+) ", re.MULTILINE)
MARKER = re.compile(r"<!-- agentos: [^>]*-->")
TRAILER = re.compile(r"^Agent-OS-Task: (?P<task>\S+)$", re.MULTILINE)
HALF = re.compile(r"\..+\.\d+")
CENT = 1e-6


@dataclass(frozen=True)
class Letter:
    """A task file as it lies there."""

    folder: str
    name: str
    text: str

    @cached_property
    def front(self) -> Mapping[str, object]:
        """Its front matter."""
        found: Mapping[str, object] = yaml.safe_load(self.text.split("---\n", 2)[1])
        return found

    def number(self, key: str) -> int:
        """A count of the front matter; one that is not there is 0."""
        value = self.front.get(key, 0)
        return value if isinstance(value, int) else 0

    @property
    def attempts(self) -> list[int]:
        """The numbers of the attempts that are told."""
        return [int(found["number"]) for found in ATTEMPT.finditer(self.text)]


def breaches(here: Place) -> list[str]:
    """Every breach as a sentence; none when all is well."""
    letters = letters_of(here)
    return [
        *one_final_folder_each(here, letters),
        *(sentence for letter in letters for sentence in within_limits(letter)),
        *nothing_twice(here, letters),
        *(sentence for issue in here.issues for sentence in comments_once(issue)),
        *ledger_is_true(here, letters),
        *nothing_left(here),
        *(f"the stand-in had a problem: {problem}" for problem in here.github.problems),
    ]


def letters_of(here: Place) -> list[Letter]:
    """Every task file in any folder."""
    return [
        Letter(folder, path.stem, path.read_text()) for folder in (*FINAL, *UNDER_WAY) for path in here.office.letters(folder)
    ]


def one_final_folder_each(here: Place, letters: Sequence[Letter]) -> Iterator[str]:
    """Each issue has exactly one task, and it lies in done/, blocked/ or escalated/."""
    expected = {f"{issue.repo.full_name.replace('/', '-')}-{issue.number}-1" for issue in here.issues}
    places: dict[str, list[str]] = {}
    for letter in letters:
        places.setdefault(letter.name, []).append(letter.folder)
    for name in sorted(expected | set(places)):
        found = places.get(name, [])
        if name not in expected:
            yield f"{name} is nobody's task ({', '.join(found)})"
        elif len(found) != 1 or found[0] not in FINAL[:3]:
            yield f"{name} lies in {' and '.join(found) or 'no folder'}"


def within_limits(letter: Letter) -> Iterator[str]:
    """Attempts, interruptions and starts of agents are bounded, and each attempt is told once."""
    told = letter.attempts
    if len(told) != len(set(told)):
        yield f"{letter.name} tells an attempt twice: {told}"
    if max(letter.number("attempt"), len(told)) > MAX_ATTEMPTS:
        yield f"{letter.name} had {letter.number('attempt')} attempts"
    if letter.number("interruptions") > MAX_INTERRUPTIONS:
        yield f"{letter.name} was interrupted {letter.number('interruptions')} times"
    if letter.number("invocations") > MAX_INVOCATIONS:
        yield f"{letter.name} started agents {letter.number('invocations')} times"


def nothing_twice(here: Place, letters: Sequence[Letter]) -> Iterator[str]:
    """One pull request and one branch per task, and each finished task once on main with its change and its memory."""
    done = {letter.name for letter in letters if letter.folder == "done"}
    for name in here.repos:
        repo = here.github.repo(name)
        heads = Counter(pull.head_ref for _, pull in repo.pulls())
        yield from (f"{name} has {count} pull requests of {branch}" for branch, count in heads.items() if count > 1)
        merged = Counter(found["task"] for found in TRAILER.finditer(main_log(here, name)))
        yield from (f"{task} was merged {count} times" for task, count in merged.items() if count > 1)
        ours = {task for task in done if task.startswith(f"{name.replace('/', '-')}-")}
        yield from (f"{task} is in done/ and not on main" for task in sorted(ours - set(merged)))
        yield from (f"{task} is on main and not in done/" for task in sorted(set(merged) - ours))
        memory = here.github.file_at(name, "main", "CODEBASE.md") if merged else ""
        yield from (
            f"{task} is remembered {memory.count(f'[{task}]')} times" for task in merged if memory.count(f"[{task}]") != 1
        )


def main_log(here: Place, repo: str) -> str:
    """Every commit message on main."""
    return git.git(here.github.repo(repo).path, "log", "--format=%B", "main")


def comments_once(issue: Issue) -> Iterator[str]:
    """Nothing is said twice: every comment of ours has a marker, and no marker comes twice."""
    marks = Counter(mark for comment in issue.comments for mark in MARKER.findall(comment.body))
    yield from (f"{issue.repo.full_name}#{issue.number} was told twice: {mark}" for mark, count in marks.items() if count > 1)
    if sum(marks.values()) != len(issue.comments):
        yield f"{issue.repo.full_name}#{issue.number} has a comment without a marker"


def ledger_is_true(here: Place, letters: Sequence[Letter]) -> Iterator[str]:
    """What the records say was spent is what the agents' own logs say, task by task, and every attempt has its record."""
    reported, recorded = spent_by_logs(here), spent_by_records(here)
    for letter in letters:
        told, written = reported.get(letter.name, 0.0), recorded.get(letter.name, {})
        if abs(told - sum(written.values())) > CENT:
            yield f"{letter.name}: its agents reported {told:.6f} USD, the records say {sum(written.values()):.6f}"
        attempts = {attempt for attempt, _ in written}
        if missing := set(letter.attempts) - attempts:
            yield f"{letter.name}: attempts {sorted(missing)} have no record"


def spent_by_logs(here: Place) -> dict[str, float]:
    """Dollars by task, as the agents printed them: claude's `result` event, each one a run."""
    spent: dict[str, float] = {}
    logs = here.office.runtime / "logs"
    for log in logs.rglob("agent*.log"):
        events = (
            json.loads(line) for line in log.read_text(errors="replace").splitlines() if line.startswith('{"type": "result"')
        )
        task = log.relative_to(logs).parts[0]
        spent[task] = spent.get(task, 0.0) + sum(float(event["total_cost_usd"]) for event in events)
    return spent


def spent_by_records(here: Place) -> dict[str, dict[tuple[int, int], float]]:
    """Dollars by task, attempt and run of the ledger; a second record of the same run does not count."""
    found: dict[str, dict[tuple[int, int], float]] = {}
    path = here.office.runtime / "metrics" / "agent_stats.jsonl"
    for line in path.read_text().splitlines() if path.exists() else ():
        record = json.loads(line)
        found.setdefault(record["task"], {}).setdefault((record["attempt"], record.get("run", 1)), record["cost_usd"] or 0.0)
    return found


def nothing_left(here: Place) -> Iterator[str]:
    """No process, no held lock, no working copy, no home and no half-written file of the installation."""
    folder, runtime = here.office.folder, here.office.runtime
    yield from (f"process {pid} still runs" for pid in running(folder))
    yield from (f"{path.relative_to(folder)} is held" for path in folder.rglob("*.lock") if is_held(path))
    for pattern in ("worktrees/*/*", "worktrees/*/.*", "runtime/state/homes/*", "runtime/repos/*/*.git/scratch/*"):
        yield from (f"{path.relative_to(folder)} was left" for path in folder.glob(pattern))
    yield from (f"{path.relative_to(folder)} is a lock of git's" for path in (runtime / "repos").glob("*/*.git/**/*.lock"))
    yield from (f"{path.relative_to(folder)} is half written" for path in runtime.rglob(".*") if HALF.fullmatch(path.name))


def is_held(path: Path) -> bool:
    """Whether some process holds the lock."""
    with path.open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
