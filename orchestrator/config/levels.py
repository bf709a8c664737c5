"""Which level's word counts: a repository's, else its project's, else the file's top level, else the default.

Levels are merged key by key as they were written, before defaults are filled in: a level that does not name a key says
nothing about it. Groups (`merge`, `memory`, `gate`, `prompt`, and `agent_fallbacks` by task type) are merged inside as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from orchestrator.config.schema import RepoSettings

Written = dict[str, Any]
OVERRIDABLE = frozenset(RepoSettings.__struct_fields__)


class Level(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    GLOBAL = "global"
    PROJECT = "project"
    REPO = "repo"


def resolved(written: Written) -> Written:
    """The whole file with every level's overridable keys filled in from the levels above it."""
    top = merged(_defaults(), written)
    projects = {name: _resolved_project(top, project) for name, project in written["github_projects"].items()}
    return {**top, "github_projects": projects}


def _resolved_project(top: Written, project: Written) -> Written:
    own = merged(_overridable(top), project)
    repos = [merged(_overridable(own), repo) for repo in project["repos"]]
    return {**own, "repos": repos}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Written:
    """`base` with the keys of `over` in it; groups that both have are merged inside."""
    both = dict(base)
    for key, value in over.items():
        inside = both.get(key)
        both[key] = (
            merged(inside, value) if isinstance(inside, dict) and isinstance(value, dict) and key in OVERRIDABLE else value
        )
    return both


@cache
def _defaults() -> Written:
    """The declaration's own defaults, which no file can change."""
    return dict(msgspec.to_builtins(RepoSettings()))


def _overridable(level: Written) -> Written:
    return {key: value for key, value in level.items() if key in OVERRIDABLE}
