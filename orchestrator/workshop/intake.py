"""Taking an agent's work in: from a folder that may hold anything to a commit of ours in the gate.

The one git command that looks at the folder only lists its untracked names, with our bare repository and our index, in a sandbox
without network. File contents are read without git (workshop.looking) and handed to the gate as a stream on standard input.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.model.tree import Refusal
from orchestrator.ports import Unavailable
from orchestrator.system import bubblewrap, processes
from orchestrator.workshop import bare, git, looking, trees
from orchestrator.workshop.looking import Edit, NotTaken
from orchestrator.workshop.working_copy import RESULT

SENSITIVE = re.compile(
    r"\.env(\.(?!example$|sample$|template$|dist$|defaults$).+)?|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.git-credentials|\.pypirc"
    r"|\.htpasswd|.+\.(key|p12|pfx|jks|keystore|kdbx|ppk)"
)
"""Names of files that hold secrets by habit. A new one is left out of the work and told about; a tracked one counts."""

LEFT_OUT = "Left-out: "


@dataclass(frozen=True, slots=True)
class Differences:
    """What an agent changed, and the new files that are left out for their names."""

    edits: tuple[Edit, ...]
    left_out: tuple[bytes, ...]


def differences(gate: Path, workdir: Path, base: str, *, confined: bool, limits: git.Limits = git.JUDGING) -> Differences:
    """How the working files differ from the tree of `base`. Raises NotTaken, FileNotFoundError when there is no folder.

    The result file never counts: new, it is no work; tracked, it stays as it was.
    """
    workdir.stat()
    known = {path: file for path, file in trees.listing(gate, base).items() if path != RESULT.encode()}
    new = [path for path in _untracked(gate, workdir, base, confined=confined, limits=limits) if path != RESULT.encode()]
    for path in new:
        if path.endswith(b"/"):
            raise NotTaken("G05", path, "is a repository of its own")
    left_out = tuple(path for path in new if is_sensitive(path))
    return Differences(looking.edits(workdir, known, set(new) - set(left_out)), left_out)


def is_sensitive(path: bytes) -> bool:
    """Whether a file of this name holds secrets by habit."""
    return SENSITIVE.fullmatch(os.path.basename(path).decode(errors="replace").lower()) is not None


def _untracked(gate: Path, workdir: Path, base: str, *, confined: bool, limits: git.Limits) -> list[bytes]:
    """Names in the folder that `base` does not have and its own .gitignore files do not ignore."""
    with bare.index(gate) as index:
        git.output(gate, "read-tree", base, env=index)
        env = git.environment({**index, "GIT_WORK_TREE": str(workdir)})
        argv = git.command(gate, ("ls-files", "-z", "--others", "--exclude-standard"))
        if confined:
            argv = bubblewrap.command(argv, workdir=str(workdir), read_only=[gate, workdir], writable=[], env=env, network=False)
        try:
            finished = git.limited(argv, env, limits)
        except processes.TimedOut as late:
            raise NotTaken("G14", b"the working copy", f"could not be listed in {limits.seconds:.0f} s") from late
    if finished.err.startswith(b"bwrap:"):
        raise Unavailable(f"the sandbox did not start: {finished.err.decode(errors='replace').strip()}")
    if finished.code != 0 or len(finished.out) >= limits.output:
        raise NotTaken("G14", b"the working copy", f"could not be listed: {finished.err.decode(errors='replace')[-300:].strip()}")
    return [name for name in finished.out.split(b"\0") if name]


def record(gate: Path, found: Differences, base: str, ref: str, identity: tuple[str, str]) -> str | Refusal:
    """Store the differences as one commit on `base` under `ref`; the name of its tree. Same work, same commit.

    Refuses with G09 a tree with a path that git would never check out.
    """
    when = git.line(gate, "show", "-s", "--format=%ct", base)
    stream = b"".join(_stream(found, base, ref, identity, when))
    git.output(gate, "fast-import", "--quiet", "--force", "--done", "--date-format=raw", stdin=stream)
    tree = git.line(gate, "rev-parse", f"{ref}^{{tree}}")
    if problem := trees.can_be_checked_out(gate, tree):
        git.output(gate, "update-ref", "-d", ref)
        return Refusal("G09", problem)
    return tree


def _stream(found: Differences, base: str, ref: str, identity: tuple[str, str], when: str) -> Iterator[bytes]:
    """The words of git fast-import: a commit that deletes first, so that a folder can make place for a file."""
    name, email = identity
    message = b"Work of an agent, as its files were\n" + _told(found.left_out)
    yield f"feature done\ncommit {ref}\ncommitter {name} <{email}> {when} +0000\n".encode()
    yield b"data %d\n%b\nfrom %b\n" % (len(message), message, base.encode())
    for edit in found.edits:
        if edit.content is None:
            yield b"D %b\n" % quoted(edit.path)
    for edit in found.edits:
        if edit.content is not None:
            yield b"M %b inline %b\ndata %d\n%b\n" % (edit.mode.encode(), quoted(edit.path), len(edit.content), edit.content)
    yield b"done\n"


def _told(left_out: Iterable[bytes]) -> bytes:
    lines = "".join(f"{LEFT_OUT}{path.decode(errors='backslashreplace')!r}\n" for path in left_out)
    return f"\n{lines}".encode() if lines else b""


def left_out(gate: Path, ref: str) -> tuple[str, ...]:
    """The files that were left out of the work stored under `ref`, as Python writes their names."""
    message = git.output(gate, "show", "-s", "--format=%B", ref).decode(errors="replace")
    return tuple(row.removeprefix(LEFT_OUT).strip("'") for row in message.splitlines() if row.startswith(LEFT_OUT))


def quoted(path: bytes) -> bytes:
    """A path in the quotes of git fast-import: everything but plain letters as an octal escape."""
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/"
    return b'"' + b"".join(bytes([byte]) if byte in plain else b"\\%03o" % byte for byte in path) + b'"'
