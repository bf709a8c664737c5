"""Workflow files of a commit, read into jobs and steps."""

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.github import repository as git
from sandbox.github.state import Step

FOLDER = ".github/workflows"
DEFAULT_MINUTES = 10.0


@dataclass(frozen=True)
class JobPlan:
    """A job of a workflow file."""

    key: str
    name: str
    steps: tuple[Step, ...]
    minutes: float


@dataclass(frozen=True)
class Workflow:
    """One workflow file; `events` has the patterns of branches that each event is narrowed to (none: every branch)."""

    path: str
    name: str
    jobs: tuple[JobPlan, ...]
    events: Mapping[str, tuple[str, ...]]

    def wants(self, event: str, branch: str) -> bool:
        """Whether it runs for an event about that branch."""
        patterns = self.events.get(event)
        return patterns is not None and (not patterns or any(fnmatch.fnmatchcase(branch, one) for one in patterns))


@git.remembered
def read_workflows(path: Path, sha: str) -> tuple[Workflow, ...]:
    """The workflow files of a commit; a file that is no workflow is left out."""
    try:
        tree = git.git(path, "rev-parse", "--verify", "--quiet", f"{sha}:{FOLDER}")
    except git.GitFailed:
        return ()
    return _read_tree(path, tree)


@git.remembered
def _read_tree(path: Path, tree: str) -> tuple[Workflow, ...]:
    names = git.git(path, "ls-tree", "--name-only", tree).splitlines()
    wanted = [name for name in names if name.endswith((".yml", ".yaml"))]
    read = [_workflow(f"{FOLDER}/{name}", git.git(path, "show", f"{tree}:{name}")) for name in wanted]
    return tuple(workflow for workflow in read if workflow is not None)


def _workflow(path: str, text: str) -> Workflow | None:
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(tree, dict) or not isinstance(tree.get("jobs"), dict):
        return None
    shared = _environment(tree)
    jobs = tuple(_job(str(key), job, shared) for key, job in tree["jobs"].items() if isinstance(job, dict))
    return Workflow(path, str(tree.get("name") or path), jobs, _events(tree))


def _events(tree: dict[Any, Any]) -> dict[str, tuple[str, ...]]:
    """What `on` says, which YAML reads as the key true; a file that does not say runs for pushes."""
    said = tree.get("on", tree.get(True)) or "push"
    if not isinstance(said, dict):
        return dict.fromkeys(map(str, said if isinstance(said, list) else [said]), ())
    return {str(event): tuple(map(str, (more or {}).get("branches", ()))) for event, more in said.items()}


def _job(key: str, tree: dict[str, Any], shared: tuple[tuple[str, str], ...]) -> JobPlan:
    around = shared + _environment(tree)
    defaults = ((tree.get("defaults") or {}).get("run") or {}).get("working-directory", ".")
    steps = [step for step in tree.get("steps") or [] if isinstance(step, dict) and "run" in step]
    return JobPlan(
        key,
        str(tree.get("name") or key),
        tuple(_step(step, around, defaults) for step in steps),
        float(tree.get("timeout-minutes", DEFAULT_MINUTES)),
    )


def _step(tree: dict[str, Any], around: tuple[tuple[str, str], ...], folder: str) -> Step:
    script = str(tree["run"])
    return Step(
        str(tree.get("name") or script.splitlines()[0]),
        script,
        str(tree.get("working-directory", folder)),
        around + _environment(tree),
    )


def _environment(tree: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in (tree.get("env") or {}).items())
