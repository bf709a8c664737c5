"""What a person means by `142`, `acme/web#142`, a task's id or an address of GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from orchestrator.config.errors import nearest
from orchestrator.mailbox import ids
from orchestrator.model.github import IssueRef

_NUMBER: Final = re.compile(r"#?([1-9][0-9]{0,8})")
_REF: Final = re.compile(r"([^/#\s]+/[^/#\s]+)#([1-9][0-9]{0,8})")
_PATH: Final = re.compile(r"/([^/]+/[^/]+)/(?:issues|pull)/([1-9][0-9]{0,8})(?:[/?#].*)?")


class Unclear(Exception):
    """Nobody can know what was meant; the message says what to write instead."""


def read(text: str, repos: Iterable[str], web: str) -> IssueRef | str:
    """An issue or pull request, or else a task's id. Raises Unclear. A configured repository is spelled as configured."""
    known = tuple(repos)
    if match := _NUMBER.fullmatch(text):
        return IssueRef(only_repo(known, f"{{repo}}#{match[1]}"), int(match[1]))
    if match := _REF.fullmatch(text):
        return IssueRef(spelled(match[1], known), int(match[2]))
    if "://" in text:
        return _address(text, known, web)
    id = text.rsplit("/", 1)[-1].removesuffix(".md")
    if ids.is_task_id(id):
        return id
    raise Unclear(
        f"{text!r} is no issue, pull request or task; write 142, owner/name#142, an address under {web}, or a task's id"
    )


def only_repo(known: tuple[str, ...], example: str) -> str:
    """The configured repository when there is one alone. Raises Unclear with `example` for each of several."""
    if len(known) == 1:
        return known[0]
    choices = " or ".join(example.format(repo=repo) for repo in known[:4])
    raise Unclear(f"there are {len(known)} repositories in the configuration; say which: {choices}")


def configured(repo: str, known: Iterable[str]) -> str:
    """The repository as the configuration spells it. Raises Unclear when it is not there."""
    known = tuple(known)
    found = spelled(repo, known)
    if found in known:
        return found
    raise Unclear(
        f"{repo} is not in the configuration{nearest(repo, known) or '.'} "
        f"Add it under github_projects in config.yaml, or use one of: {', '.join(known)}"
    )


def spelled(repo: str, known: Iterable[str]) -> str:
    """GitHub does not mind capitals; the configuration's spelling is ours."""
    return next((one for one in known if one.casefold() == repo.casefold()), repo)


def _address(text: str, known: tuple[str, ...], web: str) -> IssueRef:
    if not text.startswith(f"{web}/"):
        raise Unclear(f"{text} is not on the configured GitHub, {web}; look at github.api_url in config.yaml")
    match = _PATH.fullmatch(text.removeprefix(web))
    if match is None:
        raise Unclear(f"{text} is no address of an issue or pull request")
    return IssueRef(spelled(match[1], known), int(match[2]))
