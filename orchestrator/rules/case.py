"""A pull request of ours with its verdict's surroundings: what the steps that follow are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.config.schema import Project
from orchestrator.model.github import IssueRef
from orchestrator.model.task import Folder, Task
from orchestrator.rules.seen import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a verdict is acted on with. `logs` holds the failed checks' logs by name, already made public.

    `lies_in` is the folder of the task's file: a pull request may end while its task waits or rests elsewhere (S60). `labels`
    are the issue's and `card` is its card's status, where they were seen. `tried` is what was tried before it is given up.
    """

    seen: Seen
    project_name: str
    project: Project
    logs: Mapping[str, str]
    tried: str = ""
    lies_in: Folder = Folder.REVIEW
    labels: tuple[str, ...] | None = None
    card: str | None = None

    @property
    def task(self) -> Task:
        """The task behind the pull request."""
        return self.seen.task

    @property
    def ref(self) -> IssueRef:
        """Where to speak: the issue, or the pull request itself when the task has none."""
        return IssueRef(self.task.repo, self.task.issue or self.seen.pull.number)


def about(case: Case) -> str:
    """The pull request as one writes it."""
    return f"{case.task.repo}#{case.seen.pull.number}"
