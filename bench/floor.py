"""The bare cost of the git commands that a task cannot do without, on the same repository."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

LIMIT_SECONDS = 120


class Floor:
    """A bare clone of our own of the repository, on which the commands are measured again and again."""

    def __init__(self, folder: Path, remote: str, env: Mapping[str, str]) -> None:
        folder.mkdir()
        self._folder, self._remote, self._env = folder, remote, env
        self._cache = folder / "cache.git"
        git(env, "clone", "--quiet", "--bare", remote, str(self._cache))

    def once(self, number: int) -> dict[str, float]:
        """Milliseconds by the stage that needs them: fetch and `clone --shared`, add and commit, push."""
        return once(self._folder / f"copy-{number}", self._cache, self._remote, self._env, number)


def once(copy: Path, cache: Path, remote: str, env: Mapping[str, str], number: int) -> dict[str, float]:
    """One round."""
    fetch = git(env, "-C", str(cache), "fetch", "--quiet", remote, "+refs/heads/*:refs/heads/*")
    clone = git(env, "clone", "--quiet", "--shared", str(cache), str(copy))
    (copy / "module_0.py").write_text(f"# changed {number}\n")
    add = git(env, "-C", str(copy), "add", "--all")
    commit = git(env, "-C", str(copy), "commit", "--quiet", "--message", "Change a file")
    push = git(env, "-C", str(copy), "push", "--quiet", remote, f"HEAD:refs/heads/floor-{number}")
    return {"claimed": fetch + clone, "verified": add + commit, "committed": push}


def git(env: Mapping[str, str], *arguments: str) -> float:
    """Run git; how many milliseconds it took. CalledProcessError when it fails."""
    begun = time.monotonic()
    subprocess.run(["git", *arguments], env=env, check=True, capture_output=True, timeout=LIMIT_SECONDS)
    return (time.monotonic() - begun) * 1000
