"""The world and its branches at one moment, to begin many trials from the same place."""

import copy
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.github import repository as git
from sandbox.github.state import State, World


@dataclass(frozen=True)
class Saved:
    """What `load` brings back: the world, every ref of every repository, and the last number that was given out."""

    world: World
    refs: Mapping[Path, Mapping[str, str]]
    last: int


def save(state: State) -> Saved:
    """The world as it is now."""
    with state.lock:
        paths = [repo.path for repo in state.world.repos.values()]
        return Saved(state.snapshot(), {path: git.refs(path) for path in paths}, state.last)


def load(state: State, saved: Saved) -> None:
    """Makes the world what it was; objects in git stay, so that what is remembered of them stays true."""
    with state.lock:
        state.world, state.last = copy.deepcopy(saved.world), saved.last
        for path, refs in saved.refs.items():
            _set_refs(path, refs)


def _set_refs(path: Path, refs: Mapping[str, str]) -> None:
    """All refs at once, as one packed file."""
    shutil.rmtree(path / "refs")
    (path / "refs" / "heads").mkdir(parents=True)
    lines = ["# pack-refs with: sorted", *(f"{sha} {name}" for name, sha in sorted(refs.items()))]
    (path / "packed-refs").write_text("\n".join(lines) + "\n")
