"""How large a step an update of dependencies is, by semantic versioning (https://semver.org) and the bot's own words.

Below 1.0.0 the leftmost number that is not 0 plays the major one's part, as package managers read a caret: 0.4 to 0.5 and 0.0.3
to 0.0.4 are major steps. What cannot be read is unknown, and whoever decides treats that as major.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

MOST_READ = 200_000
"""Characters of a message beyond which nobody looks: what stands there is unknown. A group of sixty updates has 20,000."""


class Step(StrEnum):
    """How large an update is."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


_SIZES = tuple(Step)
_VERSION = r"v?\d{1,9}(?:\.\d{1,9}){0,2}"
_FROM_TO = re.compile(r"\bfrom (?P<old>[^\n]{1,60}?) to (?P<new>\S{1,60})")
_BUMP = re.compile(rf"\b(?:bump|update) (?P<name>\S{{1,120}}) from (?P<old>{_VERSION})\S* to (?P<new>{_VERSION})", re.IGNORECASE)
_WHOLE = re.compile(_VERSION)
_BLOCK = re.compile(r"^updated-dependencies:[ \t]*\n(?P<entries>(?:(?:- | {2,})\S[^\n]*\n?)*)", re.MULTILINE)
_FIELD = re.compile(r"^(?:- | {2,})(?P<name>[a-z-]+): (?P<value>\S[^\n]*)$", re.MULTILINE)
_UPDATE_TYPE = "version-update:semver-"


def largest(steps: Iterable[Step | None]) -> Step | None:
    """The largest of several steps; None when there is none, or when one of them is unknown."""
    found = list(steps)
    if not found or None in found:
        return None
    return max((step for step in found if step is not None), key=_SIZES.index)


def of_versions(old: str, new: str) -> Step | None:
    """The step from one version to another; None when either is no plain version, or it goes back."""
    before, after = _numbers(old), _numbers(new)
    if before is None or after is None or after <= before:
        return None
    place = next(place for place in range(3) if before[place] != after[place])
    leftmost = next((number for number, part in enumerate(before) if part), 2)
    return Step.MAJOR if place <= leftmost else (Step.MINOR if place == 1 else Step.PATCH)


def of_title(title: str) -> Step | None:
    """The step that a title such as `Bump lodash from 4.17.20 to 4.17.21` tells; None when it names no versions."""
    told = list(_FROM_TO.finditer(title[:1000]))
    return of_versions(told[0]["old"], told[0]["new"]) if len(told) == 1 else None


def of_message(message: str) -> Step | None:
    """The largest step that the bot's commit message tells: the `update-type` of each dependency, and each `from … to …`.

    All of them are looked at, since the type alone does not know that 0.4 to 0.5 is a major step, nor that 1.1-rc is none yet.
    None when a dependency has neither, or one of them cannot be read.
    """
    text = message.replace("\r\n", "\n")
    if len(text) > MOST_READ:
        return None
    block = _BLOCK.search(text)
    typed = _typed(block["entries"]) if block else []
    prose = f"{text[: block.start()]}\n{text[block.end() :]}" if block else text
    return largest([*typed, *(of_versions(found["old"], found["new"].rstrip(".")) for found in _FROM_TO.finditer(prose))])


def dependency(title: str) -> str | None:
    """What a title says is updated, as far as its major version, so that 2.0 and 2.1 are one migration: `lodash 4 to 5`."""
    found = re.search(
        rf"(?i)\b(?:bump|update) (?P<name>\S{{1,120}}) from (?P<old>{_VERSION})\S* to (?P<new>{_VERSION})", title[:1000]
    )
    if found is None:
        return None
    old, new = (_leading(found[name]) for name in ("old", "new"))
    return f"{found['name'].lower()} {old} to {new}"


def _typed(entries: str) -> list[Step | None]:
    """The step of each dependency that the bot lists; None for one without a type that we know."""
    found: list[dict[str, str]] = []
    for field in _FIELD.finditer(entries):
        if field[0].startswith("- "):
            found.append({})
        if found:
            found[-1].setdefault(field["name"], field["value"].strip())
    return [_of_entry(entry) for entry in found]


def _of_entry(entry: dict[str, str]) -> Step | None:
    """By its type, unless its version (which older messages do not tell) is none that can be read, or promises less."""
    word, version = entry.get("update-type", "").removeprefix(_UPDATE_TYPE), entry.get("dependency-version", "").strip("'\"")
    numbers = _numbers(version) if version else None
    if word not in _SIZES or (version and numbers is None):
        return None
    if numbers is not None and numbers[0] == 0 and (word == Step.MINOR or numbers[1] == 0):
        return Step.MAJOR
    return Step(word)


def _numbers(version: str) -> tuple[int, int, int] | None:
    if not _WHOLE.fullmatch(version):
        return None
    parts = [int(part) for part in version.removeprefix("v").split(".")]
    first, second, third = (*parts, 0, 0)[:3]
    return first, second, third


def _leading(version: str) -> str:
    """As much of a version as says which major one it is: `4` of 4.17.20, `0.4` of 0.4.1."""
    parts = version.removeprefix("v").split(".")
    return ".".join(parts[:2]) if parts[0] == "0" else parts[0]
