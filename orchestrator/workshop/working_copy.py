"""Working copies: each task's private repository, made whole before it is used and taken away whole."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from orchestrator.workshop import git

RESULT = ".agent_result.md"
BRANCH = "work"


def make(gate: Path, workdir: Path, commit: str, tree: str | None) -> None:
    """Make a private repository that borrows the gate's objects, on branch `work` at `commit`.

    Its files are those of `tree`, when given: they then look like work that is not committed yet. It has no remote. It is made
    under a temporary name, brought to disk and renamed. One that is there already is left as it is.
    """
    if workdir.is_dir():
        return
    workdir.parent.mkdir(parents=True, exist_ok=True)
    clear_half_made(workdir)
    half = Path(tempfile.mkdtemp(prefix=f".{workdir.name}.new.", dir=workdir.parent))
    _fill(gate, half, commit, tree or commit)
    half.chmod(0o755)
    os.sync()  # a rename can reach the disk before the files do; after a power cut emptied files would pass for work
    half.rename(workdir)


def _fill(gate: Path, workdir: Path, commit: str, tree: str) -> None:
    """Nothing here can be the agent's: it has not seen the folder yet."""
    own, place = workdir / ".git", {"GIT_WORK_TREE": str(workdir)}
    git.output(own, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}", env=place)
    (own / "objects" / "info").mkdir(exist_ok=True)
    (own / "objects" / "info" / "alternates").write_text(f"{gate.resolve() / 'objects'}\n")
    (own / "info").mkdir()
    (own / "info" / "attributes").write_text(git.BYTES_AS_THEY_ARE)
    (own / "info" / "exclude").write_text(f"/{RESULT}\n")
    (own / "refs" / "heads" / BRANCH).write_text(f"{commit}\n")
    git.output(own, "read-tree", "-u", "--reset", tree, env=place)
    if tree != commit:
        git.output(own, "read-tree", commit, env=place)
        git.attempt(own, "update-index", "-q", "--refresh", env=place)  # ends with 1 when files differ, which they may


def take_away(workdir: Path) -> None:
    """Take a working copy out of the way by one rename; what is deleted file by file could pass for somebody's deletions."""
    gone = Path(tempfile.mkdtemp(prefix=f".{workdir.name}.gone.", dir=workdir.parent))
    workdir.rename(gone)


def clear_half_made(workdir: Path) -> None:
    """Remove what a killed process left half-made beside `workdir`; the task's lock is held."""
    for half in workdir.parent.glob(f".{workdir.name}.new.*"):
        delete(half)


def clear_leftovers(workdir: Path) -> None:
    """The same, and delete what was taken away."""
    clear_half_made(workdir)
    for gone in workdir.parent.glob(f".{workdir.name}.gone.*"):
        delete(gone)


def empty_bin(folder: Path) -> int:
    """Delete what was taken away in `folder`, which holds working copies; how many. Several processes may do so at once."""
    gone = list(folder.glob(".*.gone.*"))
    for left in gone:
        delete(left)
    return len(gone)


def delete(folder: Path) -> None:
    """Remove a folder with all that is in it, whatever rights an agent left on it; one that is gone is no error."""
    shutil.rmtree(folder, onerror=_insist)


def _insist(remove: Callable[[str], object], path: str, _why: object) -> None:
    """An agent may have taken away the right to enter or change a folder of ours: give it back and try once more.

    What is not there any more is being deleted by somebody else as well.
    """
    with suppress(FileNotFoundError):
        for folder in (os.path.dirname(path), path):
            if stat.S_ISDIR(os.lstat(folder).st_mode):
                os.chmod(folder, 0o700)
        if remove in (os.open, os.scandir, os.lstat):
            shutil.rmtree(path)
        else:
            remove(path)
