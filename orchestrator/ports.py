"""The wishes of the house: what a test cannot use for real, as protocols that adapters fulfil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from orchestrator.model.agent import AgentRun, CommandRun
from orchestrator.model.github import (
    Act,
    BoardItem,
    Branch,
    Check,
    Comment,
    Issue,
    IssueHistory,
    IssueRef,
    Merged,
    NotMerged,
    Permission,
    PullCommit,
    PullRequest,
    Repository,
    RepositoryView,
    Review,
)
from orchestrator.model.task import Complexity, TaskType


class Unavailable(Exception):
    """The world did not answer (network, 5xx, rate limit, a page missing): conclude nothing; the next tick asks again."""


class Refused(Exception):
    """The world answered that this never works as asked (401, 403, 404, 422): a person must look."""


class Clock(Protocol):
    """Reads the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class GitHub(Protocol):
    """GitHub as the jobs need it. Every method raises Unavailable or Refused; a list is complete or the call fails."""

    def whoami(self) -> str:
        """The login that our token belongs to."""
        ...

    def repository(self, repo: str) -> Repository:
        """The repository's default branch and our permission on it."""
        ...

    def ready_items(self, project: str) -> Sequence[BoardItem]:
        """Open issues on the board of the configured project `project` whose status is its ready value."""
        ...

    def find_item(self, project: str, ref: IssueRef) -> BoardItem | None:
        """The board item that holds the issue, None when it is not on the board."""
        ...

    def cards(self, project: str, statuses: Sequence[str]) -> Sequence[BoardItem]:
        """The board's cards of issues, open or closed, whose status is one of `statuses`; none without a board."""
        ...

    def card(self, project: str, item_id: int) -> BoardItem | None:
        """One card with its status; None when it was taken off the board (or archived)."""
        ...

    def has_status(self, project: str, status: str) -> bool:
        """Whether the board has that status now, as far as it was asked within the last minute; True without a board."""
        ...

    def set_status(self, project: str, item_id: int, status: str) -> None:
        """Set the board item's Status field to the option named `status`."""
        ...

    def histories(self, issues: Sequence[IssueRef], labelled: Mapping[str, str]) -> Sequence[IssueHistory]:
        """The named issues, and every open issue that carries the label given per repository, in one question.

        An issue that does not exist (or was transferred) is left out. An issue both named and labelled comes once.
        """
        ...

    def issue(self, ref: IssueRef) -> Issue:
        """One issue."""
        ...

    def repository_view(
        self, repo: str, pulls: Sequence[int], issues: Sequence[int], *, with_others: bool = False
    ) -> RepositoryView:
        """The named pull requests and issues with all that decides about them, in as few questions as they fit into.

        `with_others` adds every open pull request of the repository that is not named.
        """
        ...

    def create_issue(self, repo: str, title: str, body: str, labels: Sequence[str]) -> Issue:
        """File a new issue."""
        ...

    def issues_by(self, repo: str, author: str) -> Sequence[Issue]:
        """Every issue and pull request, open or closed, that `author` filed in the repository, newest first."""
        ...

    def close_issue(self, ref: IssueRef) -> None:
        """Close as completed; one that is closed, or gone (deleted, transferred), is left as it is."""
        ...

    def permission(self, repo: str, login: str) -> Permission:
        """What `login` may do in `repo` now."""
        ...

    def comments(self, ref: IssueRef) -> Sequence[Comment]:
        """All comments, oldest first."""
        ...

    def comment(self, ref: IssueRef, body: str) -> int:
        """Post a comment; its id."""
        ...

    def edit_comment(self, repo: str, comment_id: int, body: str) -> bool:
        """Replace a comment's text; False when the comment does not exist any more."""
        ...

    def ensure_labels(self, repo: str, labels: Mapping[str, str]) -> None:
        """Make the labels (name to description) that the repository lacks; one that is there stays as it is."""
        ...

    def labelled(self, ref: IssueRef, label: str) -> Act | None:
        """The newest setting of a label on an issue or pull request that still stands, and, for a pull request, that no push
        has followed: GitHub's own order of events decides, not a clock. None when there is none."""
        ...

    def add_labels(self, ref: IssueRef, labels: Sequence[str]) -> None:
        """Put labels on an issue; a label that the repository lacks is made."""
        ...

    def remove_label(self, ref: IssueRef, label: str) -> None:
        """Take a label off; one that is not there is no error, nor is an issue that is gone (deleted, transferred)."""
        ...

    def branch(self, repo: str, name: str) -> Branch:
        """A branch's tip and required checks."""
        ...

    def pulls_of_branch(self, repo: str, branch: str) -> Sequence[PullRequest]:
        """Every pull request, open or not, whose head is `branch` of the repository itself, newest first."""
        ...

    def pull(self, repo: str, number: int) -> PullRequest:
        """One pull request, with `mergeable` where GitHub has computed it."""
        ...

    def open_pull(self, repo: str, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or the open one that exists for the branch already."""
        ...

    def checks(self, repo: str, sha: str, names: Sequence[str]) -> Sequence[Check]:
        """Check runs and commit statuses on the commit, the newest per name.

        `names` are the checks that matter; commit statuses are read only when a name is not among the check runs
        (or no names are given).
        """
        ...

    def check_log(self, repo: str, check: Check) -> str:
        """The log of a failed check run, as text (untrusted); empty when GitHub has none."""
        ...

    def rerun_failed(self, repo: str, workflow_run: int) -> bool:
        """Run the failed jobs of a run of GitHub Actions once more; False when GitHub will not (it runs, or is too old)."""
        ...

    def merge(self, repo: str, number: int, *, sha: str, title: str, message: str) -> Merged | NotMerged:
        """Squash-merge exactly the head `sha`."""
        ...

    def fast_forward(self, repo: str, branch: str, sha: str) -> Merged | NotMerged:
        """Make `sha` the tip of the branch if it descends from the present tip; nothing is ever overwritten.

        `head_moved` is set when the branch moved meanwhile; otherwise a rule of the repository forbids it.
        """
        ...

    def update_branch(self, repo: str, number: int, *, sha: str) -> bool:
        """Have GitHub merge the base into the head `sha`; False when the head is another, or there is nothing to merge."""
        ...

    def close_pull(self, repo: str, number: int) -> None:
        """Close a pull request without merging; closing a closed one changes nothing."""
        ...

    def reviews(self, repo: str, number: int) -> Sequence[Review]:
        """Every review of a pull request, oldest first, mere comments included."""
        ...

    def post_review(self, repo: str, number: int, *, sha: str, body: str, is_approval: bool = False) -> int:
        """Review exactly the commit `sha`, as a comment or an approval; its id. Refused for approving our own."""
        ...

    def commits_of_pull(self, repo: str, number: int) -> Sequence[PullCommit]:
        """Every commit of a pull request, oldest first. The list may be older than its head."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOrder:
    """One run of one agent: its working copy, prompt and limits (seconds). `lock_fd` is inherited, so that the task's
    lock lives as long as anything of the attempt; `objects` is the gate's object folder that the clone borrows from. Type and
    size of the task choose the model and may shorten or lengthen `wall_seconds`. `largest_mib` is the most that working copy and
    home may hold together, `spare_disk_mib` what must stay free of the disk. When `task_file` vanishes, or a file `cancel` lies
    in `folder` or above it in the task's, the run is ended."""

    task_id: str
    attempt: int
    workdir: Path
    objects: Path
    prompt: str
    folder: Path
    lock_fd: int
    wall_seconds: float
    silence_seconds: float
    first_byte_seconds: float
    task_type: TaskType = TaskType.IMPLEMENTATION
    complexity: Complexity = Complexity.MEDIUM
    largest_mib: int = 3072
    spare_disk_mib: int = 0
    task_file: Path | None = None


class Agent(Protocol):
    """One coding agent behind its command line."""

    def missing(self) -> str | None:
        """Why it cannot be started here (no binary, no credential, no sandbox), None when it can."""
        ...

    def run(self, order: AgentOrder) -> AgentRun:
        """Run it to its end in the sandbox; its output goes to `order.folder`/agent.log while it runs."""
        ...

    def heard(self, folder: Path) -> AgentRun:
        """What the log in `folder` tells of a run that nobody saw end, as far as it came to be said; its end is CANCELLED."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOrder:
    """One run of a repository's own command (setup, build, a check) by `sh -c` in the sandbox, without any credential.

    `workdir` and `home` are all that it can write; `hosts` are all that it can reach (none: no network at all). Its output
    goes to `log` while it runs. `seconds` is the longest run; sizes and `task_file` as in AgentOrder, where `log` lies is looked
    for `cancel`.
    """

    task_id: str
    command: str
    workdir: Path
    objects: Path
    home: Path
    log: Path
    lock_fd: int
    seconds: float
    hosts: Sequence[str] = ()
    max_memory_mib: int = 3072
    largest_mib: int = 3072
    spare_disk_mib: int = 0
    task_file: Path | None = None


class Workbench(Protocol):
    """Where a repository's own commands run, contained like an agent."""

    def run(self, order: CommandOrder) -> CommandRun:
        """Run the command to its end; then nothing of it is left. Raises OSError when our files cannot be written."""
        ...


class Executor(Protocol):
    """Starts work that outlives this process; today as detached local processes."""

    def start(self, task_id: str, lock_fd: int) -> None:
        """Start a worker for a claimed task and return at once; the worker holds the task's lock through `lock_fd`."""
        ...

    def wake(self, job: str) -> None:
        """Start the next tick of `job` now instead of waiting for cron; a tick that is running already is enough."""
        ...


class AlertChannel(Protocol):
    """A way to reach the person."""

    def send(self, text: str) -> None:
        """Deliver one plain text message; raises Unavailable (try later) or Refused (will not work)."""
        ...
