"""Git in the bare repositories of the stand-in: real objects, real merges, no working tree."""

import functools
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
# What follows from the names of objects alone never changes, and asking git takes milliseconds: it is remembered.
remembered = functools.lru_cache(maxsize=20_000)
CLEAN = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C.UTF-8",
}


@dataclass(frozen=True)
class Person:
    """Name, address and date of an author or committer; the date in git's own form, empty for the present moment."""

    name: str
    email: str
    date: str = ""


class GitFailed(Exception):
    """Git refused; carries what it wrote to standard error."""


def git(path: Path, *args: str, given: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """What git prints in that repository, without the last newline; GitFailed when it fails."""
    return git_bytes(path, *args, given=given, env=env).decode("utf-8", "replace").rstrip("\n")


def git_bytes(path: Path, *args: str, given: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """The raw output of git in that repository."""
    done = subprocess.run(
        ["git", "-C", str(path), *args], input=given, capture_output=True, env={**CLEAN, **(env or {})}, timeout=120, check=False
    )
    if done.returncode != 0:
        raise GitFailed(f"git {' '.join(args)}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout


def succeeds(path: Path, *args: str) -> bool:
    """Whether git ends with status 0."""
    try:
        git(path, *args)
    except GitFailed:
        return False
    return True


CONFIG = """[http]
\treceivepack = true
[gc]
\tauto = 0
[uploadpack]
\tallowAnySHA1InWant = true
[receive]
\tdenyDeleteCurrent = ignore
\thideRefs = refs/pull
\tautogc = false
[transfer]
\thideRefs = refs/internal
"""


def init(path: Path, default_branch: str) -> None:
    """A new bare repository that takes pushes over HTTP."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}")
    with (path / "config").open("a") as config:
        config.write(CONFIG)


def branches(path: Path) -> dict[str, str]:
    """Branch name to commit."""
    start = "refs/heads/"
    return {name.removeprefix(start): sha for name, sha in refs(path).items() if name.startswith(start)}


def refs(path: Path) -> dict[str, str]:
    """Every ref to its object, in the order of their names; read from git's own files, which is as quick as asking is slow."""
    packed = path / "packed-refs"
    lines = packed.read_text().splitlines() if packed.exists() else []
    found = {name: sha for sha, name in (line.split(" ", 1) for line in lines if line[0] not in "#^")}
    for folder, _, names in os.walk(path / "refs"):
        place = Path(folder).relative_to(path)
        loose = {f"{place}/{name}": _sha(path / place / name) for name in names if not name.endswith(".lock")}
        found |= {name: sha for name, sha in loose.items() if sha is not None}
    return dict(sorted(found.items()))


def _sha(place: Path) -> str | None:
    """What a loose ref holds; None when git removed it in this moment."""
    try:
        return place.read_text().strip()
    except FileNotFoundError:
        return None


def resolve(path: Path, name: str) -> str | None:
    """The commit that a branch, tag, ref or (abbreviated) sha names."""
    for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", name):
        try:
            return git(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}")
        except GitFailed:
            continue
    return None


def update_ref(path: Path, ref: str, new: str, old: str | None = None) -> None:
    """Moves or creates a ref; GitFailed when it is not at `old` any more."""
    git(path, "update-ref", ref, new, *([old] if old else []))


def delete_ref(path: Path, ref: str) -> None:
    """Removes a ref."""
    git(path, "update-ref", "-d", ref)


def commit_files(
    path: Path,
    parent: str | None,
    files: Mapping[str, str | bytes | None],
    message: str,
    author: Person,
    committer: Person | None = None,
) -> str:
    """A new commit on top of `parent` with those files written (None deletes); no branch is moved.

    The author is the committer too, unless another one is named.
    """
    made, taken = _signature(author), _signature(committer or author)
    head = f"commit refs/internal/import\nmark :1\nauthor {made}\ncommitter {taken}\n".encode() + _counted(message.encode())
    start = f"from {parent}\n".encode() if parent else b""
    changes = b"".join(_change(name, content) for name, content in files.items())
    stream = (b"" if parent else b"reset refs/internal/import\n") + head + start + changes + b"\nget-mark :1\n"
    return git(path, "fast-import", "--quiet", "--force", "--date-format=raw", given=stream)


def _signature(who: Person) -> str:
    return f"{who.name} <{who.email}> {who.date or f'{int(time.time())} +0000'}"


def _change(name: str, content: str | bytes | None) -> bytes:
    if content is None:
        return f"D {name}\n".encode()
    raw = content.encode() if isinstance(content, str) else content
    mode = "100755" if raw.startswith(b"#!") else "100644"
    return f"M {mode} inline {name}\n".encode() + _counted(raw)


def _counted(raw: bytes) -> bytes:
    return f"data {len(raw)}\n".encode() + raw + b"\n"


def commit_tree(path: Path, tree: str, parents: Sequence[str], message: str, author: Person, committer: Person) -> str:
    """A commit object for a tree."""
    env = {
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
    }
    env |= {f"GIT_{role}_DATE": who.date for role, who in (("AUTHOR", author), ("COMMITTER", committer)) if who.date}
    flags = [word for parent in parents for word in ("-p", parent)]
    return git(path, "commit-tree", tree, *flags, given=message.encode(), env=env)


@remembered
def merge_tree(path: Path, ours: str, theirs: str) -> str | None:
    """The tree of a clean merge, or None when there is a conflict."""
    done = subprocess.run(
        ["git", "-C", str(path), "merge-tree", "--write-tree", ours, theirs],
        capture_output=True,
        env=CLEAN,
        timeout=120,
        check=False,
    )
    if done.returncode > 1:
        raise GitFailed(done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode().splitlines()[0] if done.returncode == 0 else None


@remembered
def merge_base(path: Path, one: str, other: str) -> str | None:
    """The best common ancestor, None for unrelated histories."""
    try:
        return git(path, "merge-base", one, other)
    except GitFailed:
        return None


@remembered
def is_ancestor(path: Path, old: str, new: str) -> bool:
    """Whether `new` contains `old`."""
    return succeeds(path, "merge-base", "--is-ancestor", old, new)


def take_commit(path: Path, source: Path, sha: str) -> None:
    """Brings a commit over from another repository; no ref is made."""
    if path != source:
        git(path, "fetch", "--quiet", "--no-tags", str(source), sha)


@remembered
def commits_between(path: Path, base: str, head: str) -> tuple[str, ...]:
    """The commits of head that base lacks, oldest first."""
    return tuple(git(path, "rev-list", "--reverse", "--topo-order", f"{base}..{head}").splitlines())
