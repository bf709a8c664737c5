"""Reads an agent's `.agent_result.md`: tolerant of form, strict on meaning, an answer for whatever the bytes are."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from orchestrator.mailbox.contract import FIELDS, FILE_NAME, REVIEW_FIELDS, Field, Kind, Need, form, reference, render
from orchestrator.model.result import AgentResult, BlockerCode, InvalidResult, Opinion, Status
from orchestrator.system import files

__all__ = ["FIELDS", "FILE_NAME", "LIMIT", "REVIEW_FIELDS", "form", "parse", "read", "reference", "render"]

LIMIT: Final = 256 * 1024
"""Most bytes that a result file may have; a larger one is refused unread."""

_Names = Mapping[str, Field]

_OF_WORK: Final[_Names] = {field.name: field for field in FIELDS}
_OF_A_REVIEW: Final[_Names] = {**_OF_WORK, **{field.name: field for field in REVIEW_FIELDS}}
"""Fields by name. A reviewer who fills in a field of the other form must not have it read as a part of the one before."""


def _label_pattern(names: _Names) -> re.Pattern[str]:
    return re.compile(
        r"(?P<indent>[ \t]{0,8})(?P<bullet>(?:[-*+•]|\d{1,2}[.)])[ \t]{1,4})?(?P<marks>[#>*_`~ \t]{0,12})"
        rf"(?P<name>{'|'.join(name.replace('_', '[ _-]') for name in names)})"
        r"[*_`~]{0,4}[ \t]{0,4}(?:(?P<colon>:)[*_`~]{0,4}|(?=[ \t]*\Z))(?P<rest>.*)",
        re.IGNORECASE | re.ASCII | re.DOTALL,
    )


_LABELS_OF_WORK: Final = _label_pattern(_OF_WORK)
_LABELS_OF_A_REVIEW: Final = _label_pattern(_OF_A_REVIEW)
_BULLET: Final = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•]|\d{1,3}[.)])(?:[ \t]+|\Z)(?P<rest>.*)", re.DOTALL)
_FENCE: Final = re.compile(r"[ \t]{0,8}(?:`{3,}|~{3,})(?P<language>.*)", re.DOTALL)
_DECORATION: Final = " \t*_`~\"'.,;"
_NOTHING: Final = frozenset({"", "-", "none", "n/a", "na", "nil"})
_NOT_MEANT: Final = frozenset({"no", "false"})
_ECHOES: Final = frozenset({"bullet", "...", "…", "todo", "tbd", "one line"})


@dataclass(frozen=True, slots=True)
class _Label:
    """A line that opens a field: where it stands, what is written behind the colon, and how it is set."""

    line: int
    field: Field
    rest: str
    indent: int
    is_bulleted: bool


def read(folder: Path) -> bytes | InvalidResult | None:
    """The result file's bytes as an agent left them in `folder`; None when there is none. Never follows a link, never hangs."""
    try:
        return files.read_plain(folder, FILE_NAME, LIMIT)
    except files.NotPlain as trap:
        return InvalidResult("not_plain", str(trap))


def parse(content: bytes, *, is_review: bool = False) -> AgentResult | InvalidResult:
    """What the file says, or why it cannot be taken at its word. Never raises; time grows with the file's length only.

    `is_review` reads the form of a review, which must hold a verdict; without it a line `REVIEW:` is text like any other.
    """
    if len(content) > LIMIT:
        return InvalidResult("too_large", f"{len(content)} bytes; at most {LIMIT} are read")
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    labels = _labels(lines, _LABELS_OF_A_REVIEW if is_review else _LABELS_OF_WORK)
    if not labels:
        return InvalidResult("no_status", "no line with STATUS: was found")
    answers = _answers(lines, labels)
    wrong = _echo(answers)
    return wrong if wrong is not None else _judged(answers, is_review=is_review)


def _labels(lines: Sequence[str], pattern: re.Pattern[str]) -> list[_Label]:
    """The first line of each field, set as STATUS is set: a bulleted `- RISKS:` under DECISIONS is an entry, not a label."""
    found = [label for number, line in enumerate(lines) if (label := _label(number, line, pattern))]
    status = next((label for label in found if label.field.name == "STATUS"), None)
    if status is None:
        return []
    first: dict[str, _Label] = {}
    for label in found:
        if label.is_bulleted == status.is_bulleted and label.indent <= status.indent:
            first.setdefault(label.field.name, label)
    return list(first.values())


