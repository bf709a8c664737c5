"""Who may set work in motion: the exact rule of decision 25, pure.

Text whose last writers (of the body, and of the title) have write permission needs no more than Ready. Text last written
by anyone else needs an act that GitHub recorded with its actor and time, later than the last edit: the ready label set, or
`/agentos approve` said, by a person with write permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from orchestrator.model.approval import Approved, NotApproved
from orchestrator.model.github import Act, Comment, IssueHistory, Permission, Review
from orchestrator.model.task import Trust

APPROVAL_WORDS = "/agentos approve"


@dataclass(frozen=True, slots=True)
class People:
    """Which logins have which permission on the repository; `named` are trusted by configuration."""

    permissions: Mapping[str, Permission]
    named: frozenset[str]

    def trusts(self, login: str) -> bool:
        """Whether `login` may write to the repository, or is named; an unknown login is not trusted."""
        return login.lower() in self.named or self.permissions.get(login, Permission.NONE).may_write()


def speakers(words: Comment | Review) -> tuple[str, ...]:
    """Whose words a text holds: its author's and, when somebody else edited it, theirs. All of them must be trusted."""
    return (words.author,) if words.edited_by in (None, words.author) else (words.author, words.edited_by)


def writers(history: IssueHistory) -> tuple[str, str]:
    """Who wrote the body last, and who the title."""
    author = history.issue.author
    title_writer = history.title_acts[-1].actor if history.title_acts else author
    return history.body_editor or author, title_writer


def people_to_look_up(history: IssueHistory) -> frozenset[str]:
    """The logins whose permission decides, so that each is asked for once: first the writers."""
    return frozenset(writers(history))


def approvers_to_look_up(history: IssueHistory) -> frozenset[str]:
    """The logins that did something which would approve, if they are trusted."""
    return frozenset(act.actor for act in approving_acts(history))


def last_edit(history: IssueHistory) -> datetime:
    """When title or body changed last; the creation counts."""
    times = [history.created_at, *(act.at for act in history.title_acts)]
    if history.body_edited_at is not None:
        times.append(history.body_edited_at)
    return max(times)


def approving_acts(history: IssueHistory) -> tuple[Act, ...]:
    """Acts after the last edit that approve when a trusted person did them. The same second is not after."""
    edited = last_edit(history)
    said = tuple(
        Act(kind="comment", actor=comment.author, at=comment.created_at)
        for comment in history.comments
        if comment.body.strip().lower().startswith(APPROVAL_WORDS) and comment.edited_by in (None, comment.author)
    )
    return tuple(act for act in (*history.ready_acts, *said) if act.at > edited)


def standing(history: IssueHistory, people: People) -> Approved | NotApproved:
    """Whether the text as it is now may be worked on."""
    strangers = [login for login in dict.fromkeys(writers(history)) if not people.trusts(login)]
    if not strangers:
        return Approved(by=writers(history)[0], at=last_edit(history), trust=Trust.MAINTAINER)
    for act in approving_acts(history):
        if people.trusts(act.actor) and act.actor not in strangers:
            return Approved(by=act.actor, at=act.at, trust=_trust_of(strangers, people))
    names = " and ".join(f"{login} (no write permission)" for login in strangers)
    return NotApproved(
        f"the text was last written by {names}; read it, then set the ready label again or comment `{APPROVAL_WORDS}`"
    )


def _trust_of(strangers: list[str], people: People) -> Trust:
    known = (Permission.TRIAGE, Permission.READ)
    if all(people.permissions.get(login) in known for login in strangers):
        return Trust.CONTRIBUTOR
    return Trust.UNTRUSTED
