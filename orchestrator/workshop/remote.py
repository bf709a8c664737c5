"""The repository on the other side: reading its branches, fetching them, and the one push that is allowed."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.ports import Refused, Unavailable
from orchestrator.system import processes
from orchestrator.workshop import git

OURS = re.compile(r"agent/(?!.*(?:\.\.|//|\.lock(?:/|$)|/\.|\.$|/$))[A-Za-z0-9][A-Za-z0-9._/-]{0,200}")
PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
NOT_ALLOWED = re.compile(
    r"Authentication failed|could not read Username|Repository not found|repository '[^']*' not found|Permission to .* denied"
    r"|does not appear to be a git repository|unable to update url base from redirection|error: (?:40[0134]|30[12])\b"
)

UNFIT = re.compile(rb"fsck error")
TOO_MUCH = re.compile(rb"File too large")
"""How the kernel, in git's words, tells of a file that reached its limit (EFBIG)."""

LARGEST_PULL = 512 << 20
"""Bytes that a pull request of somebody else's may bring, packed into one file: what one of its commits takes away again is in no
difference, and would fill the disk unseen."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """The branch is at the commit now."""

    sha: str


@dataclass(frozen=True, slots=True)
class LeaseLost:
    """Somebody else moved the branch: it is at `found` (None: it is gone), not where we last saw it."""

    found: str | None


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote repository at `url`, spoken to from our bare repository `gate`."""

    gate: Path
    url: str
    token: Callable[[], str | None]

    def heads(self, branches: Sequence[str]) -> dict[str, str]:
        """The tips of those of `branches` that exist there. Raises Unavailable or Refused."""
        said = self._talk("ls-remote", "--heads", self.url, *(f"refs/heads/{name}" for name in branches)).out.decode()
        tips = (row.split("\t") for row in said.splitlines())
        found = {ref.removeprefix("refs/heads/"): sha for sha, ref in tips}
        return {name: found[name] for name in branches if name in found}

    def fetch(self, branches: Sequence[str]) -> None:
        """Bring the branches to refs/remotes/origin/ of the gate. Raises Unavailable or Refused."""
        words = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance")
        self._talk(*words, self.url, *(f"+refs/heads/{name}:refs/remotes/origin/{name}" for name in branches))

    def fetch_pull(self, number: int, ref: str, *, largest: int = LARGEST_PULL) -> str | None:
        """Bring the head of a pull request to `ref` of the gate; its sha, None when there is no such pull request.

        Raises Unavailable, and Refused also for objects that git does not take, or more than `largest` bytes of them: they would
        be the same at every try.
        """
        there = f"refs/pull/{number}/head"
        if not self._talk("ls-remote", self.url, there).out.strip():
            return None
        words = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance")
        one_file, limits = ("fetch.unpackLimit=1",), replace(git.NETWORK, file=largest)
        said = self._ask(*words, self.url, f"+{there}:{ref}", settings=one_file, limits=limits)
        if said.code != 0 and TOO_MUCH.search(said.err):
            raise Refused(f"its commits hold more than {largest >> 20} MiB that is not here")
        if said.code != 0:
            raise Refused(f"its objects are not taken: {told(said)}") if UNFIT.search(said.err) else trouble(self.url, said)
        return git.line(self.gate, "rev-parse", "--verify", f"{ref}^{{commit}}")

    def push(self, branch: str, commit: str, expected: str | None) -> Pushed | LeaseLost:
        """Move agent/… to `commit` if it still is where `expected` says (None: it does not exist yet).

        A repeated push finds the commit there and changes nothing. Raises ValueError for a branch that is not ours,
        Refused when the other side declines (protected, secret found), Unavailable when it cannot be told what happened.
        """
        self._swap(branch, commit, expected)
        return self._settled(branch, commit) or LeaseLost(self.heads([branch]).get(branch))

    def delete(self, branch: str, expected: str) -> bool:
        """Delete agent/… if it still is at `expected`; whether it is gone now. Raises like push."""
        if self.heads([branch]).get(branch) == expected:
            self._swap(branch, "", expected)
        return branch not in self.heads([branch])

    def _settled(self, branch: str, commit: str) -> Pushed | None:
        return Pushed(commit) if self.heads([branch]).get(branch) == commit else None

    def _swap(self, branch: str, commit: str, expected: str | None) -> None:
        """Compare and swap. Whether it took is read back afterwards, as an answer may be lost on its way."""
        if not OURS.fullmatch(branch):
            raise ValueError(f"only branches under agent/ are ever pushed, not {branch!r}")
        lease = f"--force-with-lease=refs/heads/{branch}:{expected or ''}"
        words = ("push", "--porcelain", "--no-verify", lease, self.url, f"{commit}:refs/heads/{branch}")
        said = self._ask(*words)
        rejected = re.search(r"^!\t\S+\t\[remote rejected\] \((.*)\)$", said.out.decode(errors="replace"), re.MULTILINE)
        if rejected and not re.search(r"cannot lock ref|failed to update ref|incorrect old value", rejected[1]):
            raise Refused(f"{self.url} declined {branch}: {rejected[1]}: {told(said)}")
        if said.code != 0 and not said.out.strip():
            raise trouble(self.url, said)

    def _talk(self, *words: str) -> processes.Finished:
        said = self._ask(*words)
        if said.code != 0:
            raise trouble(self.url, said)
        return said

    def _ask(self, *words: str, settings: Sequence[str] = (), limits: git.Limits = git.NETWORK) -> processes.Finished:
        usual = (*protocols(self.url), "http.followRedirects=false", "http.lowSpeedLimit=1000", "http.lowSpeedTime=60")
        try:
            return git.attempt(self.gate, *words, env=self._secrets(), settings=(*usual, *settings), limits=limits)
        except processes.TimedOut as late:
            raise Unavailable(f"{self.url} did not answer in time: {late}") from late

    def _secrets(self) -> dict[str, str]:
        """Proxy settings, and the token as a header for this address alone; both only in one process's environment."""
        passed = {name: os.environ[name] for name in PROXIES if name in os.environ}
        token = self.token() if self.url.startswith("http") else None
        if not token:
            return passed
        login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        header = {"GIT_CONFIG_KEY_0": f"http.{self.url}.extraHeader", "GIT_CONFIG_VALUE_0": f"Authorization: Basic {login}"}
        return passed | {"GIT_CONFIG_COUNT": "1"} | header


def protocols(url: str) -> tuple[str, ...]:
    """The git settings that allow exactly the protocol of `url`: https, http to loopback, or a folder of ours.

    Raises ValueError for any other address, and for one that carries a user name or a password.
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ValueError("the address of a repository carries no user name and no password")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return (f"protocol.{parts.scheme}.allow=always",)
    if parts.scheme in ("", "file") and parts.path.startswith("/"):
        return ("protocol.file.allow=always",)
    raise ValueError(f"{url} is not an https address")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: plain http is allowed there alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def told(said: processes.Finished) -> str:
    """What git printed as errors, in one line of at most 500 characters."""
    return " ".join(said.err.decode(errors="replace").split())[:500]


def trouble(url: str, said: processes.Finished) -> Unavailable | Refused:
    """Which of the two kinds of trouble git's words mean."""
    if NOT_ALLOWED.search(said.err.decode(errors="replace")):
        return Refused(f"{url} refused us (is the name right, does the token reach it?): {told(said)}")
    return Unavailable(f"{url} did not answer: {told(said)}")
