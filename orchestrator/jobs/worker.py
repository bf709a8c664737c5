"""The worker: it takes one claimed task through the stages of its journal, and resumes where a dead one stopped.

claimed → prepared → agent_done → verified → committed → pushed → proposed → reported → filed. Each stage is idempotent and
leaves its evidence in the task file before the next begins; an agent is never run again because a later step failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from orchestrator.jobs.act import act
from orchestrator.jobs.work import commit, file, prepare, propose, records, report, run_agent, verify
from orchestrator.jobs.work.foreign import judge as foreign_judge
from orchestrator.jobs.work.foreign import post as foreign_post
from orchestrator.jobs.work.foreign import prepare as foreign_prepare
from orchestrator.jobs.work.foreign import read as foreign_read
from orchestrator.jobs.work.rest import Resting
from orchestrator.jobs.world import World
from orchestrator.mailbox.store import Gone
from orchestrator.model.result import BlockerCode
from orchestrator.model.step import Tell
from orchestrator.model.task import Folder, Stage, Task, TaskType
from orchestrator.ports import Refused, Unavailable

PUT_OFF = timedelta(minutes=2)
"""How long a task that could not even be begun leaves its place to others."""

Handler = Callable[[Task, World, int], Task]

HANDLERS: dict[Stage, Handler] = {
    Stage.CLAIMED: prepare.prepare,
    Stage.PREPARED: run_agent.run,
    Stage.AGENT_DONE: verify.verify,
    Stage.VERIFIED: commit.commit,
    Stage.COMMITTED: commit.push,
    Stage.PUSHED: propose.propose,
    Stage.PROPOSED: report.report,
}
"""What brings a task from each stage to a later one; it gets the task, the world and the descriptor of the task's lock."""

OF_A_REVIEW: dict[Stage, Handler] = {
    Stage.CLAIMED: foreign_prepare.prepare,
    Stage.PREPARED: foreign_read.read,
    Stage.AGENT_DONE: foreign_judge.judge,
    Stage.VERIFIED: foreign_post.post,
    Stage.PROPOSED: foreign_post.finish,
}
"""The same for the review of somebody else's pull request. No stage of it commits or pushes, whatever its file says."""


def work(task_id: str, lock_fd: int, world: World) -> bool:
    """Take the task to its next folder. The caller holds the task's lock through `lock_fd`.

    A file that a person took away meanwhile is left where they want it; what was done is in the event log.
    """
    try:
        task = world.mailbox.read(Folder.PROCESSING, task_id, world.config.repos)
        if task.stage is Stage.WAITING:
            task = advance(task, Stage.CLAIMED, world)
        while (handler := handlers_of(task).get(task.stage)) is not None:
            world.say(f"{task_id}: {task.stage}")
            try:
                task = one_stage(handler, task, lock_fd, world)
            except Gone:
                records.of_runs_that_nobody_judges(task, BlockerCode.MANUAL_INTERVENTION_REQUIRED, world)
                raise
        file.file_away(task, world)
    except (Gone, FileNotFoundError):
        world.note("Respect", task_id, "a person took the file away; nothing is brought back", task_id)
    return True


def handlers_of(task: Task) -> Mapping[Stage, Handler]:
    """What its stages are."""
    return OF_A_REVIEW if task.task_type is TaskType.REVIEW else HANDLERS


def one_stage(handler: Handler, task: Task, lock_fd: int, world: World) -> Task:
    """Run one stage; a stage that ends the attempt early says where the task rests.

    What it took goes into the event log, so that a slow step is seen without measuring again.
    """
    begun = world.now()
    try:
        after = handler(task, world, lock_fd)
    except Resting as early:
        after = early.task
    except (Unavailable, Refused) as trouble:
        if task.stage is not Stage.CLAIMED:
            raise
        after = put_off(task, trouble, world)
    world.mailbox.update(Folder.PROCESSING, after)
    took = (world.now() - begun) / timedelta(milliseconds=1)
    world.note("Stage", task.id, f"{task.stage} took {took:.0f} ms", task.id)
    return after


def put_off(task: Task, trouble: Exception, world: World) -> Task:
    """Back to the inbox for a while, with no attempt used: a repository that is busy or out of reach holds nobody else up.

    What a person must look at is told once a day for each repository.
    """
    world.note("PutOff", task.id, f"could not be begun: {trouble}", task.id)
    if isinstance(trouble, Refused):
        key = f"refused-{task.repo.replace('/', '-')}-{world.now():%Y-%m-%d}"
        text = f"{task.id} cannot be begun: {trouble}. It is tried again by itself."
        act([Tell(key=key, severity="action", task_id=task.id, text=text)], world)
    known = world.mailbox.read(Folder.PROCESSING, task.id, world.config.repos)  # the stage may have put work on record
    return replace(known, stage=Stage.PROPOSED, goes_to=Folder.INBOX, not_before=world.now() + PUT_OFF)


def advance(task: Task, stage: Stage, world: World) -> Task:
    """A file that reached processing without a claim in it (a person moved it there) starts as claimed."""
    claimed = replace(task, stage=stage, goes_to=None)
    world.mailbox.update(Folder.PROCESSING, claimed)
    return claimed
