"""What a plan is made of: every effect that a job may ask for, as a closed union of values."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.model.github import IssueRef
from orchestrator.model.task import Folder, Task


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put a new task into the inbox; the moment at which an issue is taken on."""

    task: Task


@dataclass(frozen=True, slots=True)
class File:
    """Write the task with its new content where it lies, then rename it to its next folder."""

    task: Task
    source: Folder
    target: Folder


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Show the issue's state on its project board; `status` is the option's name."""

    project: str
    item_id: int
    status: str
    ref: IssueRef


@dataclass(frozen=True, slots=True)
class RemoveLabel:
    """Take a label off an issue."""

    ref: IssueRef
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say something on an issue once: `event` and the task's id make the hidden marker that it is found by.

    `is_new` means that no such comment can exist yet, so that nobody needs to look.
    """

    ref: IssueRef
    task_id: str
    event: str
    text: str
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Show on GitHub how a task stands, where that differs from what is shown: label, card, status comment.

    `task` is as it is or is about to be written, `folder` where it lies or is about to. `hold` is what it waits for while it
    stays in review, and `on_purpose` says that a person holds it so: then the card is theirs. `labels` are the issue's and `card`
    is its card's status, where somebody has just seen them: None where nobody has, an empty text for a card without a status.
    `is_new` means that nothing can be shown yet, `was_ready` that the card asked for work and that this is the answer.
    """

    task: Task
    folder: Folder
    hold: str = ""
    on_purpose: bool = False
    labels: tuple[str, ...] | None = None
    card: str | None = None
    is_new: bool = False
    was_ready: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Tell the person through the outbox; the same key is told once."""

    key: str
    text: str
    severity: str = "info"
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class CloseIssue:
    """Close an issue as completed."""

    ref: IssueRef


@dataclass(frozen=True, slots=True)
class Merge:
    """Squash-merge exactly the commit that was checked."""

    task: Task
    pull: int
    sha: str


@dataclass(frozen=True, slots=True)
class FastForward:
    """Make the commit that was checked the tip of its base branch, or do nothing: no other commit is made."""

    task: Task
    pull: int
    sha: str
    base: str


@dataclass(frozen=True, slots=True)
class ClosePull:
    """Close a pull request whose commit is on its base branch already, which GitHub did not see by itself."""

    repo: str
    number: int


@dataclass(frozen=True, slots=True)
class DeleteBranch:
    """Delete a branch of ours if it still points at `sha`."""

    repo: str
    branch: str
    sha: str


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Build the task's change anew on `onto`, the tip of its base branch, and push it."""

    task: Task
    onto: str


@dataclass(frozen=True, slots=True)
class RerunJobs:
    """Run the failed jobs of these runs of GitHub Actions once more."""

    task: Task
    workflow_runs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Clear:
    """Remove the task's working copy; its work is safe elsewhere."""

    task: Task


@dataclass(frozen=True, slots=True)
class Remember:
    """Record that a pull request was opened or merged (`pr_opened`, `pr_merged`) for later measurement."""

    task: Task
    event: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take back what waits to be told of a task that needs nobody any more (S34)."""

    task: Task


@dataclass(frozen=True, slots=True)
class Explain:
    """Nothing is done, and this is why; the job says it, and so does `agentos why`."""

    target: str
    reason: str


Step = (
    Deliver
    | File
    | SetStatus
    | RemoveLabel
    | Say
    | Show
    | Tell
    | CloseIssue
    | Merge
    | FastForward
    | ClosePull
    | DeleteBranch
    | Rebuild
    | RerunJobs
    | Clear
    | Remember
    | Withdraw
    | Explain
)
