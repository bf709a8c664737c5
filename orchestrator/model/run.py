"""One run of an agent as the ledger remembers it: whose, for what, how it ended, and what it cost."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from orchestrator.model.agent import CostSource

Moment = Annotated[datetime, Meta(tz=True)]
Amount = Annotated[float, Meta(ge=0)]


class Run(Struct, frozen=True, kw_only=True, gc=False):
    """A line of `metrics/agent_stats.jsonl` as far as routing and budgets look at it; what None is, is unknown and never zero.

    A line that lacks one of the first fields, or holds a negative cost or a time without its zone, is no record.
    """

    ts: Moment
    task: str
    repo: str
    agent: str
    attempt: int
    status: str
    run: int = 1
    issue: int | None = None
    task_type: str = ""
    complexity: str = ""
    blocker_code: str = "none"
    failure: str = "none"
    seconds: Amount | None = None
    cost_usd: Amount | None = None
    cost_source: CostSource = CostSource.UNKNOWN

    @property
    def dollars(self) -> float | None:
        """What it cost as far as anybody knows: reported or estimated, else None."""
        return None if self.cost_source is CostSource.UNKNOWN else self.cost_usd
