"""The agents of every chain, and whether each chain has one that can start."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.cli.doctor.findings import Finding, missing, ok, warning
from orchestrator.cli.office import Office
from orchestrator.config.schema import SandboxMode
from orchestrator.model.task import TaskType
from orchestrator.rules.availability import Cannot, Why

LASTING = (Why.NOT_CONFIGURED, Why.MISSING)
"""What does not end by itself."""

Chains = Mapping[tuple[str, ...], list[str]]
"""Who uses each chain, as `owner/name type` words."""


def look(office: Office) -> list[Finding]:
    """A line per agent, a line per chain in which nobody can start, and one for a missing sandbox that is meant."""
    chains = in_use(office)
    found = {name: office.cannot_go(name) for name in sorted({name for chain in chains for name in chain})}
    told = [one_agent(name, cannot) for name, cannot in found.items()]
    told += [helpless(chain, users, found) for chain, users in chains.items() if all(found[name] for name in chain)]
    if office.config.settings.sandbox.mode is SandboxMode.NONE:
        meant = "sandbox.mode is none: agents reach everything that this user reaches"
        told.append(warning("containment", meant, "take sandbox.mode out of config.yaml, or give agents a user of their own"))
    return told


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


def one_agent(name: str, cannot: Cannot | None) -> Finding:
    """Other agents of a chain stand in for one that cannot start."""
    subject = f"agent {name}"
    match cannot:
        case None:
            return ok(subject, "can start")
        case Cannot(why=Why.NOT_CONFIGURED):
            told = "it is in a chain, but there is no entry for it under agents in config.yaml"
            return warning(subject, told, "write its entry, or take it out of agent_fallbacks")
        case Cannot(why=Why.MISSING):
            return warning(subject, cannot.sentence, "install it and sign in, or take it out of agent_fallbacks")
        case Cannot(why=Why.ON_HOLD):
            return warning(subject, cannot.sentence, f"nothing, or delete state/agents/{name}.hold to let it try at once")
        case _:
            return warning(subject, cannot.sentence, "nothing, or change that setting; docs/costs.md tells of each limit")


def helpless(chain: tuple[str, ...], users: list[str], found: Mapping[str, Cannot | None]) -> Finding:
    """A chain without anybody who can start: its tasks wait. It is missing unless somebody comes back by himself."""
    who = ", ".join(users[:3]) + (f" and {len(users) - 3} more" if len(users) > 3 else "")
    told = f"no agent can start for {who} (chain: {', '.join(chain) or 'empty'})"
    fix = "make one of its agents work, or name another one in agent_fallbacks"
    comes_back = any(cannot.why not in LASTING for name in chain if (cannot := found[name]))
    return warning("chain", told, f"wait for the first to come back, or {fix}") if comes_back else missing("chain", told, fix)
