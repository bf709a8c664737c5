"""The configuration in hand: the settings that count for each repository, and which level said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from orchestrator.config.errors import KeyPath, nearest
from orchestrator.config.levels import OVERRIDABLE, Level
from orchestrator.config.schema import AgentEntry, Project, RepoSettings, Settings
from orchestrator.system.safe_yaml import Entry, Mapping_, Node, Sequence_


@dataclass(frozen=True, slots=True)
class Explained:
    """What a key is worth, which level said so, and on which line of the file (None: it is the default)."""

    value: object
    level: Level
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration, resolved. Every level in `settings` holds the values that count there, whoever wrote them.

    `folder`, `runtime` and `worktrees` are absolute; `repos` says each repository's project; `agents` are the known agents
    with those of the file over them.
    """

    settings: Settings
    folder: Path
    runtime: Path
    worktrees: Path
    repos: Mapping[str, str]
    agents: Mapping[str, AgentEntry]
    written: Mapping_

    def project(self, name: str) -> Project:
        """The project called `name`; KeyError when there is none."""
        return self.settings.github_projects[name]

    def project_of(self, repo: str) -> Project:
        """The project that the repository `owner/name` belongs to; KeyError when it is not listed."""
        return self.project(self.repos[repo])

    def repo(self, repo: str) -> RepoSettings:
        """The settings that count for the repository `owner/name`; KeyError when it is not listed."""
        return next(entry for entry in self.project_of(repo).repos if entry.github_repo == repo)

    def explain(self, key: str, repo: str) -> Explained:
        """What `key` (`max_attempts`, `merge.no_ci`) is worth for `repo` and which level won.

        Raises KeyError for a repository that is not listed and for a key that does not exist.
        """
        steps = tuple(key.split("."))
        value = self._value(steps, repo)
        for level, group in self._levels(repo, steps[0]):
            if (entry := _entry(group, steps)) is not None:
                return Explained(value, level, entry.line)
        return Explained(value, Level.DEFAULT)

    def _value(self, steps: tuple[str, ...], repo: str) -> object:
        holders = (self.repo(repo), self.project_of(repo), self.settings)
        value: Any = next((holder for holder in holders if hasattr(holder, steps[0])), self.settings)
        for step in steps:
            known = (
                list(value) if isinstance(value, dict) else value.__struct_fields__ if isinstance(value, msgspec.Struct) else ()
            )
            if step not in known:
                raise KeyError(f"there is no setting {'.'.join(steps)}{nearest(step, known)}")
            value = value[step] if isinstance(value, dict) else getattr(value, step)
        return value

    def _levels(self, repo: str, head: str) -> list[tuple[Level, Mapping_]]:
        """The levels at which the key may stand, the strongest first, as they were written."""
        name = self.repos[repo]
        project = _written_at(self.written, ("github_projects", name))
        index = [entry.github_repo for entry in self.project(name).repos].index(repo)
        own = _written_at(self.written, ("github_projects", name, "repos", index))
        if head in OVERRIDABLE:
            return [(Level.REPO, own), (Level.PROJECT, project), (Level.GLOBAL, self.written)]
        if head in Settings.__struct_fields__:
            return [(Level.GLOBAL, self.written)]
        return [(Level.REPO, own), (Level.PROJECT, project)]


def _written_at(root: Mapping_, path: KeyPath) -> Mapping_:
    """The group at a path that the loaded settings are known to have."""
    node: Node = root
    for step in path:
        node = node.items[step] if isinstance(node, Sequence_) else node.entries[step].value  # type: ignore[index, union-attr]  # the loaded settings have this path
    assert isinstance(node, Mapping_)
    return node


def _entry(group: Mapping_, steps: tuple[str, ...]) -> Entry | None:
    """Where the group, or a group inside it, names the key; None when it says nothing about it."""
    entry = group.entries.get(steps[0])
    if entry is None or len(steps) == 1:
        return entry
    return _entry(entry.value, steps[1:]) if isinstance(entry.value, Mapping_) else None
