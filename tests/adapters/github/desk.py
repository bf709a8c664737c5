"""What the tests of the GitHub adapter work with: clients of one installation, a clock, and a server that says odd things."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.config.load import Config, load
from orchestrator.model.github import IssueRef

REPO = "acme/web"
BOT = "agent-os"

CONFIG = """\
github_owner: acme
github:
  api_url: {api_url}
  max_writes_per_minute: {per_minute}
  max_writes_per_hour: {per_hour}
github_projects:
  web:
    project_number: {number}
    owner_type: {owner_type}
    repos:
      - github_repo: acme/web
      - github_repo: acme/api
  plain:
    repos:
      - github_repo: acme/tools
"""


@dataclass
class Watch:
    """A clock that stands still until it is told to go on."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Desk:
    """One installation: a folder with configuration and state, and as many clients as processes would have."""

    folder: Path
    api_url: str
    token: str
    clock: Watch = field(default_factory=Watch)
    per_minute: int = 60
    per_hour: int = 400

    def config(self, number: int = 1, owner_type: str = "organization") -> Config:
        path = self.folder / "config.yaml"
        limits = {"per_minute": self.per_minute, "per_hour": self.per_hour}
        path.write_text(CONFIG.format(api_url=self.api_url, number=number, owner_type=owner_type, **limits))
        return load(path, env={})

    @property
    def state(self) -> Path:
        return self.folder / "runtime" / "state"

    def client(
        self, token: str | None = None, *, gap: float = 0.0, patience: float = 10.0, owner_type: str = "organization"
    ) -> GitHubClient:
        config = self.config(owner_type=owner_type)
        return GitHubClient(config, lambda: token or self.token, self.state, self.clock, write_gap=gap, write_patience=patience)


def ref(number: int, repo: str = REPO) -> IssueRef:
    return IssueRef(repo, number)


@dataclass(frozen=True)
class Said:
    """One answer of the odd server."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """One request that the odd server got; header names are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Odd:
    """A server that gives the answers it was told to, the last one over and over, and remembers what it was asked."""

    url: str = ""
    answers: list[Said] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def say(self, body: object = None, status: int = 200, **headers: str) -> None:
        self.answers.append(Said(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    def next(self) -> Said:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def odd_server() -> Iterator[Odd]:
    odd = Odd()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(odd))
    odd.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(odd: Odd) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            odd.heard.append(Heard(self.command, self.path, headers, json.loads(sent) if sent else None))
            said = odd.next()
            body = said.body if isinstance(said.body, bytes) else b"" if said.body is None else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass  # pytest's output is for failures

    return Handler
