"""Git over HTTP: real `git http-backend` behind tokens and permissions."""

import functools
import re
import subprocess
from pathlib import Path

from sandbox.github import ls_refs
from sandbox.github import repository as git
from sandbox.github.answers import Refused
from sandbox.github.exchange import Request, Response, token_of
from sandbox.github.hub import Hub
from sandbox.github.moves import branch_moved
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.protection import write_rules
from sandbox.github.state import Repo, Token, User

PATH = re.compile(r"/(?P<name>[^/]+/[^/]+?)(?:\.git)?(?P<rest>/info/refs|/git-upload-pack|/git-receive-pack)")


@functools.cache
def _backend() -> str:
    return str(
        Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())
        / "git-http-backend"
    )


def service_of(request: Request) -> str | None:
    """`git-upload-pack` (read) or `git-receive-pack` (write) when this is git's, else None."""
    match = PATH.fullmatch(request.path)
    if match is None:
        return None
    if match["rest"] != "/info/refs":
        return match["rest"].lstrip("/")
    return dict(request.query_pairs()).get("service", "git-upload-pack")


def answer(hub: Hub, request: Request) -> Response:
    """Reads for those who may read, pushes for those who may write; what was pushed is acted upon."""
    match = PATH.fullmatch(request.path)
    assert match is not None, "only called for git's addresses"
    try:
        token = token_of(request.headers, hub.state.world)
    except Refused:
        return _unauthorized("Invalid username or token.")
    user = hub.state.world.users[token.login.lower()] if token else None
    repo = _repo(hub, match["name"])
    service = service_of(request)
    refused = _refusal(repo, user, service == "git-receive-pack", match["name"])
    if refused is not None or repo is None:
        return refused or _not_found()
    if request.method == "POST" and service == "git-receive-pack" and user and token:
        return _receive(hub, repo, match["rest"], request, user, token)
    return _read(repo, match["rest"], request)


def _repo(hub: Hub, name: str) -> Repo | None:
    lowered = name.lower()
    return hub.state.world.repos.get(hub.state.world.renamed.get(lowered, lowered))


def _refusal(repo: Repo | None, user: User | None, write: bool, name: str) -> Response | None:
    if user is None and (repo is None or repo.private or write):
        return _unauthorized("Authentication required.")
    if repo is None or (user is not None and not reaches(permission_of(repo, user), "read")):
        return _not_found()
    if write and user is not None and not reaches(permission_of(repo, user), "write"):
        return Response(403, f"Permission to {name}.git denied to {user.login}.".encode(), {"Content-Type": "text/plain"})
    return None


def _unauthorized(text: str) -> Response:
    return Response(401, text.encode(), {"WWW-Authenticate": 'Basic realm="GitHub"', "Content-Type": "text/plain"})


def _not_found() -> Response:
    return Response(404, b"Repository not found.", {"Content-Type": "text/plain"})


def _receive(hub: Hub, repo: Repo, rest: str, request: Request, user: User, token: Token) -> Response:
    """Under the lock, so that no merge comes between the push and what follows from it."""
    role = permission_of(repo, user)
    identity = {"REMOTE_USER": user.login, "STAND_IN_ROLE": role, "STAND_IN_WORKFLOW": "1" if "workflow" in token.scopes else "0"}
    with hub.state.lock:
        before = git.branches(repo.path)
        write_rules(repo)
        response = _run(repo, rest, request, identity)
        after = git.branches(repo.path)
        for branch in sorted({*before, *after}):
            if before.get(branch) != after.get(branch):
                branch_moved(hub, repo, branch, before.get(branch), after.get(branch), user)
        hub.state.changed()
    return response


def _read(repo: Repo, rest: str, request: Request) -> Response:
    """What every look asks is answered here; the rest by git itself."""
    told = ls_refs.capabilities(repo.path, request) or ls_refs.listed(repo.path, repo.default_branch, request)
    if told is not None:
        return told
    response = _run(repo, rest, request, {})
    ls_refs.remember(repo.path, request, response)
    return response


def _run(repo: Repo, rest: str, request: Request, identity: dict[str, str]) -> Response:
    body = request.plain_body()
    environment = {
        **git.CLEAN,
        "GIT_PROJECT_ROOT": str(repo.path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": rest,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
        **identity,
    }
    done = subprocess.run([_backend()], input=body, capture_output=True, env=environment, timeout=300, check=False)
    return (
        _parsed(done.stdout)
        if done.returncode == 0 or done.stdout
        else Response(500, done.stderr, {"Content-Type": "text/plain"})
    )


def _parsed(output: bytes) -> Response:
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200 OK").split()[0])
    return Response(status, body, headers)
