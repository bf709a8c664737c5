"""GitHub as the jobs see it: the subjects put together over one wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from orchestrator.adapters.github import histories, views
from orchestrator.adapters.github.addresses import addresses
from orchestrator.adapters.github.allowance import Allowance, limits
from orchestrator.adapters.github.board_fields import FieldShelf
from orchestrator.adapters.github.branches import Branches
from orchestrator.adapters.github.checks import Checks
from orchestrator.adapters.github.etags import Shelf
from orchestrator.adapters.github.http import Http
from orchestrator.adapters.github.issues import Issues
from orchestrator.adapters.github.labels import Labels
from orchestrator.adapters.github.limits import Backoff, Turns
from orchestrator.adapters.github.portions import Portions
from orchestrator.adapters.github.projects import Boards
from orchestrator.adapters.github.pulls import Pulls
from orchestrator.adapters.github.reviews import Reviews
from orchestrator.adapters.github.wire import Wire
from orchestrator.config.load import Config
from orchestrator.model.github import IssueHistory, IssueRef, RepositoryView
from orchestrator.ports import Clock

WRITE_GAP = 1.0
"""Seconds between two writes (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests)."""

WRITE_PATIENCE = 60.0
"""Seconds to wait for another process to finish its write."""


class GitHubClient(Issues, Labels, Boards, Branches, Pulls, Reviews, Checks):
    """Fulfils ports.GitHub. `state` is the folder of what may be thrown away; `token` is asked once, with the first request."""

    def __init__(
        self,
        config: Config,
        token: Callable[[], str | None],
        state: Path,
        clock: Clock,
        *,
        write_gap: float = WRITE_GAP,
        write_patience: float = WRITE_PATIENCE,
    ) -> None:
        self._config = config
        access = config.settings.github
        most = limits(access.max_writes_per_minute, access.max_writes_per_hour)
        allowance = Allowance(state / "github.writes", clock, most)
        self._wire = Wire(
            Http(addresses(access.api_url), token),
            Backoff(state / "github.backoff", clock),
            Turns(
                config.runtime / "locks" / "github-write.lock", state / "github.last-write", allowance, write_gap, write_patience
            ),
            Shelf(state / "etags"),
        )
        self._account, self._clock = state / "account.json", clock
        self._labels = state / "labels"
        self._portions = Portions(state / "github.portion", clock)
        self._fields = FieldShelf(self._wire, state / "boards", clock)

    def histories(self, issues: Sequence[IssueRef], labelled: Mapping[str, str]) -> Sequence[IssueHistory]:
        """The named issues and every open issue with the label given per repository, in one question."""
        return histories.histories(self._wire, issues, labelled, lambda repo: self._config.repo(repo).ready_label)

    def repository_view(
        self, repo: str, pulls: Sequence[int], issues: Sequence[int], *, with_others: bool = False
    ) -> RepositoryView:
        """The named pull requests and issues with all that decides about them, in as few questions as they fit into."""
        label = self._config.repo(repo).ready_label
        return views.repository_view(self._wire, self._portions, repo, pulls, issues, label=label, with_others=with_others)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
