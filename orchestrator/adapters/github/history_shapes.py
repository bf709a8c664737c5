"""GitHub's answer about an issue's history, typed: every field that was asked for must be there, and null means null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from orchestrator.adapters.github.editors import Written, foreign_editor
from orchestrator.adapters.github.shapes import Actor, BigInt, Label, Moment, login_of
from orchestrator.model.github import Act, Comment, Issue, IssueHistory, IssueRef
from orchestrator.ports import Unavailable

T = TypeVar("T")


class LabeledEvent(Struct, rename="camel", tag_field="__typename", tag="LabeledEvent"):
    """A label was set."""

    actor: Actor | None
    created_at: Moment
    label: Label


class RenamedTitleEvent(Struct, rename="camel", tag_field="__typename", tag="RenamedTitleEvent"):
    """The title was changed."""

    actor: Actor | None
    created_at: Moment
    current_title: str


class _Before(Struct, rename="camel"):
    has_previous_page: bool
    start_cursor: str | None = None  # not asked for comments


class After(Struct, rename="camel"):
    """Whether a list goes on, and from where."""

    has_next_page: bool
    end_cursor: str | None


class TimelinePage(Struct, rename="camel"):
    """Some acts, oldest first, and whether there are older ones."""

    page_info: _Before
    nodes: list[LabeledEvent | RenamedTitleEvent]

    def acts(self) -> tuple[Act, ...]:
        """The acts in our words."""
        return tuple(_act(event) for event in self.nodes)


class WrittenComment(Written, rename="camel"):
    """A comment with who wrote and who edited it."""

    full_database_id: BigInt
    body: str
    created_at: Moment


class Remark(WrittenComment, rename="camel"):
    """A comment on a line. One of a review that is not submitted yet is pending, and only its author gets to see it
    (https://docs.github.com/en/graphql/reference/enums#pullrequestreviewcommentstate)."""

    state: Literal["PENDING", "SUBMITTED"]


class Remarks(Struct, rename="camel"):
    """The newest comments of a conversation on a line, oldest first, and whether there are older ones."""

    page_info: _Before
    nodes: list[Remark]


class Comments(Struct, rename="camel"):
    """The newest comments, oldest first, and whether there are older ones."""

    page_info: _Before
    nodes: list[WrittenComment]


class LabelList(Struct, rename="camel"):
    """All labels: GitHub allows no more than a hundred."""

    nodes: list[Label]


class _Issue(Struct, rename="camel"):
    number: int
    title: str
    body: str
    state: Literal["OPEN", "CLOSED"]
    url: str
    created_at: Moment
    last_edited_at: Moment | None
    author: Actor | None
    editor: Actor | None
    labels: LabelList | None
    timeline_items: TimelinePage
    comments: Comments


class _Named(Struct, rename="camel"):
    issue: _Issue


class _Page(Struct, rename="camel"):
    page_info: After
    nodes: list[_Issue]


class _Labelled(Struct, rename="camel"):
    issues: _Page


class _Acts(Struct, rename="camel"):
    timeline_items: TimelinePage


class _Earlier(Struct, rename="camel"):
    issue: _Acts


class _Ref(Struct):
    name: str


class _Branched(Struct, rename="camel"):
    default_branch_ref: _Ref | None


@dataclass(frozen=True, slots=True)
class Found:
    """An issue as read; `earlier` are acts older than those of `timeline`."""

    ref: IssueRef
    seen: _Issue
    earlier: tuple[Act, ...] = ()

    @property
    def timeline(self) -> TimelinePage:
        """The newest acts."""
        return self.seen.timeline_items


def read_branch(part: object) -> str | None:
    """The default branch of a place's repository; None for an empty repository."""
    ref = typed(part, _Branched).default_branch_ref
    return ref.name if ref is not None else None


def read_issue(part: object, ref: IssueRef) -> Found | None:
    """The issue of a place that names one; None when it lives elsewhere by now (it was transferred)."""
    seen = typed(part, _Named).issue
    lives_here = seen.url.casefold().endswith(f"/{ref}".casefold().replace("#", "/issues/"))
    return Found(ref, seen) if seen.number == ref.number and lives_here else None


def read_page(part: object, repo: str) -> tuple[list[Found], str | None]:
    """The issues of a labelled place, and the cursor to read on from."""
    page = typed(part, _Labelled).issues
    if page.page_info.has_next_page and page.page_info.end_cursor is None:
        raise Unavailable(f"{repo}: the list of issues is cut and cannot be read on")
    return [
        Found(IssueRef(repo, seen.number), seen) for seen in page.nodes
    ], page.page_info.end_cursor if page.page_info.has_next_page else None


def read_timeline(part: object, ref: IssueRef) -> TimelinePage:
    """Older acts of an issue."""
    return typed(part, _Earlier).issue.timeline_items


def history_of(found: Found, ready_label: str) -> IssueHistory:
    """The history in our words."""
    seen = found.seen
    acts = (*found.earlier, *found.timeline.acts())
    return IssueHistory(
        issue=Issue(
            ref=found.ref,
            title=seen.title,
            body=seen.body,
            is_open=seen.state == "OPEN",
            author=login_of(seen.author),
            labels=tuple(label.name for label in seen.labels.nodes) if seen.labels is not None else (),
            url=seen.url,
        ),
        body_editor=None if seen.last_edited_at is None else login_of(seen.editor),
        body_edited_at=seen.last_edited_at,
        created_at=seen.created_at,
        title_acts=tuple(act for act in acts if act.kind == RENAMED),
        ready_acts=tuple(act for act in acts if act.kind == LABELED and act.text.casefold() == ready_label.casefold()),
        comments=tuple(comment_of(one) for one in seen.comments.nodes),
        has_all_comments=not seen.comments.page_info.has_previous_page,
    )


RENAMED = "renamed"
LABELED = "labeled"


def _act(event: LabeledEvent | RenamedTitleEvent) -> Act:
    match event:
        case LabeledEvent(actor=actor, created_at=at, label=label):
            return Act(kind=LABELED, actor=login_of(actor), at=at, text=label.name)
        case RenamedTitleEvent(actor=actor, created_at=at, current_title=title):
            return Act(kind=RENAMED, actor=login_of(actor), at=at, text=title)


def comment_of(seen: WrittenComment) -> Comment:
    """The comment in our words."""
    return Comment(
        id=int(seen.full_database_id),
        author=login_of(seen.author),
        body=seen.body,
        created_at=seen.created_at,
        edited_by=foreign_editor(seen),
    )


def typed(part: object, shape: type[T], what: str = "an issue") -> T:
    """Part of an answer as `shape`; Unavailable with the field's name when it is anything else (S49)."""
    try:
        return msgspec.convert(part, shape)
    except msgspec.ValidationError as problem:
        raise Unavailable(f"GitHub's answer about {what} is not as expected: {problem}") from None
