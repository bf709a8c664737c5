"""The REST interface: authenticate, validate, route, answer, validate again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.github.answers import Answer, Refused, not_found, refusal
from sandbox.github.call import Call
from sandbox.github.exchange import Request, Response, token_of
from sandbox.github.history import History
from sandbox.github.hub import Hub
from sandbox.github.router import Route, Router
from sandbox.github.routes.table import HANDLERS
from sandbox.github.state import Token, World
from sandbox.github.validate import check_request, response_problem

BASE = "/api/v3"
# Routes whose refusal may have any shape.
UNCHECKED = 300


@dataclass(frozen=True)
class Found:
    """A request with its route."""

    request: Request
    route: Route | None
    captures: Mapping[str, str]

    @property
    def operation_id(self) -> str:
        return self.route.operation_id if self.route else "none"


class Rest:
    """Answers REST requests."""

    def __init__(self, hub: Hub, history: History) -> None:
        self._hub = hub
        self._history = history
        self._router = Router(HANDLERS)

    def find(self, request: Request) -> Found:
        """Which route the request is for."""
        found = self._router.find(request.method, request.path.removeprefix(BASE))
        return Found(request, *found) if found else Found(request, None, {})

    def answer(self, found: Found, stale: float | None) -> Response:
        """The whole way of a request; `stale` is the age of the world it sees, None for the usual."""
        headers: dict[str, str] = {}
        try:
            token = self._authenticated(found.request, headers)
            self._charge(found, headers)
            answer = self._called(found, token, stale)
        except Refused as refused:
            answer = refused.answer
        return self._written(found, answer, headers)

    def _authenticated(self, request: Request, headers: dict[str, str]) -> Token:
        token = token_of(request.headers, self._hub.state.world)
        if token is None:
            raise refusal(401, "Requires authentication")
        headers["X-OAuth-Scopes"] = ", ".join(token.scopes)
        return token

    def _charge(self, found: Found, headers: dict[str, str]) -> None:
        limits, resource = self._hub.limits, _resource(found)
        left = found.operation_id == "rate-limit/get" or limits.spend(resource)
        headers |= limits.headers(resource)
        if not left:
            raise refusal(
                403,
                "API rate limit exceeded for user. If you reach out to GitHub Support for help, please include the request ID.",
            )

    def _called(self, found: Found, token: Token, stale: float | None) -> Answer:
        route, request = found.route, found.request
        if route is None:
            raise not_found()
        body = request.json() if request.method != "GET" else None
        raw = json.dumps(body).encode() if body is not None else None
        check_request(route.name, found.captures, [pair for pair in request.query_pairs() if pair[1]], raw)
        with self._hub.state.lock:
            answer = route.handler(self._call(found, token, stale, body))
            if request.method != "GET":
                self._hub.state.changed()
        return answer

    def _call(self, found: Found, token: Token, stale: float | None, body: Any) -> Call:
        world = self._world(found, stale)
        viewer = world.users.get(token.login.lower()) or self._hub.state.world.users[token.login.lower()]
        url = f"{self._hub.links.web}{found.request.target}"
        return Call(
            self._hub, world, viewer, token, found.request.method, found.captures, url, dict(found.request.query_pairs()), body
        )

    def _world(self, found: Found, stale: float | None) -> World:
        if found.request.method != "GET":
            return self._hub.state.world
        if stale is not None:
            return self._history.world(stale)
        lists = "/list" in found.operation_id or found.operation_id.startswith("search/")
        return self._history.world(self._history.seconds) if lists else self._hub.state.world

    def _written(self, found: Found, answer: Answer, headers: dict[str, str]) -> Response:
        problem = (
            response_problem(found.route.name, answer.status, answer.body) if found.route and answer.status < UNCHECKED else None
        )
        if problem:
            self._hub.problems.append(problem)
            answer = Answer(500, {"message": f"The stand-in's own answer is not as the description says: {problem}"})
        body = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers |= (
            {"Content-Type": "application/json; charset=utf-8", "X-GitHub-Media-Type": "github.v3; format=json"} if body else {}
        )
        headers |= answer.headers
        if found.request.method == "GET" and answer.status == 200:
            return self._conditional(found, body, headers)
        return Response(answer.status, body, headers)

    def _conditional(self, found: Found, body: bytes, headers: dict[str, str]) -> Response:
        tag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        headers["ETag"] = tag
        wanted = found.request.headers.get("if-none-match", "")
        if tag.removeprefix("W/") not in [part.strip().removeprefix("W/") for part in wanted.split(",")]:
            return Response(200, body, headers)
        self._hub.limits.give_back(_resource(found))
        headers |= self._hub.limits.headers(_resource(found))
        headers.pop("Content-Type", None)
        return Response(304, b"", headers)


def _resource(found: Found) -> str:
    return "search" if found.operation_id.startswith("search/") else "core"
