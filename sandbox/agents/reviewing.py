"""Reads a pull request as its prompt shows it and leaves a verdict: every added line that holds `finding: …` is one."""

import re
from collections.abc import Iterable, Iterator

from sandbox.agents.claim import leave

_REVIEW = "You read one pull request that somebody else proposes"
_FINDING = re.compile(r"(?<![\w-])finding: (?P<words>.+)")
_DIFFERENCE = re.compile(r"^<<<DATA \w+ difference$(?P<text>.*?)^DATA>>>", re.MULTILINE | re.DOTALL)
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,\d+)? @@")
MEDDLED = "meddled.txt"


def asks_for_a_review(prompt: str) -> bool:
    """Whether a pull request is to be read, and nothing to be changed."""
    return _REVIEW in prompt[:300]


def findings(prompt: str) -> list[str]:
    """Give `path:line: words` for every added line of the difference that holds `finding: words`."""
    found = _DIFFERENCE.search(prompt)
    lines = (line.removeprefix("| ").removeprefix("|") for line in found["text"].splitlines()) if found else ()
    return [f"{place}: {match['words']}" for place, text in _added(lines) if (match := _FINDING.search(text))]


def _added(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give every added line with its place."""
    path, number = "", 0
    for line in lines:
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/")
        elif hunk := _HUNK.match(line):
            number = int(hunk["start"])
        elif line.startswith("+") and not line.startswith("+++"):
            yield f"{path}:{number}", line[1:]
            number += 1
        elif line.startswith(" "):
            number += 1


def hand_over(prompt: str, verdict: str | None = None) -> None:
    """Leave the review: changes are asked for where something was found, unless another verdict is given."""
    found = findings(prompt)
    said = verdict or ("request_changes" if found else "approve")
    bullets = "".join(f"- {one}\n" for one in found) or "- none\n"
    leave(
        f"STATUS: complete\nBLOCKER_CODE: none\nVERDICT: {said}\nREVIEW:\n{bullets}SUMMARY: Read it; {len(found)} finding(s).\n"
    )