def _label(number: int, line: str, pattern: re.Pattern[str]) -> _Label | None:
    match = pattern.match(line)
    if match is None or not (match["colon"] or "#" in match["marks"] or "*" in match["marks"]):
        return None
    field = _OF_A_REVIEW[re.sub(r"[ -]", "_", match["name"].upper())]
    return _Label(number, field, match["rest"], len(match["indent"].expandtabs(4)), match["bullet"] is not None)


def _answers(lines: Sequence[str], labels: Sequence[_Label]) -> dict[str, str | tuple[str, ...]]:
    ends = [label.line for label in labels[1:]] + [_end(lines, labels)]
    return {
        label.field.name: _value(label.field, [label.rest.strip(), *lines[label.line + 1 : end]], is_last=label is labels[-1])
        for label, end in zip(labels, ends, strict=True)
    }


def _end(lines: Sequence[str], labels: Sequence[_Label]) -> int:
    """Where the form ends: at the fence that closes the one it stands in, else with the file."""
    is_fenced = False
    for line in lines[: labels[0].line]:
        is_fenced ^= _FENCE.match(line) is not None
    depth = 1
    for number in range(labels[-1].line + 1, len(lines) if is_fenced else 0):
        if fence := _FENCE.match(lines[number]):
            depth += 1 if fence["language"].strip() else -1
        if depth == 0:
            return number
    return len(lines)


def _value(field: Field, lines: Sequence[str], *, is_last: bool) -> str | tuple[str, ...]:
    match field.kind:
        case Kind.ENUM:
            first = next((line for line in lines if line.strip()), "")
            return first.strip(_DECORATION)
        case Kind.LINE:
            return _emptied(field, " ".join(_first_paragraph(lines)))
        case Kind.TEXT:
            return _emptied(field, _joined(lines).strip())
        case Kind.LIST:
            entries = (_joined(entry).strip() for entry in _entries(lines, is_last=is_last))
            return tuple(entry for entry in entries if _bare(entry) not in _NOTHING)


def _first_paragraph(lines: Sequence[str]) -> list[str]:
    paragraph: list[str] = []
    for line in lines:
        if line.strip():
            paragraph.append(line.strip())
        elif paragraph:
            break
    return paragraph


def _entries(lines: Sequence[str], *, is_last: bool) -> list[list[str]]:
    """One list of lines per entry. Behind the last field, a paragraph that is no bullet is prose and ends the list."""
    entries: list[list[str]] = []
    margin: int | None = None
    blanks = 0
    for line in lines:
        if not line.strip():
            blanks += 1
            continue
        bullet = _BULLET.match(line)
        indent = len(line) - len(line.lstrip(" \t"))
        if bullet and (margin is None or indent <= margin + 1):
            margin = indent
            entries.append([bullet["rest"]])
        elif entries and (indent > 1 or (margin is not None and not blanks)):
            entries[-1] += [""] * blanks + [line]
        elif entries and blanks and is_last:
            break
        else:
            entries.append([line.strip()])
        blanks = 0
    return entries


def _joined(lines: Sequence[str]) -> str:
    """The lines as one text, the further lines without the indent that they share (at most the four columns we write)."""
    further = [line for line in lines[1:] if line.strip()]
    shared = min((len(line) - len(line.lstrip(" \t")) for line in further), default=0)
    return "\n".join([*lines[:1], *(line[min(shared, 4) :] for line in lines[1:])])


def _emptied(field: Field, text: str) -> str:
    """The text, or nothing when it only says so or is the untouched placeholder of a field that need not be filled."""
    is_unused = field.need is Need.ONLY_IF_MEANT and (_bare(text) in _NOT_MEANT or _is_echo(field, text))
    return "" if is_unused or _bare(text) in _NOTHING else text


