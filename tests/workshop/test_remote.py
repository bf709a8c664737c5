"""The way to the other side over HTTP: who sees the token, which environment git has, what an answer means."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from orchestrator.ports import Refused, Unavailable
from orchestrator.workshop import git as ours
from orchestrator.workshop.gate import Gate
from tests.workshop.forge import IDENTITY, Forge, git

TOKEN = "ghs_made-up-for-this-test-0123456789"


class Answer(BaseHTTPRequestHandler):
    """Answers everything with one status, and looks at how it was asked and at all processes while the asker waits."""

    status: ClassVar[int] = 500
    location: ClassVar[str] = ""
    seen: ClassVar[list[str | None]]
    commands: ClassVar[list[bytes]]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization"))
        self.commands.extend(place.read_bytes() for place in Path("/proc").glob("[0-9]*/cmdline"))
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Answer", (Answer,), {"seen": [], "commands": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def asked(server: ThreadingHTTPServer, folder: Path, status: int, location: str = "") -> type[Answer]:
    """Let a gate fetch from a server that answers so; raises what the gate raises."""
    handler: type[Answer] = server.RequestHandlerClass  # type: ignore[assignment]  # the fixture made it of this type
    handler.status, handler.location = status, location
    url = f"http://127.0.0.1:{server.server_address[1]}/acme/web.git"
    Gate(folder / "repos", "acme/web", url, lambda: TOKEN, identity=IDENTITY, confined=False).fetch("main")
    return handler


@pytest.mark.parametrize(
    ("status", "trouble"), [(401, Refused), (403, Refused), (404, Refused), (500, Unavailable), (502, Unavailable)]
)
def test_an_answer_means_never_or_not_now(
    server: ThreadingHTTPServer, tmp_path: Path, status: int, trouble: type[Exception]
) -> None:
    with pytest.raises(trouble) as raised:
        asked(server, tmp_path, status)
    assert TOKEN not in str(raised.value)


def test_t6_the_token_is_in_a_header_and_in_no_command_line_address_or_file(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        asked(server, tmp_path, 500)
    handler: type[Answer] = server.RequestHandlerClass  # type: ignore[assignment]  # the fixture made it of this type
    secret = base64.b64encode(f"x-access-token:{TOKEN}".encode())
    assert handler.seen == [f"Basic {secret.decode()}"]
    assert any(b"ls-remote" in command for command in handler.commands)
    assert not any(TOKEN.encode() in command or secret in command for command in handler.commands)
    assert not any(secret in path.read_bytes() for path in (tmp_path / "repos").rglob("*") if path.is_file())


def test_a_redirect_is_not_followed_and_sees_no_token(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    elsewhere = f"http://localhost:{server.server_address[1]}/other.git/info/refs?service=git-upload-pack"
    with pytest.raises(Refused):
        asked(server, tmp_path, 301, elsewhere)
    assert len(server.RequestHandlerClass.seen) == 1  # type: ignore[attr-defined]  # the fixture made it of this type


def test_nothing_of_our_environment_reaches_git(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = forge.folder / "home"
    hostile.mkdir()
    (hostile / ".gitconfig").write_text("[core]\n\tabbrev = 7\n[alias]\n\tls-tree = !exit 9\n")
    for name, value in {
        "HOME": str(hostile),
        "XDG_CONFIG_HOME": str(hostile),
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_CONFIG_GLOBAL": str(hostile / ".gitconfig"),
        "GIT_CONFIG_PARAMETERS": "'core.abbrev=7'",
        "GIT_OBJECT_DIRECTORY": "/nowhere",
        "GIT_EXTERNAL_DIFF": "/bin/false",
        "GIT_ASKPASS": "/bin/false",
        "GITHUB_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    assert forge.new_gate().fetch("main") == {"main": forge.base}
    said = ours.output(forge.gate.place, "config", "--list").decode()
    assert "abbrev" not in said
    assert not [name for name in ours.environment() if name.startswith("GIT_") and name not in KNOWN_NAMES]
    assert TOKEN not in str(ours.environment())


KNOWN_NAMES = (
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_ATTR_NOSYSTEM",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OPTIONAL_LOCKS",
    "GIT_TERMINAL_PROMPT",
    "GIT_LITERAL_PATHSPECS",
)


def test_hooks_of_the_gate_never_run(forge: Forge) -> None:
    hook = forge.gate.place / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {forge.canary}\n")
    hook.chmod(0o755)
    forge.gate.keep("x", forge.base)
    assert not forge.canary.exists()
    git(forge.gate.place, "update-ref", "refs/agentos/y", forge.base)
    assert forge.canary.exists()
