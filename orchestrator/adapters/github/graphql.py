"""GraphQL for the reads that REST does not have: one question, and a judgement of what came with errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from orchestrator.adapters.github.answers import Answer, GaveUp
from orchestrator.adapters.github.wire import Wire
from orchestrator.ports import Unavailable

TOO_MUCH = ("RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED")
TIMED_OUT = "Something went wrong while executing your query"
"""How GitHub says that a question was too much for it, beside the status 502."""


class Problem(Struct):
    """One entry of `errors`. `path` begins with the alias it is about; `type` is GitHub's own addition."""

    message: str
    type: str = ""
    path: list[str | int] = []

    def place(self) -> str:
        """Where in the answer it happened."""
        return ".".join(map(str, self.path)) or "the whole question"


class _Reply(Struct):
    data: dict[str, Any] | None = None
    errors: list[Problem] = []


def ask(wire: Wire, query: str, variables: Mapping[str, object]) -> tuple[dict[str, Any], list[Problem]]:
    """The data of one question, and what was NOT_FOUND. Any other error raises Unavailable: the answer is not whole.

    Values belong into `variables`: the query text is ours alone.
    """
    answer = wire.question(query, variables)
    reply = answer.read(_Reply)
    _judge(wire, answer, reply)
    if reply.data is None:
        raise Unavailable(f"{answer.what}: no data")
    return reply.data, reply.errors


def _judge(wire: Wire, answer: Answer, reply: _Reply) -> None:
    """Raise unless all errors are NOT_FOUND; GaveUp when the question was too much."""
    for problem in reply.errors:
        if problem.type == "RATE_LIMITED":
            raise wire.slow_down(f"rate limit: {problem.message[:200]}", answer)
    for problem in reply.errors:
        if problem.type in TOO_MUCH or problem.message.startswith(TIMED_OUT):
            raise GaveUp(f"{answer.what}: {problem.type} {problem.message[:200]} at {problem.place()}")
    for problem in reply.errors:
        if problem.type != "NOT_FOUND" or not problem.path:
            raise Unavailable(f"{answer.what}: {problem.type} {problem.message[:200]} at {problem.place()}")
