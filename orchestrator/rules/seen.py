"""What the verdict on a pull request is judged by: one frozen snapshot of everything that decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.config.schema import RepoSettings
from orchestrator.model.github import Branch, Check, PullRequest, Queued, Review
from orchestrator.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeApproval:
    """A trusted person's yes to merging exactly the commit that is there now.

    `how` is label, review, or task: written in the task's file already, by `agentos approve` or when it was seen first.
    """

    by: str
    at: datetime
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a trusted person asked for in a review; `id` is the same each time it is seen (`thread 12`, `review 34`).

    `text` is theirs with secrets hidden. `path` and `line` are where, None for a word about the whole. `at` is when it was said
    and `thread` the conversation that it stands in; neither is kept in the task's file.
    """

    id: str
    by: str
    text: str
    path: str | None = None
    line: int | None = None
    at: datetime | None = field(default=None, compare=False)
    thread: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """The rule that decided about the present commit when it was looked at last, and since when it has been that one."""

    rule: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A pull request, its task and all that decides, read at one time. `since` is when it was proposed or pushed last.

    `labels` are those of the pull request and of its issue, in small letters. `text_withdrawn` says why the approval of the
    issue's text does not hold any more (None: it holds). `moved_card` is the status to which a person moved the issue's card
    (None: it is where we put it). `approval` is by a trusted person, not us, on the present head, and not expired; `objections`
    are the standing rejections by trusted people; `asks` what trusted people asked for and nobody answered yet; `unsettled`
    what an agent answered without a change while no person has said that this settles it. `red_on_base` are the checks that fail
    on the base's tip too, None while nobody has looked: it is looked at only where something is red.
    `decided` is None where nothing was noted. `queued` is its entry in GitHub's merge queue; `has_queue` says that its base
    branch has one, and `must_queue` that GitHub refused the merge of this very commit for that.
    """

    task: Task
    pull: PullRequest
    base: Branch
    checks: Sequence[Check]
    us: str
    settings: RepoSettings
    since: datetime
    now: datetime
    labels: frozenset[str] = frozenset()
    issue_is_open: bool = True
    text_withdrawn: str | None = None
    moved_card: str | None = None
    approval: MergeApproval | None = None
    objections: tuple[Review, ...] = ()
    asks: tuple[Ask, ...] = ()
    unsettled: tuple[Ask, ...] = ()
    red_on_base: frozenset[str] | None = None
    is_blocked: bool = False
    decided: Decided | None = None
    queued: Queued | None = None
    has_queue: bool = False
    must_queue: bool = False
