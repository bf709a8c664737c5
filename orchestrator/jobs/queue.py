"""The queue: every minute it hands orphaned and waiting tasks to workers, as many as there is room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from orchestrator.jobs import leftovers
from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.mailbox import ids
from orchestrator.mailbox.letter import BadLetter
from orchestrator.mailbox.store import Gone, Header
from orchestrator.model.result import BlockerCode
from orchestrator.model.step import File, Step, Tell
from orchestrator.model.task import Folder, Note, Stage, Task, TaskType, Trust
from orchestrator.rules import order
from orchestrator.system import locks

A_PERSON_S_MOVE = (Folder.BLOCKED, Folder.ESCALATED)
"""Only a person takes a file out of these; found in the inbox, it asks for a fresh round."""

SAME_BUG = 3
"""So many times in a row the same bug may stop a task before it is put aside."""


def run(world: World) -> bool:
    """One tick: resume what a dead worker left, then start what fits. Overlapping ticks are harmless."""
    world.mailbox.settle_duplicates()
    world.mailbox.sweep()
    running = resume_orphans(world)
    for waiting in chosen(world, running):
        start(waiting.id, world)
    leftovers.put_away(world)
    return True


def resume_orphans(world: World) -> list[str]:
    """Start a worker for every task in processing whose lock is free; the repositories of all tasks that run now."""
    repos = []
    for header in valid(Folder.PROCESSING, world):
        repos.append(header.repo)
        held = world.mailbox.lock(header.id)
        if held is None:
            continue
        if is_poison(header.id, world):
            put_poison_aside(header.id, world)
            held.release()
            continue
        world.note("Resume", header.id, "its worker is gone", header.id)
        hand_over(header.id, held, world)
    return repos


def is_poison(task_id: str, world: World) -> bool:
    """Whether the same bug has met this task several times in a row; nothing is run again for it (S27)."""
    try:
        places = (world.state / "crashes" / task_id).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return len(places) >= SAME_BUG and len(set(places[-SAME_BUG:])) == 1


def put_poison_aside(task_id: str, world: World) -> None:
    """To `blocked/` with the place of the bug; a person's move to the inbox tries again, with the count at zero."""
    from orchestrator.jobs.work import records  # the queue of a house without bugs never pays for it

    crashes = world.state / "crashes" / task_id
    place = crashes.read_text(errors="replace").splitlines()[-1]
    try:
        task = world.mailbox.read(Folder.PROCESSING, task_id, world.config.repos)
    except (FileNotFoundError, BadLetter):
        return
    records.of_runs_that_nobody_judges(task, BlockerCode.RUNNER_FAILURE, world)
    text = f"A bug of ours stops this task every time: {place}. The log is runtime/logs/worker.log."
    note = Note(kind="bug", at=world.now(), text=text)
    aside = replace(task, goes_to=Folder.BLOCKED, stage=Stage.FILED, history=(*task.history, note))
    told = Tell(key=f"{task_id}-bug-{len(task.history)}", severity="action", task_id=task_id, text=f"{task_id}: {text}")
    act([told, File(aside, Folder.PROCESSING, Folder.BLOCKED)], world)
    crashes.unlink(missing_ok=True)


def chosen(world: World, running: list[str]) -> list[Header]:
    """The waiting tasks to start now."""
    headers = without_crowded(valid(Folder.INBOX, world), world)
    room = order.Room(
        workers=world.config.settings.max_parallel_workers,
        per_repo=lambda repo: world.config.repo(repo).max_workers_per_repo,
        running=running,
    )
    paused = paused_repos(world)
    if not order.choose(headers, room, world.now(), paused):
        return []
    return order.choose(able(headers, paused, world), room, world.now(), paused)


def without_crowded(headers: Sequence[Header], world: World) -> list[Header]:
    """The tasks of repositories where people keep up with the pull requests (P23); of another one they hear once a day."""
    in_review = Counter(header.repo for header in world.mailbox.headers(Folder.REVIEW)) if headers else Counter[str]()
    held: dict[str, str] = {}
    free: list[Header] = []
    for header in headers:
        reason = order.too_many_open(header, in_review, world.config.repo(header.repo).max_open_pulls)
        if reason is None:
            free.append(header)
        else:
            held[header.repo] = reason
    for repo, reason in held.items():
        world.say(f"{repo}: new work {reason}")
        text = f"New work of {repo} {reason}. Review, merge or close some; then it goes on by itself."
        act([Tell(key=f"too-many-pulls-{repo}-{world.now():%Y-%m-%d}", severity="action", text=text)], world)
    return free


