"""Finds in a prompt what a scripted agent acts on: the script, its part, the goal, failures and earlier attempts.

A prompt shows the issue text inside a fence, behind `> ` or behind some datamark, so everything is searched for within
the line; headings count only outside fences, where the issue's writer cannot put them.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What a line of the script asks for."""

    APPEND = "append"
    WRITE = "write"
    REPLACE = "replace"
    FUNCTION = "function"


@dataclass(frozen=True)
class Directive:
    """One line of the script; `on_failure` ones wait for an attempt that is told of failed checks."""

    verb: Verb
    file: str
    rest: str
    on_failure: bool


_DIRECTIVE = re.compile(
    r"(?<![\w/.-])(?P<late>on failure )?(?P<verb>append|write|replace|function) (?P<file>[\w./@+-]+): (?P<rest>.*)"
)
_PART = re.compile(r"(?<![\w-])(?:(?P<name>[\w-]+) )?agent: (?P<behaviour>[a-z_0-9]+)\b")
_COSTS = re.compile(r"(?<![\w-])(?:(?P<name>[\w-]+) )?costs: (?P<dollars>\d+(?:\.\d+)?)\b")
_GOAL = re.compile(r"[\s>|]*(#+ +|\*\*|<<<.* )?goal:?(\*\*)?:?\s*", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6} +(?P<title>.+)")
_FAILED = re.compile(
    r"\b(fail|failed|failing|failure|failures|red)\b.*\b(checks?|ci|tests?|pipeline|build)\b"
    r"|\b(checks?|ci|tests?|pipeline|build)\b.*\b(fail|failed|failing|failure|failures|red|log)\b",
    re.IGNORECASE,
)
_EARLIER = re.compile(r"\battempt \d+ ·|\b(earlier|previous) attempts?\b|^attempts$", re.IGNORECASE)
_ANSWER = re.compile(r"^\W*Note · answer ·", re.MULTILINE)
_ASK = re.compile(r"^<<<DATA \w+ ask ((?:comment|review|note) \d+)$", re.MULTILINE)
_FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})")
_NOTHING_YET = re.compile(r"\W*(none|none yet|nothing|no earlier attempts?|first attempt)\W*", re.IGNORECASE)


def directives(prompt: str) -> list[Directive]:
    """Give the script in the prompt, in order, each line once however often the prompt repeats it."""
    found = (_directive(line) for line in prompt.splitlines())
    return list(dict.fromkeys(directive for directive in found if directive is not None))


def part(prompt: str, name: str, behaviours: frozenset[str]) -> str | None:
    """Give the behaviour asked for: `NAME agent: X` of this very name before a general `agent: X`."""
    asked: dict[str | None, str] = {}
    for found in _PART.finditer(prompt):
        if found["behaviour"] in behaviours:
            asked.setdefault(found["name"], found["behaviour"])
    return asked.get(name, asked.get(None))


def dollars(prompt: str, name: str) -> float | None:
    """Give what a run is said to cost: `NAME costs: X` of this very name before a general `costs: X`; None without either."""
    told: dict[str | None, float] = {}
    for found in _COSTS.finditer(prompt):
        told.setdefault(found["name"], float(found["dollars"]))
    return told.get(name, told.get(None))


def goal(prompt: str) -> str:
    """Give the first line under a Goal heading or mark, else the first line that says anything, at most 100 characters."""
    lines = prompt.splitlines()
    begins = next((place + 1 for place, line in enumerate(lines) if _GOAL.fullmatch(line)), 0)
    told = (line.strip(" \t>|#*`") for line in lines[begins:])
    return next((line[:100] for line in told if any(letter.isalnum() for letter in line)), "nothing was asked")


def tells_of_failed_checks(prompt: str) -> bool:
    """Whether a heading outside fences speaks of failed checks or a CI log, with something under it."""
    return _has_section(prompt, _FAILED)


def tells_of_earlier_attempts(prompt: str) -> bool:
    """Whether a heading outside fences speaks of earlier attempts, with something under it."""
    return _has_section(prompt, _EARLIER)


def tells_of_an_answer(prompt: str) -> bool:
    """Whether a person's answer stands in the prompt, fenced as everything that was written by others."""
    return bool(_ANSWER.search(prompt))


def asked_by_a_review(prompt: str) -> list[str]:
    """Give the names of what a review asks for (`comment 12`), each fenced under its own."""
    return _ASK.findall(prompt)


def asks_for_the_file_alone(prompt: str) -> bool:
    """Whether nothing but the result file is wanted."""
    return "Write that file and do nothing else" in prompt


def form(prompt: str) -> str | None:
    """Give the result form as the prompt shows it, from its STATUS line to the end of its block; None without one."""
    lines = prompt.splitlines()
    starts = [place for place, line in enumerate(lines) if re.match(r"\W*STATUS:", line)]
    for start in reversed(starts):
        block = _block(lines[start:])
        if "BLOCKER_CODE:" in block and "MANUAL_STEPS:" in block:
            return block
    return None


def _directive(line: str) -> Directive | None:
    found = _DIRECTIVE.search(line)
    if found is None:
        return None
    quoted = line[: found.start()].endswith("`")
    rest = found["rest"].removesuffix("`") if quoted else found["rest"]
    return Directive(Verb(found["verb"]), found["file"], rest.replace("\\n", "\n"), found["late"] is not None)


def _has_section(prompt: str, title: re.Pattern[str]) -> bool:
    under = False
    for line, heading in _marked(prompt):
        if heading is not None:
            under = bool(title.search(heading))
            if under and "·" in heading:
                return True
        elif under and line.strip() and not _NOTHING_YET.fullmatch(line):
            return True
    return False


def _marked(prompt: str) -> list[tuple[str, str | None]]:
    """Give each line with its heading text, if it is a heading outside every fence."""
    marked: list[tuple[str, str | None]] = []
    fence = ""
    for line in prompt.splitlines():
        marks = _FENCE.match(line.lstrip(" "))
        if fence:
            closes = marks is not None and marks["marks"].startswith(fence) and line.strip() == marks["marks"]
            fence = "" if closes else fence
            marked.append((line, None))
            continue
        fence = marks["marks"] if marks else ""
        heading = _HEADING.match(line)
        marked.append((line, heading["title"] if heading else None))
    return marked


def _block(lines: list[str]) -> str:
    """Give the lines up to a closing fence or, once the last field has come, up to a blank line or heading."""
    kept: list[str] = []
    last_field = False
    for line in lines:
        if _FENCE.match(line) or (last_field and (not line.strip() or line.startswith("#"))):
            break
        last_field = last_field or "MANUAL_STEPS:" in line
        kept.append(line)
    return "\n".join(kept) + "\n"
