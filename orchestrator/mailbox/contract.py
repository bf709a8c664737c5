"""The result contract, declared once: the form in the prompt, the reader, the writer and the reference are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from orchestrator.model.result import AgentResult, BlockerCode, Opinion, Status

FILE_NAME: Final = ".agent_result.md"


class Kind(StrEnum):
    """What stands behind a label."""

    ENUM = "one of a closed list"
    LINE = "one line"
    TEXT = "text, any number of lines"
    LIST = "a list, one bullet per line"


class Need(StrEnum):
    """When a field must be there."""

    ALWAYS = "always"
    UNLESS_COMPLETE = "unless STATUS is complete"
    IF_COMPLETE = "when STATUS is complete"
    IF_CHANGES_ARE_WANTED = "when VERDICT is request_changes"
    NO = "no"
    ONLY_IF_MEANT = "leave the line out when it does not apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One labelled part of the result file. `placeholder` is what the form shows in its place."""

    name: str
    kind: Kind
    need: Need
    meaning: str
    placeholder: str
    choices: tuple[str, ...] = ()

    @property
    def attribute(self) -> str:
        """The name of the AgentResult attribute that holds it."""
        return self.name.lower()


def _choice(name: str, need: Need, meaning: str, choices: type[StrEnum]) -> Field:
    values = tuple(str(choice) for choice in choices)
    return Field(name=name, kind=Kind.ENUM, need=need, meaning=meaning, placeholder=f"<{' | '.join(values)}>", choices=values)


def _listed(name: str, placeholder: str, meaning: str) -> Field:
    return Field(name=name, kind=Kind.LIST, need=Need.NO, meaning=meaning, placeholder=placeholder)


FIELDS: Final = (
    _choice("STATUS", Need.ALWAYS, "How the work ended. `complete` only when every success criterion is met.", Status),
    _choice("BLOCKER_CODE", Need.UNLESS_COMPLETE, "Why it is not complete; `none` when it is.", BlockerCode),
    Field(
        name="SUMMARY",
        kind=Kind.TEXT,
        need=Need.NO,
        meaning="What was done, for the person who reads the pull request.",
        placeholder="<what you did, in one to three sentences>",
    ),
    _listed(
        "DONE",
        "<a thing that is finished>",
        "What is finished, point by point. To each thing that a review asks for, a line that begins with its name.",
    ),
    _listed("BLOCKERS", "<what stands in the way, or none>", "What stands in the way."),
    Field(
        name="NEXT_STEP",
        kind=Kind.TEXT,
        need=Need.NO,
        meaning="What should happen next; the next attempt reads it.",
        placeholder="<the next step, or none>",
    ),
    _listed("FILES_CHANGED", "<path of a changed file>", "Paths that were changed. What counts is the observed difference."),
    _listed("TESTS_RUN", "<command and its outcome>", "Commands that were run as tests, each with its outcome."),
    _listed("DECISIONS", "<a choice you made, and why>", "Choices that a later reader should know, with the reason."),
    _listed("RISKS", "<what could go wrong, or none>", "What could go wrong with this change."),
    _listed(
        "ATTEMPTED_APPROACHES",
        "<what you tried that did not work>",
        "What was tried and did not work, so that nobody repeats it.",
    ),
    _listed("MANUAL_STEPS", "<what a person must do by hand, or none>", "What a person must do by hand; shown on the issue."),
    Field(
        name="QUESTION",
        kind=Kind.TEXT,
        need=Need.ONLY_IF_MEANT,
        meaning="A question that only a person can answer. The task waits in blocked/ for the answer.",
        placeholder="<only if a person must answer something; else leave this line out>",
    ),
    Field(
        name="HARD_STOP",
        kind=Kind.LINE,
        need=Need.ONLY_IF_MEANT,
        meaning="Why no other agent may try this again. The task waits in blocked/ for a person.",
        placeholder="<only if no other agent may try this; else leave this line out>",
    ),
)


"""What is asked of whoever works on a task."""

_OF_BOTH: Final = {field.name: field for field in FIELDS if field.name in ("STATUS", "BLOCKER_CODE", "BLOCKERS")}