def able(headers: Sequence[Header], paused: frozenset[str], world: World) -> list[Header]:
    """The tasks that may start and for which there are money, room and an agent; the others stay where they are (P15, S76)."""
    from orchestrator.jobs import ceilings  # most ticks start nothing
    from orchestrator.jobs.means import Means

    means, found = Means(world), []
    waiting: dict[str, list[Header]] = {}
    alerts: dict[Step, None] = {}
    for header in headers:
        if order.not_yet(header, world.now(), paused) is not None:
            continue
        outlook = means.outlook(header, is_thorough=False)
        if outlook.agent is not None:
            found.append(header)
            continue
        waiting.setdefault(ceilings.in_words(outlook), []).append(header)
        alerts.update(dict.fromkeys(ceilings.alerts(outlook, means, header.repo, world)))
    for reason, held in waiting.items():
        world.say(f"{held[0].id}{f' and {len(held) - 1} more' if len(held) > 1 else ''} cannot start: {reason}")
    act(alerts, world)
    return found


def paused_repos(world: World) -> frozenset[str]:
    """Repositories that a person paused."""
    return frozenset(repo for repo in world.config.repos if world.is_paused(repo))


def start(task_id: str, world: World) -> None:
    """Claim a task, lock first and rename second, and hand it to a worker with its lock."""
    if world.dry_run:
        world.say(f"would start {task_id}")
        return
    held = world.mailbox.lock(task_id)
    if held is None:
        return
    if claim(task_id, held, world):
        world.note("Claim", task_id, "processing", task_id)
        hand_over(task_id, held, world)
    else:
        held.release()


def hand_over(task_id: str, held: locks.Held, world: World) -> None:
    """The worker inherits the lock; closing our copy leaves it to them."""
    if world.dry_run:
        held.release()
        return
    leftovers.expect(world)
    world.executor.start(task_id, held.fd)
    held.release()


def claim(task_id: str, held: locks.Held, world: World) -> bool:
    """Write the claim into the file, then rename it; False when a person or another worker was faster."""
    try:
        task = world.mailbox.read(Folder.INBOX, task_id, world.config.repos)
        return world.mailbox.claim(held, claimed(task, world))
    except (FileNotFoundError, Gone):
        return False
    except BadLetter as problem:
        quarantine(Folder.INBOX, f"{task_id}.md", problem, world)
        return False


def claimed(task: Task, world: World) -> Task:
    """The task at the start of an attempt; a person's move out of blocked or escalated grants a fresh round."""
    if task.goes_to in A_PERSON_S_MOVE:
        rounds = world.config.repo(task.repo).max_attempts
        note = Note(kind="retry", at=world.now(), text=f"A person moved it back from {task.goes_to}: a fresh round.")
        task = replace(
            task,
            max_attempts=task.attempt + rounds,
            agents_tried=(),
            interruptions=0,
            invocations=0,
            overloads=0,
            ci_fixes=0,
            review_rounds=0,
            rebases=0,
            errors=(),
            question="",
            history=(*task.history, note),
        )
    if task.task_type is TaskType.REVIEW:
        return replace(task, not_before=None)  # it has no branch, and its text is a stranger's
    if task.issue is None and task.trust is Trust.UNTRUSTED:
        task = replace(task, trust=Trust.MAINTAINER)  # nobody but the operator can put a file into the mailbox
    return replace(task, branch=task.branch or ids.branch_name(task.issue, task.title, task.id), not_before=None)


def valid(folder: Folder, world: World) -> Sequence[Header]:
    """The tasks of a folder; what is no valid task goes to `failed/` with the reason, and everything else goes on (S68)."""
    survey = world.mailbox.survey(folder, world.config.repos)
    for broken in survey.broken:
        quarantine(folder, f"{broken.name}.md", broken.error, world)
    return survey.headers


def quarantine(folder: Folder, name: str, problem: BadLetter, world: World) -> None:
    """Put one file aside and tell the person once."""
    if world.dry_run:
        world.say(f"would quarantine {name}: {problem}")
        return
    try:
        kept_as = world.mailbox.quarantine(folder, name, problem)
    except Gone:
        return
    world.note("Quarantine", name, str(problem))
    text = f"{name} is not a valid task and was put into failed/{kept_as}: {problem}. Mend it and move it to inbox/."
    act([Tell(key=f"failed-{kept_as}", severity="action", text=text)], world)
