"""What there is to work with now: agents that can go, money that is left, room on the machine.

The queue asks before it claims, the worker before it starts an agent, `agentos why` and `doctor` ask too: one answer (S43).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache, cached_property
from typing import Final

from orchestrator.jobs import holds
from orchestrator.jobs.world import World
from orchestrator.ledger import runs, under_way
from orchestrator.ledger.under_way import UnderWay
from orchestrator.model.run import Run
from orchestrator.model.task import TaskType
from orchestrator.rules import availability, breaker, budget, health, routing
from orchestrator.rules.availability import AgentFacts, Cannot, PlaceFacts
from orchestrator.rules.breaker import Breaker
from orchestrator.rules.budget import Level, Spent
from orchestrator.rules.health import Health
from orchestrator.rules.routing import Outlook, Routed
from orchestrator.system import room

NEWEST: Final = 2_000
"""Runs that tell how agents do and whether a breaker is open."""

MEMORY: Final = timedelta(days=60)
"""Older ones say nothing about an agent of today."""


class Means:
    """One look; each thing is read once, when it is asked for. `besides` is a task whose own run under way does not count."""

    def __init__(self, world: World, besides: str | None = None) -> None:
        self._world, self._besides, self.now = world, besides, world.now()
        self._settings = world.config.settings
        self._rest = timedelta(minutes=self._settings.circuit_breaker.cool_down_minutes)
        self.health, self.expected = cache(self._health), cache(self._expected)
        self._agent = cache(self._facts_of_agent)
        self._breaker = cache(self._breaker_of_repo)

    @cached_property
    def newest(self) -> Sequence[Run]:
        """The newest runs of the ledger."""
        return runs.since(self._world.runtime, self.now - MEMORY, most=NEWEST).runs

    @cached_property
    def under_way(self) -> tuple[UnderWay, ...]:
        """The other runs that are under way."""
        return tuple(run for run in under_way.look(self._world.runtime, self.newest) if run.task != self._besides)

    @cached_property
    def today(self) -> Spent:
        """What was spent since midnight in UTC, by everybody for everything: repairs and CI fixes too (F-30)."""
        return budget.sum_of(runs.since(self._world.runtime, budget.start_of_day(self.now)).runs)

    @cached_property
    def this_month(self) -> Sequence[Run]:
        """The runs since the month began, read only where an agent has a monthly limit."""
        return runs.since(self._world.runtime, budget.start_of_month(self.now)).runs

    def closed(self, repo: str, agent: str | None = None) -> Cannot | None:
        """Why nothing starts in a repository, None when it may; `agent` is who would start, when that is known."""
        return availability.of_place(self._place(repo, agent))

    def cannot_go(self, name: str, *, is_thorough: bool = True) -> Cannot | None:
        """Why an agent cannot go; a look that is not thorough leaves out what it may lack on this machine."""
        return availability.of_agent(self._agent(name, is_thorough))

    def level(self, name: str) -> Level:
        """How an agent stands to its monthly limits."""
        return availability.level(self._agent(name, False))

    def _health(self, name: str, task_type: TaskType) -> Health:
        """How an agent did lately at a type of task."""
        return health.of_agent(self.newest, name, task_type)

    def chain(self, task: Routed) -> tuple[str, ...]:
        """The chain of agents for a task."""
        settings = self._world.config.repo(task.repo)
        return routing.chain(task, settings.agent_fallbacks[task.task_type], settings.default_agent)

    def outlook(self, task: Routed, *, is_thorough: bool = True) -> Outlook:
        """What lies ahead of a task."""
        chain = self.chain(task)
        skipped = {name: word for name in chain if (word := self.cannot_go(name, is_thorough=is_thorough))}
        able = [name for name in chain if name not in skipped]
        soft = {
            name: f"is over its soft limit: {self._month(name)} this month" for name in able if self.level(name) is Level.SOFT
        }
        worse = self._worse(task, able) if len(able) > 1 else {}
        order = routing.in_turn(able, task.agents_tried, soft, worse)
        return Outlook(
            closed=self.closed(task.repo, order[0] if order else None), order=order, skipped=skipped, behind={**worse, **soft}
        )

    def _expected(self, agent: str) -> float:
        """Dollars that the next run of an agent will take."""
        return budget.expected(self.newest, agent)

    def _worse(self, task: Routed, able: Sequence[str]) -> dict[str, str]:
        """Who clearly does worse than another; a person's own choice is never moved back."""
        standing = {name: self.health(name, task.task_type) for name in able if name != task.agent}
        return dict(health.clearly_worse(able, standing))

    def _facts_of_agent(self, name: str, is_thorough: bool) -> AgentFacts:
        entry = self._world.config.agents.get(name)
        agent = self._world.agents.get(name) if is_thorough else None
        trouble = agent.missing() if agent is not None else None
        return AgentFacts(
            is_configured=entry is not None,
            trouble=trouble.removeprefix(f"{name}: ") if trouble else None,
            hold=holds.held(name, self._world),
            month=self._month(name),
            soft_usd=entry.monthly_soft_usd if entry else None,
            hard_usd=entry.monthly_hard_usd if entry else None,
            breaker=breaker.of_agent(
                self.newest, name, limit=self._settings.circuit_breaker.agent_failures, rest=self._rest, now=self.now
            ),
            is_tried_out=any(run.agent == name for run in self.under_way),
            now=self.now,
        )

    def _month(self, name: str) -> Spent:
        entry = self._world.config.agents.get(name)
        if entry is None or (entry.monthly_soft_usd is None and entry.monthly_hard_usd is None):
            return Spent()
        return budget.sum_of(run for run in self.this_month if run.agent == name)

    def _place(self, repo: str, agent: str | None) -> PlaceFacts:
        floors = self._settings.machine
        return PlaceFacts(
            repo=repo,
            today=self.today,
            reserved=sum(run.usd for run in self.under_way),
            next_one=self.expected(agent) if agent is not None else 0.0,
            day_usd=self._settings.max_daily_usd,
            breaker=self._breaker(repo),
            is_tried_out=any(run.repo == repo for run in self.under_way),
            free_disk=self._free_disk,
            least_disk=floors.min_free_disk_mib,
            free_memory=self._free_memory,
            least_memory=floors.min_free_memory_mib,
            now=self.now,
        )

    def _breaker_of_repo(self, repo: str) -> Breaker:
        limit = self._settings.circuit_breaker.repo_failures
        return breaker.of_repo(self.newest, repo, limit=limit, rest=self._rest, now=self.now)

    @cached_property
    def _free_disk(self) -> int:
        config = self._world.config
        return min(room.free_disk(config.runtime), room.free_disk(config.worktrees))

    @cached_property
    def _free_memory(self) -> int | None:
        return room.available_memory()
