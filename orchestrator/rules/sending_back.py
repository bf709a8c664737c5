"""The steps that give a pull request of ours back to an agent: red CI, what a review asks for, a conflict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from orchestrator.model.github import Check
from orchestrator.model.step import File, RerunJobs, Show, Step, Tell
from orchestrator.model.task import Folder, Note, Stage, Task
from orchestrator.rules import asks, settling
from orchestrator.rules.case import Case, about
from orchestrator.rules.verdict_words import Repair, Revise

MOST_NAMED = 50
"""So many checks or files are named in the task; more would not fit its front matter and help nobody."""

ATTEMPTS_PER_REPAIR = 2
"""A red CI or a conflict may cost so many attempts beyond those that were spent."""


def repaired(word: Repair, case: Case) -> list[Step]:
    """CI's failures go into the status comment and back to an agent, on the same branch."""
    names = tuple(check.name for check in word.failed)
    head = case.seen.pull.head_sha[:12]
    told = Tell(key=f"{case.task.id}-ci-{head}", task_id=case.task.id, text=f"{about(case)}: {word.reason}")
    again = replace(case.task, ci_fixes=case.task.ci_fixes + 1, failed_checks=names[:MOST_NAMED])
    return [told, *back_to_an_agent(again, case, "ci", f"{word.reason}\n\n{what_ci_said(names, case)}")]


def what_ci_said(names: Iterable[str], case: Case) -> str:
    """The end of each failed check's log under its name."""
    return "\n\n".join(f"### {name}\n\n{case.logs.get(name) or 'no log was given'}" for name in names)


def rerun(failed: tuple[Check, ...], case: Case) -> list[Step]:
    """The failed jobs run once more. That it was asked for is on record first: a crash costs the rerun, never a second one."""
    runs = tuple(dict.fromkeys(check.workflow_run for check in failed if check.workflow_run is not None))
    noted = replace(case.task, rerun_of=case.seen.pull.head_sha)
    return [File(noted, Folder.REVIEW, Folder.REVIEW), RerunJobs(noted, runs)]


def revised(word: Revise, case: Case) -> list[Step]:
    """What a review asks for goes back to an agent, on the same branch."""
    rounds = case.task.review_rounds + 1
    again = replace(
        case.task,
        review_rounds=rounds,
        review_asks=tuple(ask.id for ask in word.asks)[:MOST_NAMED],
        answered_asks=settling.left(case.seen, word.asks),
        failed_checks=(),
    )
    return back_to_an_agent(again, case, asks.KIND, asks.noted(word.asks))


def conflicting(paths: tuple[str, ...], case: Case) -> list[Step]:
    """The change does not apply on the new base: an agent resolves it on the same branch."""
    sentence = f"{case.seen.base.name} moved and these files conflict: {', '.join(paths)}"
    again = replace(case.task, rebases=case.task.rebases + 1, failed_checks=(), conflicts=paths[:MOST_NAMED])
    return back_to_an_agent(again, case, "conflict", sentence)


def back_to_an_agent(task: Task, case: Case, kind: str, text: str) -> list[Step]:
    """Another attempt in the same file, with a fresh look at every agent."""
    note = Note(kind=kind, at=case.seen.now, text=text)
    again = replace(
        task,
        stage=Stage.FILED,
        goes_to=Folder.INBOX,
        agents_tried=(),
        max_attempts=max(task.max_attempts, task.attempt + ATTEMPTS_PER_REPAIR),
        history=(*task.history, note),
    )
    return [Show(task=again, folder=Folder.INBOX, labels=case.labels, card=case.card), File(again, Folder.REVIEW, Folder.INBOX)]