def _bare(text: str) -> str:
    """The text without bullet, decoration, case and spacing, to compare words. Long texts are never one of ours."""
    return "" if not text.strip() else re.sub(r"\s+", " ", text[:400]).strip(_DECORATION + "-•+<>").casefold() or "-"


def _is_echo(field: Field, text: str) -> bool:
    if field.kind is Kind.ENUM:
        return any(mark in text for mark in "|<>") or _bare(text).startswith("one of")
    return _bare(text) == _bare(field.placeholder) or _bare(text) in _ECHOES or text.strip() in _ECHOES


def _echo(answers: Mapping[str, str | tuple[str, ...]]) -> InvalidResult | None:
    for name, answer in answers.items():
        texts = answer if isinstance(answer, tuple) else (answer,)
        for text in texts:
            if any(_is_echo(field, text) for field in (*FIELDS, *REVIEW_FIELDS) if field.name == name):
                return InvalidResult("template_echo", f"{name} holds the form's own words: {text[:120]}")
    return None


def _judged(answers: Mapping[str, str | tuple[str, ...]], *, is_review: bool) -> AgentResult | InvalidResult:
    said, why = str(answers["STATUS"]), str(answers.get("BLOCKER_CODE", ""))
    status, code = _word(said), _word(why) if _bare(why) not in _NOTHING else BlockerCode.NONE.value
    if not status:
        return InvalidResult("no_status", "STATUS is empty")
    if status not in tuple(Status):
        return InvalidResult("unknown_status", f"STATUS: {said[:120]}")
    if code not in tuple(BlockerCode):
        return InvalidResult("unknown_blocker_code", f"BLOCKER_CODE: {why[:120]}")
    if (status == Status.COMPLETE) != (code == BlockerCode.NONE):
        return _mismatch(status, code)
    result = _built(Status(status), BlockerCode(code), answers)
    return _with_verdict(result, answers) if is_review and result.status is Status.COMPLETE else result


def _with_verdict(result: AgentResult, answers: Mapping[str, str | tuple[str, ...]]) -> AgentResult | InvalidResult:
    """A review that is complete, with what it says of the change (F-41: a word that is not in the list is none)."""
    said, found = str(answers.get("VERDICT", "")), answers.get("REVIEW", ())
    word, findings = _word(said), found if isinstance(found, tuple) else ()
    if not word:
        return InvalidResult("no_verdict", "a review that is complete says VERDICT")
    if word not in tuple(Opinion):
        return InvalidResult("unknown_verdict", f"VERDICT: {said[:120]}")
    if word == Opinion.REQUEST_CHANGES and not findings:
        return InvalidResult("missing_review", "VERDICT: request_changes needs findings under REVIEW")
    return replace(result, verdict=Opinion(word), review=findings)


def _word(text: str) -> str:
    return re.sub(r"[ -]", "_", text.strip(_DECORATION)).lower()


def _mismatch(status: str, code: str) -> InvalidResult:
    if status == Status.COMPLETE:
        return InvalidResult("contradiction", f"STATUS: complete with BLOCKER_CODE: {code}")
    return InvalidResult("missing_blocker_code", f"STATUS: {status} needs a BLOCKER_CODE other than none")


def _built(status: Status, code: BlockerCode, answers: Mapping[str, str | tuple[str, ...]]) -> AgentResult:
    def text(name: str) -> str:
        answer = answers.get(name, "")
        return answer if isinstance(answer, str) else ""

    def entries(name: str) -> tuple[str, ...]:
        answer = answers.get(name, ())
        return answer if isinstance(answer, tuple) else ()

    return AgentResult(
        status=status,
        blocker_code=code,
        summary=text("SUMMARY"),
        done=entries("DONE"),
        blockers=entries("BLOCKERS"),
        next_step=text("NEXT_STEP"),
        files_changed=entries("FILES_CHANGED"),
        tests_run=entries("TESTS_RUN"),
        decisions=entries("DECISIONS"),
        risks=entries("RISKS"),
        attempted_approaches=entries("ATTEMPTED_APPROACHES"),
        manual_steps=entries("MANUAL_STEPS"),
        question=text("QUESTION"),
        hard_stop=text("HARD_STOP"),
    )


if __name__ == "__main__":
    sys.stdout.write(reference())
