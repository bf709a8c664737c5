"""POST /graphql: queries executed against the trimmed schema by graphql-core, errors in GitHub's form."""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, build_schema, execute_sync, parse, validate

from sandbox.github.answers import Refused, refusal
from sandbox.github.exchange import Request, Response, token_of
from sandbox.github.graphql_roots import query_root
from sandbox.github.hub import Hub

GRAPHQL_PATH = "/api/graphql"
SCHEMA = Path(__file__).parent / "data" / "github.graphql"


@functools.cache
def schema() -> GraphQLSchema:
    """The schema, parsed once."""
    return build_schema(SCHEMA.read_text())


@functools.lru_cache(maxsize=200)
def understood(query: str) -> DocumentNode | tuple[GraphQLError, ...]:
    """The question, parsed and valid, or what is wrong with it; it takes 30 ms and follows from the text alone, so it is kept."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return (error,)
    return tuple(validate(schema(), document)) or document


def is_mutation(body: Any) -> bool:
    """Whether a request body asks for a change."""
    return isinstance(body, dict) and re.search(r"^\s*mutation\b", str(body.get("query", "")), re.MULTILINE) is not None


class Graphql:
    """Answers GraphQL requests."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def answer(self, request: Request) -> Response:
        """200 with data or errors; 401, 403 and 400 as REST has them."""
        headers: dict[str, str] = {"Content-Type": "application/json; charset=utf-8"}
        try:
            body = self._executed(request, headers)
        except Refused as refused:
            return Response(refused.answer.status, json.dumps(refused.answer.body).encode(), headers)
        return Response(200, json.dumps(body, ensure_ascii=False).encode(), headers)

    def _executed(self, request: Request, headers: dict[str, str]) -> dict[str, Any]:
        token = token_of(request.headers, self._hub.state.world)
        if token is None:
            raise refusal(401, "This endpoint requires you to be authenticated.")
        left = self._hub.limits.spend("graphql")
        headers |= {**self._hub.limits.headers("graphql"), "X-OAuth-Scopes": ", ".join(token.scopes)}
        if not left:
            raise refusal(403, "API rate limit exceeded for user.")
        asked = request.json()
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            raise refusal(400, "A query attribute must be specified and must be a string.")
        with self._hub.state.lock:
            root = query_root(self._hub, self._hub.state.world.users[token.login.lower()])
            return formatted(_result(asked, root))


def _result(asked: Mapping[str, Any], root: object) -> ExecutionResult:
    match understood(asked["query"]):
        case DocumentNode() as document:
            return execute_sync(
                schema(),
                document,
                root,
                variable_values=asked.get("variables"),
                operation_name=asked.get("operationName"),
            )
        case errors:
            return ExecutionResult(data=None, errors=list(errors))


def formatted(result: ExecutionResult) -> dict[str, Any]:
    """The body: `errors` have their `type` at the top, as on GitHub."""
    body: dict[str, Any] = {} if result.data is None and result.errors else {"data": result.data}
    if result.errors:
        body["errors"] = [_error(error) for error in result.errors]
    return body


def _error(error: GraphQLError) -> dict[str, Any]:
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        raise error.original_error
    shape: dict[str, Any] = dict(error.formatted)
    extensions = dict(shape.pop("extensions", {}))
    kind = extensions.pop("type", None)
    return {**({"type": kind} if kind else {}), **shape, **({"extensions": extensions} if extensions else {})}