REVIEW_FIELDS: Final = (
    _OF_BOTH["STATUS"],
    _OF_BOTH["BLOCKER_CODE"],
    _choice("VERDICT", Need.IF_COMPLETE, "What you say of the change as a whole.", Opinion),
    Field(
        name="REVIEW",
        kind=Kind.LIST,
        need=Need.IF_CHANGES_ARE_WANTED,
        meaning="The findings, the gravest first, each with the place it is about.",
        placeholder="<path:line: what is wrong there, what follows from it, and what would mend it; or none>",
    ),
    Field(
        name="SUMMARY",
        kind=Kind.TEXT,
        need=Need.NO,
        meaning="What the change does and how good it is, for the person who reads the review.",
        placeholder="<what the change does, and your judgement, in one to three sentences>",
    ),
    _OF_BOTH["BLOCKERS"],
)
"""What is asked of whoever reviews a pull request."""


def fields(*, is_review: bool = False) -> tuple[Field, ...]:
    """The fields of the form for a review, or for any other work."""
    return REVIEW_FIELDS if is_review else FIELDS


def form(*, is_review: bool = False) -> str:
    """The empty form, as the prompt shows it: one label per field, the placeholder where the answer goes."""
    return "".join(_blank(field) for field in fields(is_review=is_review))


def render(result: AgentResult) -> str:
    """The result as a filled form; reading it gives the result back (text is trimmed at its ends)."""
    wanted = fields(is_review=result.verdict is not None)
    return "".join(_filled(field, getattr(result, field.attribute)) for field in wanted)


def reference() -> str:
    """The contract's documentation, in Markdown."""
    return _REFERENCE.format(
        name=FILE_NAME,
        form=form(),
        rows="".join(_row(field) for field in FIELDS),
        statuses=_codes(Status),
        codes=_codes(BlockerCode),
        review_form=form(is_review=True),
        review_rows="".join(_row(field) for field in REVIEW_FIELDS),
        verdicts=_codes(Opinion),
    )


def _blank(field: Field) -> str:
    if field.kind is Kind.LIST:
        return f"{field.name}:\n- {field.placeholder}\n"
    return f"{field.name}: {field.placeholder}\n"


def _filled(field: Field, value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"{field.name}:\n" + "".join(f"- {_indented(entry)}\n" for entry in value or ("none",))
    if not value and field.need is Need.ONLY_IF_MEANT:
        return ""
    return f"{field.name}: {_indented(value or 'none')}\n"


def _indented(text: str) -> str:
    """The text with its further lines set in, so that none of them can stand where a label stands."""
    return text.replace("\n", "\n    ")


def _row(field: Field) -> str:
    return f"| `{field.name}` | {field.kind} | {field.need} | {field.meaning} |\n"


def _codes(choices: type[StrEnum]) -> str:
    return ", ".join(f"`{choice}`" for choice in choices)


_REFERENCE = """\
# The result contract

<!-- Generated from orchestrator/mailbox/contract.py by `python -m orchestrator.mailbox.results`; edit there. -->

Before it exits, an agent writes `{name}` into the root of its working copy. The file is the only interface between an agent and
Agent OS, and it is a claim: what decides is what Agent OS observes itself — the difference, the checks, the exit status.

## The form

```
{form}```

## The fields

| Label | Holds | Must be there | Meaning |
|---|---|---|---|
{rows}
`STATUS` is one of {statuses}.

`BLOCKER_CODE` is one of {codes}.

## The form of a review

Whoever reviews a pull request that is not ours (docs/other-pull-requests.md) fills in this form instead:

```
{review_form}```

| Label | Holds | Must be there | Meaning |
|---|---|---|---|
{review_rows}
`VERDICT` is one of {verdicts}. Labels of the other form that a reviewer fills in all the same are read and not used.

## How it is read

Tolerant of form: upper or lower case, `**bold**`, `## headings`, backticks, bullets before the labels, a code fence around
the form, prose before and after it, a byte order mark, Windows line ends, bytes that are not UTF-8. The first occurrence of a
label counts; a later one is text. `none` and `n/a` mean empty.

Strict on meaning. The result is refused, with the reason's name, when

| Reason | Why |
|---|---|
| `no_status` | there is no `STATUS` |
| `unknown_status`, `unknown_blocker_code` | the value is not in the list; the detail quotes it |
| `missing_blocker_code` | it is `partial` or `blocked` and no code other than `none` says why |
| `contradiction` | it is `complete` and yet names a blocker |
| `template_echo` | a field still holds the form's own words; the detail names the field |
| `no_verdict`, `unknown_verdict` | it is a review that is complete, and its verdict is missing or not in the list |
| `missing_review` | it is a review that wants changes and names none |
| `too_large` | the file is larger than 256 KiB |
| `not_plain` | it is a link, a pipe, a device or a file with a second name |

`QUESTION` and `HARD_STOP` are for the cases that they name; left with the form's own words they count as left out.
"""
