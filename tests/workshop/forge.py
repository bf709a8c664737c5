"""A bare repository that stands for the other side, spoken to with plain git, and a gate of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.workshop.gate import Gate

IDENTITY = ("Agent OS", "agent-os@users.noreply.github.com")
WHEN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FILES = {"README.md": "hello\n", "src/app.py": "print('one')\n", ".gitignore": "*.log\nbuild/\n"}


def git(folder: Path, *words: str, stdin: bytes = b"") -> str:
    """Plain git in a folder, with nothing of this machine's configuration."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "p",
        "GIT_AUTHOR_EMAIL": "p@example.org",
        "GIT_COMMITTER_NAME": "p",
        "GIT_COMMITTER_EMAIL": "p@example.org",
        "GIT_ALLOW_PROTOCOL": "file",
    }
    command = ["git", "-c", "core.fsync=none", *words]
    done = subprocess.run(command, cwd=folder, env=env, input=stdin, capture_output=True, check=True)
    return done.stdout.decode(errors="surrogateescape").strip()


class Forge:
    """The other side at `remote`, a person's clone at `person`, our `gate`, and a place for a working copy."""

    def __init__(self, folder: Path, files: Mapping[str, str] = FILES, *, confined: bool = False) -> None:
        self.folder, self.remote, self.person = folder, folder / "remote.git", folder / "person"
        self.workdir = folder / "worktrees" / "web" / "acme-web-1-1"
        self.canary = folder / "canary"
        folder.mkdir(exist_ok=True)
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
        git(folder, "init", "-q", "-b", "main", "person")
        (self.person / ".git" / "info" / "attributes").write_text("* -text -ident !working-tree-encoding\n")
        self.base = self.person_pushes(files)
        self.gate = self.new_gate(confined=confined)
        self.gate.fetch("main")

    def new_gate(self, *, confined: bool = False) -> Gate:
        """Another process's view of the same gate."""
        return Gate(self.folder / "repos", "acme/web", str(self.remote), lambda: None, identity=IDENTITY, confined=confined)

    def person_pushes(self, files: Mapping[str, str], branch: str = "main") -> str:
        """A person commits files and pushes; the commit."""
        for path, text in files.items():
            place = self.person / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        git(self.person, "add", "-A", "-f")
        git(self.person, "commit", "-q", "--allow-empty", "-m", "work of a person")
        git(self.person, "push", "-q", "-f", str(self.remote), f"HEAD:refs/heads/{branch}")
        return git(self.person, "rev-parse", "HEAD")

    def tip(self, branch: str) -> str | None:
        """Where a branch of the other side is."""
        return git(self.remote, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def files(self, tree: str) -> list[str]:
        """The paths of a tree in the gate."""
        return [row for row in git(self.gate.place, "ls-tree", "-r", "-z", "--name-only", tree).split("\0") if row]

    def prepared(self) -> Path:
        """A working copy at the base."""
        self.gate.prepare(self.workdir, self.base)
        return self.workdir


def change(forge: Forge, path: str, text: str, parent: str | None = None) -> str:
    """A commit of ours on the parent that sets one file."""
    parent = parent or forge.base
    return forge.gate.commit(forge.gate.with_file(parent, path, text.encode()), parent, "Change\n", WHEN)
