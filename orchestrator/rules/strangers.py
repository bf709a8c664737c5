"""A pull request that no task here made, as the rules see it, and their words about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orchestrator.config.schema import RepoSettings
from orchestrator.model.github import Branch, Comment, PullRequest, PullView
from orchestrator.model.result import Opinion
from orchestrator.model.task import Folder
from orchestrator.rules.semver import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review task of ours: of which commit, where it lies, and what it came to. `request` is the comment that asked for it."""

    task_id: str
    head: str
    folder: Folder
    verdict: Opinion | None = None
    is_superseded: bool = False
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """What is asked only before something is done, and holds for one head: who made its commits, how many of them are merges of
    the base branch that changed nothing else, and how large the update is (None: it cannot be told)."""

    authors: tuple[str, ...]
    clean_merges: int
    step: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A pull request that no task here made, and what decides about it.

    `requests` are trusted people's `/agentos review` that no review has answered; `made_today` counts the reviews of the
    repository. What is None nobody has looked at yet, and the rules take it for good: `closer`, `base`, and `is_behind`, which
    says that the base branch has commits that the head has not. `goes_first` says who is brought to the base branch before it,
    `refused` why GitHub did not merge this very head, `stopped` what stops all merges of the repository.
    """

    view: PullView
    settings: RepoSettings
    us: str
    now: datetime
    reviewed: tuple[Reviewed, ...] = ()
    requests: tuple[Comment, ...] = ()
    made_today: int = 0
    closer: Closer | None = None
    base: Branch | None = None
    is_behind: bool | None = None
    goes_first: str | None = None
    refused: str | None = None
    stopped: str | None = None
    is_migration_filed: bool = False

    @property
    def pull(self) -> PullRequest:
        """The pull request itself."""
        return self.view.pull


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is done with it, and this is why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits for the world; `holds_the_lane` says that others are not brought up to date meanwhile."""

    reason: str
    holds_the_lane: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """An agent reads this very commit; `request` is the comment that asked for it."""

    reason: str
    request: Comment | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """GitHub is asked to merge the base into the head, so that what is merged was tested as it will be."""

    sha: str
    reason: str = "its base branch moved"


@dataclass(frozen=True, slots=True)
class MergeNow:
    """Everything holds on exactly this commit."""

    sha: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileIssue:
    """An issue asks for the migration; `key` is the same for every pull request about the same step."""

    key: str
    reason: str = "a major update needs a migration"


Word = Nothing | Wait | Review | Update | MergeNow | FileIssue
Rule = Callable[[Other], Word | None]


@dataclass(frozen=True, slots=True)
class Told:
    """What the next tick would do with a pull request that is not ours, and why nothing else."""

    reviewing: Word
    updating: Word
    migrating: Word
