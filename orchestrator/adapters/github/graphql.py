"""GraphQL for the reads that REST does not have: one question, and a judgement of what came with errors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from orchestrator.adapters.github.answers import Answer, GaveUp
from orchestrator.adapters.github.wire import Wire
from orchestrator.ports import Refused, Unavailable

RATE_LIMITS = ("RATE_LIMITED", "RATE_LIMIT")
"""GitHub has used both (https://github.com/yanyongyu/githubkit/issues/271)."""

NOT_FOR_US = ("FORBIDDEN", "INSUFFICIENT_SCOPES")
"""What our token may not see. It is the same with each tick, until a person gives it more."""

TOO_MUCH = ("RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED")
TIMED_OUT = "Something went wrong while executing your query"
"""How GitHub says that a question was too much for it, beside the status 502."""


class Problem(Struct):
    """One entry of `errors`. `path` begins with the alias it is about; `type` is GitHub's own addition, and a `code` among the
    `extensions` tells of a field or an argument that its schema does not have."""

    message: str
    type: str = ""
    path: list[str | int] = []
    extensions: dict[str, Any] | None = None

    def place(self) -> str:
        """Where in the answer it happened."""
        return ".".join(map(str, self.path)) or "the whole question"

    def is_for_a_person(self) -> bool:
        """Whether asking again cannot help."""
        return self.type in NOT_FOR_US or "code" in (self.extensions or {})

    def is_limit(self) -> bool:
        """Whether it is a rate limit: a secondary one is told by its words alone."""
        return self.type in RATE_LIMITS or (self.type != "NOT_FOUND" and "rate limit" in self.message.lower())


class _Reply(Struct):
    data: dict[str, Any] | None = None
    errors: list[Problem] = []
    message: str = ""  # in place of data and errors, as REST says no


def ask(
    wire: Wire, query: str, variables: Mapping[str, object], *, may_lack: Collection[str] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """The data of one question, and what was NOT_FOUND. Any other error raises Unavailable: the answer is not whole. Refused for
    what our token may not see, and for a question that GitHub does not understand: a person must hear of it.

    `may_lack` are fields that may be null where our token may not see them. Values belong into `variables`: the query text is
    ours alone.
    """
    answer = wire.question(query, variables)
    reply = answer.read(_Reply)
    reply.errors = [one for one in reply.errors if not (one.type in NOT_FOR_US and one.path and one.path[-1] in may_lack)]
    _judge(wire, answer, reply)
    if reply.data is None:
        raise Unavailable(f"{answer.what}: no data")
    return reply.data, reply.errors


def _judge(wire: Wire, answer: Answer, reply: _Reply) -> None:
    """Raise unless all errors are NOT_FOUND; GaveUp when the question was too much.

    A limit comes with the status 200, the secondary one with words alone
    (https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit).
    """
    for problem in (*reply.errors, *([Problem(reply.message)] if reply.data is None else [])):
        if problem.is_limit():
            raise wire.slow_down(f"rate limit: {problem.message[:200]}", answer)
    for problem in reply.errors:
        if problem.type in TOO_MUCH or problem.message.startswith(TIMED_OUT):
            raise GaveUp(f"{answer.what}: {problem.type} {problem.message[:200]} at {problem.place()}")
    for problem in reply.errors:
        if problem.type != "NOT_FOUND" or not problem.path:
            trouble = Refused if problem.is_for_a_person() else Unavailable
            raise trouble(f"{answer.what}: {problem.type} {problem.message[:200]} at {problem.place()}")
