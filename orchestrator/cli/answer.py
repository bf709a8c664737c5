"""What `agentos why` answers, as a value and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.cli import exits, words
from orchestrator.cli.paper import Colour, Paper, plain_line
from orchestrator.model.task import Attempt, Entry, Folder, Stage, Task
from orchestrator.rules.seen import Seen
from orchestrator.rules.verdict import RULES, said
from orchestrator.rules.verdict_words import MergeNow

SHORT = 200
"""Characters of one entry of the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One rule about a pull request: whether it lets it pass, None when an earlier rule decided."""

    rule: str
    holds: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Its JSON form is this, field by field. `unanswered` is what GitHub did not say."""

    about: str
    answer: str
    next_step: str
    title: str = ""
    task: str | None = None
    folder: Folder | None = None
    stage: Stage | None = None
    reasons: tuple[str, ...] = ()
    rules: tuple[Ruling, ...] = ()
    history: tuple[str, ...] = ()
    unanswered: str | None = None

    @property
    def code(self) -> int:
        """The exit code."""
        return exits.OK if self.unanswered is None else exits.UNANSWERED


def rulings(seen: Seen) -> tuple[Ruling, ...]:
    """Every rule of the verdict in its order, up to the first that stopped the pull request."""
    told: list[Ruling] = []
    for rule in RULES:
        name = words.rule(rule.__name__)
        if told and told[-1].holds is not True:
            told.append(Ruling(rule=name, holds=None))
            continue
        word = said(rule, seen)
        passes = word is None or isinstance(word, MergeNow)
        told.append(Ruling(rule=name, holds=passes, reason=word.reason if word else ""))
    return tuple(told)


def history(task: Task) -> tuple[str, ...]:
    """A line for each attempt and note of the task, oldest first."""
    return tuple(map(_entry, task.history))


def lines(answer: Answer, paper: Paper) -> list[str]:
    """The answer as text."""
    told = [paper.paint(plain_line(f"{answer.about}  {answer.title}".strip()), Colour.BOLD)]
    if answer.task and answer.folder:
        where = words.state(answer.folder, answer.stage) if answer.stage else answer.folder.value
        told.append(f"Task {answer.task} is in {where}.")
    told += ["", plain_line(answer.answer), *(f"  - {plain_line(reason)}" for reason in answer.reasons)]
    if answer.unanswered is not None:
        told.append(paper.paint(f"GitHub did not answer: {plain_line(answer.unanswered)}", Colour.YELLOW))
        told.append("What is told here is what the files know.")
    told += _section("Rules, in their order", [_ruling(one, paper) for one in answer.rules])
    told += _section("History", [plain_line(line) for line in answer.history])
    return [*told, "", f"Next: {plain_line(answer.next_step)}"]


def _entry(entry: Entry) -> str:
    short = words.in_short(entry.text, SHORT)
    at = f"{entry.at:%Y-%m-%d %H:%M}"
    if isinstance(entry, Attempt):
        return f"{at} attempt {entry.number} by {entry.agent}: {entry.status}, {entry.blocker}. {short}".rstrip()
    return f"{at} {entry.kind}: {short}"


def _ruling(one: Ruling, paper: Paper) -> str:
    mark, colour = {True: ("ok   ", Colour.GREEN), False: ("STOP ", Colour.RED), None: ("-    ", None)}[one.holds]
    return paper.paint(mark, colour) + one.rule + (f": {plain_line(one.reason)}" if one.reason else "")


def _section(head: str, told: Sequence[str]) -> list[str]:
    return ["", f"{head}:", *(f"  {line}" for line in told)] if told else []
