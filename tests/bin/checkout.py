"""A scratch checkout: the real bin/, and a python that only writes down how it was started."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.reading import ROOT

# It stands for .venv/bin/python and writes its arguments, environment, folder, umask and open descriptors beside itself.
RECORDER = """#!/bin/sh
here=${0%/*}
{ for argument; do printf '%s\\0' "$argument"; done; } >"$here/arguments"
env -0 >"$here/environment"
pwd >"$here/folder"
umask >"$here/umask"
ls /proc/$$/fd >"$here/descriptors"
[ -e "$here/wait" ] && read -r line <"$here/wait"
exit 7
"""


@dataclass(frozen=True)
class Started:
    """How the job's python was started."""

    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    umask: str
    descriptors: set[str]


@dataclass(frozen=True)
class Checkout:
    """A folder with bin/ and a recording python; `home` is the user's home folder."""

    root: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """What cron gives a job, and no more."""
        cron = {"HOME": str(self.home), "LOGNAME": "agentos", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
        return {**cron, **more}

    def start(self, *argv: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a script of bin/ with cron's environment and leave it running."""
        return subprocess.Popen(
            [str(self.root / "bin" / argv[0]), *argv[1:]],
            cwd="/",
            env=self.environment() if env is None else env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *argv: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
        """(exit code, what it said on standard error) of a script of bin/ that came to its end."""
        process = self.start(*argv, env=env)
        said = process.communicate(timeout=110)[1]
        return process.returncode, said

    def started(self) -> Started | None:
        """How python was started, None when it was not."""
        here = self.root / ".venv" / "bin"
        if not (here / "descriptors").exists():
            return None
        environment = dict(entry.split("=", 1) for entry in (here / "environment").read_text().split("\0") if entry)
        return Started(
            arguments=(here / "arguments").read_text().split("\0")[:-1],
            environment=environment,
            folder=Path((here / "folder").read_text().strip()),
            umask=(here / "umask").read_text().strip(),
            descriptors=set((here / "descriptors").read_text().split()),
        )

    def put(self, place: str, text: str = "") -> Path:
        """A file below runtime/."""
        path = self.root / "runtime" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def hold_python(self) -> Path:
        """Let the next python wait until something is written to the pipe that is returned."""
        os.mkfifo(self.root / ".venv" / "bin" / "wait")
        return self.root / ".venv" / "bin" / "wait"


def make(folder: Path) -> Checkout:
    """A checkout in `folder` with a name that a careless script would split, and an empty home."""
    root, home = folder / "a checkout", folder / "home"
    shutil.copytree(ROOT / "bin", root / "bin")
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(RECORDER)
    python.chmod(0o755)
    home.mkdir()
    return Checkout(root, home)


def program(path: Path) -> Path:
    """An executable of no importance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def git(folder: Path, *arguments: str) -> str:
    """Real git, as a person with a name would run it."""
    who = {
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env={**os.environ, **who}, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()
