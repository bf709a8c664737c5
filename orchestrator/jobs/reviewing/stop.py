"""Merges of a repository stop when what was merged is not what was tested, until CI or a person says that all is well.

The flag is a small file beside the other pause flags, so that `agentos status` shows it. A person may make one by hand (`touch`),
and taking it away lets merges go on, whoever made it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.model.github import Branch
from orchestrator.model.step import Tell
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules.colours import colours
from orchestrator.rules.verdict_words import MergeNow, Verdict, Wait
from orchestrator.system import files


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing is merged: the commit that was not tested as it is and its branch; None of both when a person stopped it."""

    flag: Path
    branch: str | None
    commit: str | None


def is_untested(merged: str, tested: str, branch: str, repo: str, world: World) -> bool:
    """Whether what was merged is another tree than the tested commit's. What is not there any more (a rewritten branch, a gate
    that was thrown away) nobody can compare: that counts as untested too."""
    gate = world.gate(repo)
    gate.fetch(branch)
    is_known = all(gate.contains(one, one) for one in (merged, tested))
    return not is_known or gate.tree_of(merged) != gate.tree_of(tested)


def halt(repo: str, branch: str, commit: str, pull: int, world: World) -> None:
    """Stop merges of the repository and tell the person, once for each such commit."""
    content = {"branch": branch, "commit": commit, "since": world.now().isoformat(), "pull_request": pull}
    flag = _flag(repo, world)
    files.publish(flag, json.dumps(content).encode() + b"\n")
    world.note("StopMerges", repo, f"commit {commit} was not tested as it is")
    text = (
        f"{repo}#{pull} was merged, but {branch} moved in that instant: commit {commit[:12]} was not tested as it is. "
        f"Nothing more is merged in {repo} until CI is green on it or on a later commit of {branch}; then it goes on by itself. "
        f"To go on at once, delete {flag}"
    )
    act([Tell(key=f"untested-merge-{repo}-{commit}", severity="action", text=text)], world)


def standing(repo: str, world: World) -> Stop | None:
    """The stop that holds now, None when merges go on. A flag that cannot be read stops until a person takes it away."""
    flag = _flag(repo, world)
    try:
        told = json.loads(flag.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        told = {}
    branch, commit = (told.get("branch"), told.get("commit")) if isinstance(told, dict) else (None, None)
    is_ours = isinstance(branch, str) and isinstance(commit, str)
    return Stop(flag, branch if is_ours else None, commit if is_ours else None)


def in_force(word: Verdict, stop: Stop | None) -> Verdict:
    """The verdict while merges are stopped: everything but the merge goes on."""
    if stop is None or not isinstance(word, MergeNow):
        return word
    why = f"commit {stop.commit[:12]} of {stop.branch} was not tested as it is" if stop.commit else "a person stopped them"
    return Wait(f"merges of the repository are stopped, since {why}; delete {stop.flag} to go on")


def lifted(stop: Stop, repo: str, world: World) -> bool:
    """Whether CI is green on the commit or on the branch's tip now; then the flag is gone and the person knows.

    Costs a few requests, in the time of a stop alone. Raises Unavailable and Refused.
    """
    if stop.branch is None or stop.commit is None or world.dry_run:
        return False
    base = world.github.branch(repo, stop.branch)
    green = next((sha for sha in dict.fromkeys((base.sha, stop.commit)) if is_green(sha, base, repo, world)), None)
    if green is None:
        return False
    stop.flag.unlink(missing_ok=True)
    world.note("GoOnMerging", repo, f"CI is green on {green}")
    text = f"CI is green on commit {green[:12]} of {stop.branch}: merges of {repo} go on."
    act([Tell(key=f"merges-go-on-{repo}-{stop.commit}", text=text)], world)
    return True


def is_green(sha: str, base: Branch, repo: str, world: World) -> bool:
    """Whether every check that counts succeeded on a commit of the base branch, and there was one."""
    names = tuple(world.config.repo(repo).merge.required_checks) or base.required_checks
    return colours(world.github.checks(repo, sha, names), names).is_green


def stop_of(repo: str, world: World) -> Stop | None:
    """The stop that holds after a look whether it may be lifted; one that cannot be looked at holds on."""
    stop = standing(repo, world)
    if stop is None:
        return None
    try:
        return None if lifted(stop, repo, world) else stop
    except (Unavailable, Refused) as trouble:  # its branch or its commit may be gone: that stops nothing but merges
        world.say(f"{repo}: whether its merges may go on cannot be seen: {trouble}")
        return stop


def _flag(repo: str, world: World) -> Path:
    return world.state / f"paused.merges.{repo.replace('/', '-')}"
