"""How one run of an agent is set up: its entry with the words, variables and hosts of this run, and its settings files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from orchestrator.adapters.agents import providers
from orchestrator.adapters.agents.dialects.known import DIALECTS
from orchestrator.adapters.agents.dialects.speaking import Endpoint, Rewrite, Wish, option, with_words
from orchestrator.config.schema import AgentEntry
from orchestrator.ports import AgentOrder
from orchestrator.system import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The `entry` as it is for one run. It may hold a key in `set_env`, which goes into the process's environment alone.

    `model` is the one asked for, `wall_seconds` the longest run.
    """

    entry: AgentEntry = field(repr=False)
    files: Mapping[str, Rewrite]
    model: str | None
    provider: str | None
    wall_seconds: float


def setup(
    entry: AgentEntry, order: AgentOrder, endpoint: Endpoint | None, *, held: Mapping[str, str], logins: Sequence[str]
) -> Setup:
    """Tell the program in its dialect what this task gets. `held` and `logins` are what it has to sign in with."""
    scale, dialect = entry.scale(order.task_type, order.complexity), DIALECTS[entry.kind]
    wish = Wish(scale=scale, endpoint=endpoint, held=held, logins=logins)
    spoken = dialect.speak(entry.command, wish)
    minutes = scale.max_runtime_minutes
    return Setup(
        entry=msgspec.structs.replace(
            entry,
            command=with_words(entry.command, spoken.words, dialect.program),
            set_env={**entry.set_env, **spoken.env},
            env=[name for name in entry.env if name not in spoken.without and name not in spoken.env],
            allowed_hosts=providers.hosts_for(entry, endpoint.provider if endpoint else None),
        ),
        files=spoken.files,
        model=option(entry.command, "--model", "-m") or wish.model,
        provider=endpoint.provider.name if endpoint else None,
        wall_seconds=order.wall_seconds if minutes is None else minutes * 60,
    )


def write_settings(rewrites: Mapping[str, Rewrite], own_home: Path) -> None:
    """Put the settings files into an attempt's own home, over the copies of a person's. Call it before the agent starts."""
    for name, rewrite in rewrites.items():
        path = own_home / name
        content = rewrite(path.read_bytes() if path.exists() else None)
        if content is not None:
            files.publish(path, content)
