"""Labels: that ours exist, and who set one last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.account import Accounts, repo_path
from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.issues import issue_path
from orchestrator.adapters.github.paging import listed
from orchestrator.adapters.github.scratch import note
from orchestrator.adapters.github.shapes import Account, Label, Moment, login_of
from orchestrator.model.github import Act, IssueRef

COLOUR = "c5def5"
"""A pale blue: a label of the machine's must not shout louder than people's."""

LONGEST_DESCRIPTION = 100
"""GitHub refuses a longer one."""

KEPT_FOR = timedelta(days=1)
"""A label that a person removed or renamed is made again a day later at the latest."""

LABELED, UNLABELED, FORCE_PUSHED = "labeled", "unlabeled", "head_ref_force_pushed"


class _Event(Struct):
    id: int
    event: str
    actor: Account | None
    created_at: Moment
    label: Label | None = None


class _Remembered(Struct):
    owner: str
    repo: str
    names: list[str]
    read_at: Moment


class Labels(Accounts):
    """The part of the GitHub port about labels themselves; a subject of `GitHubClient`."""

    _labels: Path

    def ensure_labels(self, repo: str, labels: Mapping[str, str]) -> None:
        """Make the labels (name to description) that the repository lacks; one that is there stays as it is.

        Remembered for a day, so that it costs nothing. Refused when we may not make labels.
        """
        if labels.keys() <= self._labels_of(repo):
            return
        place = f"{repo_path(repo)}/labels"
        have = {label.name.casefold() for label in listed(self._wire, place, Label)}
        for name, description in labels.items():
            if name.casefold() not in have:
                self._make_ours(place, name, description)
        kept = _Remembered(self._wire.owner(), repo, sorted(labels), self._clock.now())
        note(self._labels_file(repo), msgspec.json.encode(kept))

    def labelled(self, ref: IssueRef, label: str) -> Act | None:
        """The newest setting of the label that still stands and, for a pull request, that no forced push has followed.

        The order is that of the events' ids. GitHub records no event for a push that only adds commits: that one is seen by
        the head, which is another then.
        """
        events = listed(self._wire, f"{issue_path(ref)}/events", _Event)
        standing: _Event | None = None
        for event in sorted(events, key=lambda event: event.id):
            if event.event == LABELED and _is_about(event, label):
                standing = event
            elif event.event == FORCE_PUSHED or (event.event == UNLABELED and _is_about(event, label)):
                standing = None
        if standing is None:
            return None
        return Act(kind=LABELED, actor=login_of(standing.actor), at=standing.created_at, text=label)

    def _make_ours(self, place: str, name: str, description: str) -> None:
        try:
            self._wire.send(
                "POST", place, {"name": name, "color": COLOUR, "description": description[:LONGEST_DESCRIPTION].strip()}
            )
        except Declined as no:
            if no.status != 422 or "already_exists" not in no.words:  # another process was faster
                raise

    def _labels_of(self, repo: str) -> set[str]:
        """The labels that were there when they were looked for last, within a day and with this token."""
        try:
            kept = msgspec.json.decode(self._labels_file(repo).read_bytes(), type=_Remembered)
        except (OSError, msgspec.DecodeError):
            return set()
        is_fresh = timedelta(0) <= self._clock.now() - kept.read_at < KEPT_FOR
        return set(kept.names) if is_fresh and (kept.owner, kept.repo) == (self._wire.owner(), repo) else set()

    def _labels_file(self, repo: str) -> Path:
        return self._labels / quote(repo, safe="")


def _is_about(event: _Event, label: str) -> bool:
    return event.label is not None and event.label.name.casefold() == label.casefold()
