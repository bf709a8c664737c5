"""Names that follow from an issue alone: the task's id and its branch, the same on every call."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import Final

LONGEST_SLUG: Final = 80
LONGEST_REPO_SLUG: Final = 64

_TASK_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,95}")
_REPO = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_RUN_OF_ID = re.compile(r"-([0-9]+)-([0-9]+)\Z")
_REF = re.compile(r"(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|\Z)))[A-Za-z0-9_][A-Za-z0-9_./+#@=,-]{0,199}(?<![./])")


def task_id(repo: str, issue: int, run: int) -> str:
    """The id of the `run`-th task (from 1) for an issue: `acme-web-142-1`. Two repositories never share one."""
    return f"{repo_slug(repo)}-{issue}-{run}"


def branch_name(issue: int | None, title: str, task: str) -> str:
    """The branch that a task works on: `agent/142-fix-login-redirect`; a later run of the issue gets its number behind.

    At most 80 characters after `agent/`, always a valid git ref, whatever the title holds (F-34).
    """
    if issue is None:
        return f"agent/{task}"
    run = _RUN_OF_ID.search(task)
    ending = f"-{run[2]}" if run and int(run[1]) == issue and int(run[2]) > 1 else ""
    words = slug(title)[: LONGEST_SLUG - len(f"{issue}-{ending}")].strip("-")
    return f"agent/{issue}{'-' if words else ''}{words}{ending}"


def slug(text: str) -> str:
    """The text as at most 80 lower-case ASCII letters, digits and single hyphens; empty when nothing of it is ASCII."""
    letters = unicodedata.normalize("NFKD", text[:4000]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_SLUG].rstrip("-")


def repo_slug(repo: str) -> str:
    """`owner/name` as part of an id, without two repositories meeting in one slug.

    `acme/web` is `acme-web`; a hyphen in either part makes the border a double hyphen (GitHub's owners never hold one);
    anything else is shortened and closed with a digest.
    """
    owner, name = repo.lower().split("/", 1)
    if re.fullmatch(r"[a-z0-9]+/[a-z0-9]+", f"{owner}/{name}") and len(repo) <= LONGEST_REPO_SLUG:
        return f"{owner}-{name}"
    plain = re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9-]+", f"{owner}/{name}") and len(repo) < LONGEST_REPO_SLUG
    if plain:
        return f"{owner}--{name}"
    digest = sha256(f"{owner}/{name}".encode()).hexdigest()[:8]
    return f"{slug(owner) or 'x'}--{slug(name)}"[: LONGEST_REPO_SLUG - 9].rstrip("-") + f"-{digest}"


def is_task_id(text: str) -> bool:
    """Whether the text is usable as an id, and so as a file's name, on every machine."""
    return _TASK_ID.fullmatch(text) is not None


def is_repo(text: str) -> bool:
    """Whether the text is `owner/name` as GitHub spells it, and no way out of a folder when used as a path."""
    return _REPO.fullmatch(text) is not None and not any(part in (".", "..") for part in text.split("/"))


def is_ref(text: str) -> bool:
    """Whether the text is a branch name that git takes and no command line can misread (a strict part of git's own rule)."""
    return _REF.fullmatch(text) is not None
