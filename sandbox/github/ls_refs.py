"""The two questions of git's protocol that every fetch and look begins with, answered without starting git.

https://git-scm.com/docs/protocol-v2: the capabilities are the same whatever the refs are, and `ls-refs` lists refs by prefix.
Whatever else is asked (packs, tags to be peeled, an older protocol) is left to `git http-backend`.
"""

from pathlib import Path

from sandbox.github import repository as git
from sandbox.github.exchange import Request, Response

RESULT = {"Content-Type": "application/x-git-upload-pack-result", "Cache-Control": "no-cache"}
FLUSH = b"0000"
HIDDEN = "refs/internal/"

_capabilities: dict[Path, Response] = {}


def capabilities(path: Path, request: Request) -> Response | None:
    """What http-backend answered to the same question about this repository before; None when it must be asked."""
    return _capabilities.get(path) if _asks_capabilities(request) else None


def remember(path: Path, request: Request, response: Response) -> None:
    """Keeps http-backend's capabilities."""
    if _asks_capabilities(request) and response.status == 200:
        _capabilities[path] = response


def _asks_capabilities(request: Request) -> bool:
    asks = request.method == "GET" and dict(request.query_pairs()).get("service") == "git-upload-pack"
    return asks and request.headers.get("git-protocol") == "version=2"


def listed(path: Path, default_branch: str, request: Request) -> Response | None:
    """The refs that an `ls-refs` asks for; None for any other question."""
    if request.method != "POST" or request.headers.get("git-protocol") != "version=2":
        return None
    words = _words(request.plain_body())
    if not words or words[0] != "command=ls-refs":
        return None
    prefixes = [word.removeprefix("ref-prefix ") for word in words if word.startswith("ref-prefix ")]
    refs = {name: sha for name, sha in git.refs(path).items() if not name.startswith(HIDDEN)}
    if any(name.startswith("refs/tags/") for name in refs):
        return None
    head = f"refs/heads/{default_branch}"
    told = {"HEAD": refs[head], **refs} if head in refs else refs
    points = f" symref-target:{head}" if "symrefs" in words else ""
    lines = [
        f"{sha} {name}{points if name == 'HEAD' else ''}\n"
        for name, sha in told.items()
        if not prefixes or name.startswith(tuple(prefixes))
    ]
    return Response(200, b"".join(_packet(line) for line in lines) + FLUSH, RESULT)


def _packet(line: str) -> bytes:
    raw = line.encode()
    return f"{len(raw) + 4:04x}".encode() + raw


def _words(body: bytes) -> list[str]:
    """The lines of a request, without its delimiters."""
    words, place = [], 0
    while place + 4 <= len(body):
        size = int(body[place : place + 4], 16)
        if size >= 4:
            words.append(body[place + 4 : place + size].decode("utf-8", "replace").rstrip("\n"))
        place += max(size, 4)
    return words
