"""The agents of every chain, and whether each chain has one that can start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestrator.cli.doctor.findings import Finding, missing, ok, warning
from orchestrator.cli.office import Office
from orchestrator.config.schema import SandboxMode
from orchestrator.model.task import TaskType

Chains = Mapping[tuple[str, ...], list[str]]
"""Who uses each chain, as `owner/name type` words."""


def look(office: Office) -> list[Finding]:
    """A line per agent, a line per chain in which nobody can start, and one for a missing sandbox that is meant."""
    chains = in_use(office)
    troubles = reasons(office, {name for chain in chains for name in chain})
    found = [one_agent(name, trouble) for name, trouble in troubles.items()]
    found += [helpless(chain, users) for chain, users in chains.items() if all(troubles[name] for name in chain)]
    if office.config.settings.sandbox.mode is SandboxMode.NONE:
        told = "sandbox.mode is none: agents reach everything that this user reaches"
        found.append(warning("containment", told, "take sandbox.mode out of config.yaml, or give agents a user of their own"))
    return found


def in_use(office: Office) -> Chains:
    """Every chain of every repository with who uses it, the default agent included."""
    chains: dict[tuple[str, ...], list[str]] = {}
    for repo in office.config.repos:
        settings = office.config.repo(repo)
        first = [] if settings.default_agent in ("", "auto") else [settings.default_agent]
        for kind in TaskType:
            chain = tuple(dict.fromkeys([*first, *settings.agent_fallbacks.get(kind, [])]))
            chains.setdefault(chain, []).append(f"{repo} {kind}")
    return chains


def reasons(office: Office, names: Iterable[str]) -> dict[str, str | None]:
    """For each agent why it cannot start, None when it can."""
    agents = office.agents()
    unknown = "it is in a chain, but there is no entry for it under agents in config.yaml"
    return {name: agents[name].missing() if name in agents else unknown for name in sorted(names)}


def one_agent(name: str, trouble: str | None) -> Finding:
    """Other agents of a chain stand in for one that cannot start."""
    if trouble is None:
        return ok(f"agent {name}", "can start")
    return warning(f"agent {name}", trouble, "install it and sign in, or take it out of agent_fallbacks")


def helpless(chain: tuple[str, ...], users: list[str]) -> Finding:
    """A chain without anybody who can start: its tasks are blocked."""
    who = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
    told = f"no agent can start for {who} (chain: {', '.join(chain) or 'empty'})"
    return missing("chain", told, "make one of its agents work, or name another one in agent_fallbacks")
