"""Whether two trials came to the same: the world, our own files and what was witnessed so far, as one short text.

Two trials that are the same at the end of a tick are one from there on: the next tick starts a process of its own, which knows
nothing but these. Answers that are kept to ask conditionally (`state/etags`) are left out, for they change no answer; so is what
is remembered of task files (`state/mailbox-*.json`), which is written once a file has lain for a moment and so tells how quick
the machine was; so are logs and messages to the person, which nothing reads back.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from sandbox.github import repository as git
from sandbox.github.state import Issue, Pull
from tests.monitor.audit import Audit
from tests.monitor.stage import REPO, Theatre

DECISIVE = ("reviewing", "judged", "reviews", "shown")
"""The folders below `state/` whose contents a later tick may go by; of the others it counts what is there."""

INDEX = re.compile(r"mailbox-\w+\.json")
"""What `orchestrator.mailbox.index` remembers of a folder."""

NUMBER = re.compile(rb"status_comment: \d+")
"""Which number the status comment has tells only how much was numbered before it."""


def fingerprint(here: Theatre, audit: Audit, persons: list[str], on_main: list[str]) -> str:
    """The same for trials that cannot differ any more."""
    witnessed = (audit.merged, audit.was_approved, audit.wrong, audit.looks[-1:], persons, on_main)
    told = repr((here.watch.at, _world(here), _files(here.office.runtime), witnessed))
    return hashlib.sha256(told.encode()).hexdigest()


def _world(here: Theatre) -> object:
    repo = here.github.repo(REPO)
    refs = {name: sha for name, sha in git.refs(repo.path).items() if not name.endswith("/merge")}
    checks = {sha: [(run.name, run.status, run.conclusion) for run in runs] for sha, runs in sorted(repo.checks_at.items())}
    return refs, checks, [(_issue(issue), _pull(issue.pull)) for issue in repo.issues.values()]


def _issue(one: Issue) -> object:
    labels, comments = sorted(label.name for label in one.labels), [(said.author.login, said.body) for said in one.comments]
    acts = [event for event in one.events if event.kind != "cross-referenced"]  # the one kind that decides nothing
    events = [(event.kind, event.actor.login, event.label, event.commit_id, event.at) for event in acts]
    return one.number, one.state, one.body, one.updated_at, labels, comments, events


def _pull(pull: Pull | None) -> object:
    if pull is None:
        return None
    reviews = [(one.author.login, one.state, one.commit_id, one.submitted_at) for one in pull.reviews]
    known = pull.computed_for == (pull.head_sha, pull.base_sha) and pull.mergeable
    return pull.head_sha, pull.base_sha, pull.draft, pull.merged_at, known, reviews


def _files(runtime: Path) -> object:
    found: dict[str, bytes] = {}
    for parts in sorted(_kept(runtime)):
        is_read = parts[0] == "mailbox" or (parts[0] == "state" and parts[1] in DECISIVE)
        is_ref = parts[0] == "repos" and ("refs" in parts or parts[-1] == "packed-refs")
        if is_read or is_ref:
            found["/".join(parts)] = NUMBER.sub(b"", runtime.joinpath(*parts).read_bytes())
        elif parts[0] == "state" and parts[1] not in ("etags", "config") and not INDEX.fullmatch(parts[1]):
            found["/".join(parts)] = b""
    return found


def _kept(runtime: Path) -> Iterator[tuple[str, ...]]:
    """The parts of the path of every file, but for git's objects, which do not count: its references tell which there are."""
    for folder, folders, names in os.walk(runtime):
        if folder.endswith(".git"):
            folders[:] = (name for name in folders if name != "objects")
        above = Path(folder).relative_to(runtime).parts
        yield from ((*above, name) for name in names)
