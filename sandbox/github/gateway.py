"""Which part of the stand-in a request is for, with faults before and after and an entry in the ledger."""

import json
import re
import sys
import threading
import time
import traceback
from dataclasses import replace
from typing import Any

from sandbox.github import git_http
from sandbox.github.answers import DOCUMENTATION, Refused
from sandbox.github.exchange import Dropped, Request, Response, token_of
from sandbox.github.faults import Fault, Faults
from sandbox.github.graphql import GRAPHQL_PATH, Graphql, is_mutation
from sandbox.github.history import History
from sandbox.github.hub import Hub
from sandbox.github.ledger import GIT_OPERATIONS, Ledger
from sandbox.github.meanwhile import Meanwhile
from sandbox.github.rest import Found, Rest
from sandbox.github.routes.actions import find_job

LOGS = re.compile(r"/_logs/(?P<repo>[^/]+/[^/]+)/(?P<job>\d+)")
NAMED_QUERY = re.compile(rb'"query": *"(?:\\n| )*(?:query|mutation) +(\w+)')
"""A question with a name is told by it, `graphql/Name`, so that a test can tell it from the others."""

LARGEST_LEDGER_BODY = 64 * 1024


class Gateway:
    """Answers every request."""

    def __init__(self, hub: Hub, ledger: Ledger, faults: Faults, history: History, meanwhile: Meanwhile) -> None:
        self._hub = hub
        self._meanwhile = meanwhile
        self._ledger = ledger
        self._faults = faults
        self._history = history
        self._rest = Rest(hub, history)
        self._graphql = Graphql(hub)
        self._closing = threading.Event()

    def close(self) -> None:
        """Ends delays."""
        self._closing.set()

    def answer(self, request: Request) -> Response:
        """The response, or Dropped."""
        found = self._rest.find(request)
        operation = self._operation(request, found)
        self._interrupt(operation)
        path = request.path.removeprefix("/api/v3")
        fault = self._faults.take(request.method, path, operation)
        status = 0
        try:
            response = self._with_fault(request, found, operation, fault)
            status = response.status
            return self._signed(response)
        finally:
            self._enter(request, operation, path, status, fault)

    def _interrupt(self, operation: str) -> None:
        try:
            self._meanwhile.before(operation)
        except Exception:  # noqa: BLE001 - a test's function that fails is recorded for its test; the client gets its answer
            self._hub.problems.append(traceback.format_exc())

    def _operation(self, request: Request, found: Found) -> str:
        if request.path == GRAPHQL_PATH:
            named = NAMED_QUERY.search(request.body)
            return f"graphql/{named[1].decode()}" if named else "graphql"
        service = git_http.service_of(request)
        return service.replace("git-", "git/") if service else found.operation_id

    def _with_fault(self, request: Request, found: Found, operation: str, fault: Fault | None) -> Response:
        early = self._before(fault) if fault else None
        if early is not None:
            return early
        stale = fault.seconds if fault and fault.what == "stale" else None
        response = self._dispatch(request, found, operation, stale)
        return self._after(response, fault) if fault else response

    def _before(self, fault: Fault) -> Response | None:
        match fault.what:
            case "drop_before":
                raise Dropped
            case "error_before":
                return _error(fault)
            case "secondary_limit":
                return _secondary(fault)
            case "delay":
                self._closing.wait(fault.seconds)
        return None

    def _after(self, response: Response, fault: Fault) -> Response:
        match fault.what:
            case "drop_after":
                raise Dropped
            case "error_after":
                return _error(fault)
            case "truncate":
                return replace(response, kept=len(response.body) // 2)
        return response

    def _dispatch(self, request: Request, found: Found, operation: str, stale: float | None) -> Response:
        try:
            if request.path == GRAPHQL_PATH:
                return self._graphql.answer(request)
            if operation in GIT_OPERATIONS:
                return git_http.answer(self._hub, request)
            log = LOGS.fullmatch(request.path)
            if log:
                return self._log(log["repo"], int(log["job"]))
            return self._rest.answer(found, stale)
        except Exception as bug:  # noqa: BLE001 - a bug is recorded in `problems` and shown to its client instead of hanging it
            # A bug here must reach the test that caused it and not hang its client; it is recorded and shown, not hidden.
            self._hub.problems.append("".join(traceback.format_exception(bug)))
            return Response(
                500, json.dumps({"message": f"The stand-in failed: {bug!r}"}).encode(), {"Content-Type": "application/json"}
            )

    def _log(self, name: str, number: int) -> Response:
        repo = self._hub.state.world.repos.get(name.lower())
        job = find_job(repo, number) if repo else None
        if job is None:
            return Response(404, b"not found", {"Content-Type": "text/plain"})
        return Response(200, job.log.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def _signed(self, response: Response) -> Response:
        return replace(response, headers={"X-GitHub-Request-Id": f"{time.monotonic_ns():X}", **response.headers})

    def _enter(self, request: Request, operation: str, path: str, status: int, fault: Fault | None) -> None:
        body = _small_json(request.body)
        self._ledger.add(
            at=time.monotonic(),
            wall=time.time(),
            method=request.method,
            path=path,
            query=request.query,
            status=status,
            actor=self._actor(request),
            operation_id=operation,
            mutation=_changes(request, operation, body),
            body=body,
            fault=fault.what if fault else None,
        )

    def _actor(self, request: Request) -> str | None:
        try:
            token = token_of(request.headers, self._hub.state.world)
        except Refused:
            return None
        return token.login if token else None

    def note_trouble(self) -> None:
        """Records what a connection thread died of, unless the client just went away."""
        trouble = sys.exc_info()[1]
        if not isinstance(trouble, ConnectionError | TimeoutError):
            self._hub.problems.append(traceback.format_exc())


def _error(fault: Fault) -> Response:
    body = {"message": "Server Error", "documentation_url": DOCUMENTATION}
    return Response(fault.status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8"})


def _secondary(fault: Fault) -> Response:
    text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    body = {
        "message": text,
        "documentation_url": f"{DOCUMENTATION}/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
    }
    wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Response(403, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8", **wait})


def _changes(request: Request, operation: str, body: Any) -> bool:
    if request.path == GRAPHQL_PATH:
        return is_mutation(body)
    return request.method not in ("GET", "HEAD") and operation != "git/upload-pack"


def _small_json(body: bytes) -> Any:
    if not body or len(body) > LARGEST_LEDGER_BODY:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None
