"""The PR monitor: every five minutes it brings our open pull requests to main, or back to an agent, or to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from orchestrator.jobs import branch
from orchestrator.jobs.act import act, quoted
from orchestrator.jobs.world import World
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Gone
from orchestrator.model.github import Check, Merged, NotMerged
from orchestrator.model.step import Step, Tell
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Refused, Unavailable
from orchestrator.rules import review
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict import (
    NOT_COMPUTED,
    BringUpToDate,
    Finish,
    Repair,
    Verdict,
    in_turn,
    takes_the_lane,
    verdict,
)

LOG_CHARS = 6000
"""How much of a failed check's log is shown; its end, where the failure is."""


def run(world: World) -> bool:
    """One tick over the tasks in review, each repository's in the order of their pull requests; they fail independently."""
    world.mailbox.sweep()
    answered, lanes = True, set[str]()
    for task in tasks_in_review(world):
        if world.is_paused(task.repo):
            world.say(f"{task.repo} is paused")
            continue
        held = world.mailbox.lock(task.id)
        if held is None:
            continue
        with held:
            answered &= tick(task, lanes, world)
    if world.mailbox.names(Folder.INBOX) and not world.dry_run:
        world.executor.wake("queue")
    return answered


def tasks_in_review(world: World) -> list[Task]:
    """The tasks with an open pull request; a file that cannot be read is put aside with its reason."""
    survey = world.mailbox.survey(Folder.REVIEW, world.config.repos)
    for broken in survey.broken:
        world.mailbox.quarantine(Folder.REVIEW, f"{broken.name}.md", broken.error)
        world.note("Quarantine", broken.name, str(broken.error))
    tasks = [task for header in survey.headers if (task := readable(header.id, world)) is not None]
    return sorted(tasks, key=lambda task: (task.repo, task.pull_request or 0))


def tick(task: Task, lanes: set[str], world: World) -> bool:
    """One pull request: look, decide, act. `lanes` holds the repositories where one is being brought to main already."""
    try:
        seen = look(task, world)
        if verdict(seen) == NOT_COMPUTED:
            seen = with_mergeability(seen, world)
        word = in_turn(verdict(seen), task.repo in lanes)
        if takes_the_lane(word):
            lanes.add(task.repo)
        carry_out(word, seen, world)
    except (Unavailable, Refused) as trouble:
        world.note("Skip", f"{task.repo}#{task.pull_request}", str(trouble), task.id)
        return False
    except branch.ForeignCommit as trouble:
        world.note("Skip", f"{task.repo}#{task.pull_request}", f"{trouble}; looked at again next time", task.id)
    except Gone:
        world.note("Respect", task.id, "a person took the file away; nothing is brought back", task.id)
    return True


def explain(task: Task, world: World) -> tuple[Seen, Verdict]:
    """What the next tick would see of a task in review and decide, by the same look and the same rules (P25).

    Nothing is done. Raises Unavailable and Refused.
    """
    seen = look(task, world)
    word = verdict(seen)
    return seen, in_turn(word, isinstance(word, BringUpToDate) and is_behind_another(task, world))


def is_behind_another(task: Task, world: World) -> bool:
    """Whether an earlier pull request of the repository is being brought to main."""
    headers = [one for one in world.mailbox.headers(Folder.REVIEW) if one.repo == task.repo]
    numbers = {one.id: one.pull_request for one in headers if one.pull_request is not None}
    earlier = (id_ for id_, number in numbers.items() if number < (task.pull_request or 0))
    others = (readable(id_, world) for id_ in earlier)
    return any(takes_the_lane(verdict(look(other, world))) for other in others if other is not None)


def readable(id_: str, world: World) -> Task | None:
    """A task in review that may have moved on or been spoiled since it was listed."""
    try:
        return world.mailbox.read(Folder.REVIEW, id_, world.config.repos)
    except (FileNotFoundError, BadLetter):
        return None


def look(task: Task, world: World) -> Seen:
    """The pull request and what decides about it; checks are read only where they can matter."""
    number = task.pull_request
    if number is None:
        raise Refused(f"{task.id} is in review without a pull request; move it to inbox/")
    pull = world.github.pull(task.repo, number)
    settings = world.config.repo(task.repo)
    base = world.github.branch(task.repo, task.base_branch or pull.base_branch)
    names = settings.merge.required_checks or base.required_checks
    wanted = pull.is_open and task.base_sha == base.sha
    return Seen(
        task=task,
        pull=pull,
        base=base,
        checks=world.github.checks(task.repo, pull.head_sha, names) if wanted else (),
        us=world.github.whoami(),
        settings=settings,
        since=proposed_at(task),
        now=world.now(),
    )


def with_mergeability(seen: Seen, world: World) -> Seen:
    """Asked again once: the first question sets GitHub computing, and the next tick is minutes away.

    A pull request whose head moved between the two questions is left to the next tick: its checks were not read.
    """
    pull = world.github.pull(seen.task.repo, seen.pull.number)
    return replace(seen, pull=pull) if pull.head_sha == seen.pull.head_sha else seen


def proposed_at(task: Task) -> datetime:
    """When the branch changed last, as far as the file tells."""
    return max([entry.at for entry in task.history], default=task.created_at)


def carry_out(word: Verdict, seen: Seen, world: World) -> None:
    """Act on a verdict, and on what came of it: a merge that happened is finished in the same tick."""
    case = review.Case(
        seen=seen,
        project_name=world.config.repos[seen.task.repo],
        project=world.config.project_of(seen.task.repo),
        logs=logs(word, seen, world),
    )
    results = act(review.steps(word, case), world)
    result = results[-1] if results else None
    match result:
        case Merged(sha):
            merged = replace(case, seen=replace(seen, pull=replace(seen.pull, is_merged=True, is_open=False, merged_sha=sha)))
            act(review.steps(Finish(), merged), world)
            act(alarm_unless_tested(seen, sha, world), world)
        case NotMerged(reason, head_moved):
            act(review.not_merged(reason, case) if not head_moved else [], world)
        case branch.Conflict(paths):
            act(review.conflicting(paths, case), world)
        case _:
            return


def alarm_unless_tested(seen: Seen, merged: str, world: World) -> list[Step]:
    """What was merged must be the tree that was tested; a push to the base branch in the last instant makes it another."""
    gate = world.gate(seen.task.repo)
    gate.fetch(seen.base.name)
    if gate.tree_of(merged) == gate.tree_of(seen.pull.head_sha):
        return []
    about = f"{seen.task.repo}#{seen.pull.number}"
    told = f"{seen.base.name} moved in that instant: commit {merged[:12]} was not tested as it is. Look at its CI."
    text = f"{about} was merged, but {told}"
    return [Tell(key=f"{seen.task.id}-untested-merge", severity="action", task_id=seen.task.id, text=text)]


def logs(word: Verdict, seen: Seen, world: World) -> Mapping[str, str]:
    """The logs of failed checks: redacted, fenced, their ends."""
    if not isinstance(word, Repair):
        return {}
    return {check.name: quoted(log_of(check, seen, world)[-LOG_CHARS:], world, limit=LOG_CHARS + 500) for check in word.failed}


def log_of(check: Check, seen: Seen, world: World) -> str:
    """One check's log; one that cannot be had says so instead of holding up the repair (S58)."""
    try:
        return world.github.check_log(seen.task.repo, check) or check.summary or "no log was given"
    except Refused as trouble:
        return f"the log cannot be read: {trouble}"
