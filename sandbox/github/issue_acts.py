"""What can happen to an issue: every change of it, with the event that GitHub records."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.github.state import Comment, Edit, Event, Issue, Label, Reaction, Repo, State, User

MENTION = re.compile(r"(?<![\w/])(?P<repo>[\w.-]+/[\w.-]+)?#(?P<number>\d+)\b")


def open_issue(state: State, repo: Repo, author: User, title: str, body: str | None) -> Issue:
    """A new issue with the next number of its repository."""
    now = state.now()
    issue = Issue(state.next_id(), repo.next_number, repo, title, body, author, now, now)
    repo.next_number += 1
    repo.issues[issue.number] = issue
    refer(state, issue, body or "", author)
    return issue


def record(state: State, issue: Issue, kind: str, actor: User, **what: Any) -> Event:
    """Adds an event to the issue's history and touches the issue."""
    event = Event(state.next_id(), kind, actor, state.now(), **what)
    issue.events.append(event)
    issue.updated_at = event.at
    return event


def ensure_label(state: State, repo: Repo, name: str, color: str = "ededed", description: str | None = None) -> Label:
    """The label of that name (whatever its case), made when missing."""
    return repo.labels.setdefault(name.lower(), Label(state.next_id(), name, color, description))


def add_labels(state: State, issue: Issue, names: Iterable[str], actor: User) -> None:
    """Puts labels on; those already there make no event."""
    for name in names:
        label = ensure_label(state, issue.repo, name)
        if label not in issue.labels:
            issue.labels.append(label)
            record(state, issue, "labeled", actor, label=(label.name, label.color))


def remove_label(state: State, issue: Issue, name: str, actor: User) -> bool:
    """Takes a label off; False when it was not there."""
    label = next((label for label in issue.labels if label.name.lower() == name.lower()), None)
    if label is None:
        return False
    issue.labels.remove(label)
    record(state, issue, "unlabeled", actor, label=(label.name, label.color))
    return True


def set_labels(state: State, issue: Issue, names: Iterable[str], actor: User) -> None:
    """Makes the labels exactly these."""
    wanted = list(names)
    lowered = {name.lower() for name in wanted}
    for label in list(issue.labels):
        if label.name.lower() not in lowered:
            remove_label(state, issue, label.name, actor)
    add_labels(state, issue, wanted, actor)


def rename(state: State, issue: Issue, title: str, actor: User) -> None:
    """A new title; only an event tells that, `lastEditedAt` is about the body."""
    if title != issue.title:
        record(state, issue, "renamed", actor, rename=(issue.title, title))
        issue.title = title


def rewrite(state: State, issue: Issue, body: str | None, actor: User) -> None:
    """A new body, kept as an edit with its editor; the first edit also records what was there at creation."""
    if (body or "") != (issue.body or ""):
        issue.body = body
        issue.updated_at = state.now()
        _keep_edit(state, issue.edits, issue.author, issue.created_at, actor)
        refer(state, issue, body or "", actor)


def _keep_edit(state: State, edits: list[Edit], author: User, created_at: Any, actor: User) -> None:
    if not edits:
        edits.append(Edit(state.next_id(), author, created_at))
    edits.append(Edit(state.next_id(), actor, state.now()))


def close(state: State, issue: Issue, actor: User, reason: str | None = "completed", commit_id: str | None = None) -> None:
    """Closes an open issue; closing a closed one changes its reason only."""
    if issue.state == "open":
        issue.state, issue.closed_at, issue.closed_by = "closed", state.now(), actor
        record(state, issue, "closed", actor, state_reason=reason, commit_id=commit_id)
    issue.state_reason = None if issue.pull else reason


def reopen(state: State, issue: Issue, actor: User) -> None:
    """Opens a closed issue again."""
    if issue.state == "closed":
        issue.state, issue.closed_at, issue.closed_by = "open", None, None
        issue.state_reason = None if issue.pull else "reopened"
        record(state, issue, "reopened", actor)


def assign(state: State, issue: Issue, people: Iterable[User], actor: User) -> None:
    """Makes the assignees exactly these."""
    wanted = list(people)
    for user in [user for user in issue.assignees if user not in wanted]:
        issue.assignees.remove(user)
        record(state, issue, "unassigned", actor, assignee=user)
    for user in [user for user in wanted if user not in issue.assignees]:
        issue.assignees.append(user)
        record(state, issue, "assigned", actor, assignee=user)


def add_comment(state: State, issue: Issue, author: User, body: str) -> Comment:
    """A new comment."""
    now = state.now()
    comment = Comment(state.next_id(), issue, author, body, now, now)
    issue.comments.append(comment)
    issue.repo.comments[comment.id] = comment
    issue.updated_at = now
    refer(state, issue, body, author)
    return comment


def edit_comment(state: State, comment: Comment, body: str, actor: User) -> None:
    """New text of a comment, kept with its editor."""
    if body != comment.body:
        comment.body, comment.updated_at = body, state.now()
        _keep_edit(state, comment.edits, comment.author, comment.created_at, actor)


def delete_comment(comment: Comment) -> None:
    """Removes a comment for good."""
    comment.issue.comments.remove(comment)
    del comment.issue.repo.comments[comment.id]


def react(state: State, comment: Comment, content: str, user: User) -> tuple[Reaction, bool]:
    """The user's reaction and whether it is new."""
    for reaction in comment.reactions:
        if reaction.user is user and reaction.content == content:
            return reaction, False
    reaction = Reaction(state.next_id(), content, user, state.now())
    comment.reactions.append(reaction)
    return reaction, True


def adopt(state: State, parent: Issue, child: Issue, actor: User) -> None:
    """Makes `child` a sub-issue of `parent`, taking it from an earlier parent."""
    if child.parent is not None:
        child.parent.sub_issues.remove(child)
        record(state, child.parent, "sub_issue_removed", actor, other=child)
        record(state, child, "parent_issue_removed", actor, other=child.parent)
    parent.sub_issues.append(child)
    child.parent = parent
    record(state, parent, "sub_issue_added", actor, other=child)
    record(state, child, "parent_issue_added", actor, other=parent)


def block(state: State, issue: Issue, blocker: Issue, actor: User) -> None:
    """Records that `issue` waits for `blocker`."""
    issue.blocked_by.append(blocker)
    blocker.blocking.append(issue)
    record(state, issue, "blocked_by_added", actor, other=blocker)
    record(state, blocker, "blocking_added", actor, other=issue)


def refer(state: State, source: Issue, text: str, actor: User) -> None:
    """Leaves a cross-reference on every other issue that the text mentions, once per source."""
    for match in MENTION.finditer(text):
        repo = state.world.repos.get((match["repo"] or source.repo.full_name).lower())
        target = repo.issues.get(int(match["number"])) if repo else None
        if target is None or target is source:
            continue
        if not any(event.kind == "cross-referenced" and event.other is source for event in target.events):
            target.events.append(Event(state.next_id(), "cross-referenced", actor, state.now(), other=source))
