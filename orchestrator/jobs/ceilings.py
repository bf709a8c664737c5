"""What a person hears when a ceiling, a breaker, a floor or a lack of agents holds work back: once for each and day or month."""

from __future__ import annotations

import hashlib

from orchestrator.jobs.means import Means
from orchestrator.jobs.world import World
from orchestrator.model.step import Step, Tell
from orchestrator.rules.availability import Cannot, Why
from orchestrator.rules.budget import Level
from orchestrator.rules.routing import Outlook


def in_words(outlook: Outlook) -> str:
    """Why nothing starts; or who cannot go, and who goes later than the chain says."""
    if outlook.closed is not None:
        return outlook.closed.sentence
    reasons = {**{name: cannot.sentence for name, cannot in outlook.skipped.items()}, **outlook.behind}
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def alerts(outlook: Outlook, means: Means, repo: str, world: World) -> list[Step]:
    """The messages about what holds a task back, and about agents that a limit or a breaker moved away."""
    told = of_place(outlook.closed, means, repo) if outlook.closed else []
    for name in (*outlook.order, *outlook.skipped):
        told += of_agent(name, outlook.skipped.get(name), means)
    if outlook.agent is None and outlook.closed is None:
        told.append(nobody_can_go(means, world))
    return told


def of_place(closed: Cannot, means: Means, repo: str) -> list[Step]:
    """Why nothing starts, where that is news: a day, a floor, a repository's breaker."""
    day, place = f"{means.now:%Y-%m-%d}", repo.replace("/", "-")
    match closed.why:
        case Why.DAY_IS_SPENT:
            text = f"Nothing new starts today: {closed.sentence}. What runs goes on."
            return [Tell(key=f"day-is-spent-{day}", severity="action", text=text)]
        case Why.DISK_IS_FULL | Why.MEMORY_IS_SHORT:
            text = f"Nothing new starts: {closed.sentence}. Tasks wait, and go on by themselves once there is room."
            return [Tell(key=f"{closed.why}-{day}", severity="action", text=text)]
        case Why.FAILED_TOO_OFTEN:
            text = f"Work on {repo} rests: {closed.sentence}. Then one attempt shows whether to go on."
            return [Tell(key=f"failed-too-often-repo-{place}-{day}", severity="action", text=text)]
        case _:
            return []


def of_agent(name: str, cannot: Cannot | None, means: Means) -> list[Step]:
    """A monthly limit reached, or an agent's breaker opened."""
    if cannot is not None and cannot.why is Why.FAILED_TOO_OFTEN:
        key = f"failed-too-often-agent-{name}-{means.now:%Y-%m-%d}"
        return [Tell(key=key, severity="warning", text=f"{name} rests: {cannot.sentence}. Others go on for it.")]
    if cannot is not None and cannot.why is Why.MONTH_IS_SPENT:
        key = f"month-hard-{name}-{means.now:%Y-%m}"
        return [Tell(key=key, severity="action", text=f"{name} {cannot.sentence}. Others go on for it.")]
    if means.level(name) is Level.SOFT:
        text = f"{name} is over its soft monthly limit (monthly_soft_usd): the others of a chain go first."
        return [Tell(key=f"month-soft-{name}-{means.now:%Y-%m}", severity="warning", text=text)]
    return []


def nobody_can_go(means: Means, world: World) -> Step:
    """One message a day for one state of all agents, whichever task, worker or chain met it first (S23)."""
    reasons = {name: cannot for name in in_use(world) if (cannot := means.cannot_go(name))}
    state = "".join(f"{name} {cannot.why}\n" for name, cannot in sorted(reasons.items()))
    told = "; ".join(f"{name}: {cannot.sentence}" for name, cannot in reasons.items()) or "no chain names any"
    text = (
        f"No agent can work. {told}. Tasks wait and go on by themselves; `bin/agentos doctor` says how to mend what is missing."
    )
    key = f"no-agent-{world.now():%Y-%m-%d}-{hashlib.sha256(state.encode()).hexdigest()[:8]}"
    return Tell(key=key, severity="action", text=text)


def in_use(world: World) -> tuple[str, ...]:
    """Every agent that some repository's chain or default names."""
    told = [world.config.repo(repo) for repo in world.config.repos]
    chains = [name for one in told for chain in one.agent_fallbacks.values() for name in chain]
    return tuple(dict.fromkeys([*(one.default_agent for one in told if one.default_agent not in ("", "auto")), *chains]))
