"""What every scripted agent can do: read its prompt, tell of its progress, do the work, leave its result."""

import hashlib
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.agents import prompt as reading
from sandbox.agents import reviewing
from sandbox.agents.claim import Claim, leave
from sandbox.agents.hands import Work, appended, in_conflict, text_of
from sandbox.agents.prompt import Directive


@dataclass(frozen=True)
class Actor:
    """One run: the prompt it was given, seconds of pause between steps, and the sizes asked for."""

    prompt: str
    pause: float = 0.0
    megabytes: float = 200.0
    result_kilobytes: int = 1024
    lifetime: float = 600.0

    def tell(self, line: str) -> None:
        """Print a line of progress at once, then pause."""
        print(line, flush=True)
        time.sleep(self.pause)

    def work(self, at_most: int | None = None) -> Work:
        """Do what the prompt asks: repair what is broken, else follow the script, else leave a note. A review changes nothing."""
        self.tell("reading the task")
        work = Work()
        if reviewing.asks_for_a_review(self.prompt):
            return work
        if in_conflict():
            self.tell("keeping both sides of the conflict")
            work.keep_both_sides()
            if not reading.tells_of_failed_checks(self.prompt):
                return work
        script = reading.directives(self.prompt)
        if reading.tells_of_failed_checks(self.prompt) and any(line.on_failure for line in script):
            self._repair(work, script)
        else:
            self._follow(work, [line for line in script if not line.on_failure][:at_most])
        return work

    def finish(self, work: Work) -> None:
        """Leave an honest result: complete, or partial with what could not be done; of a review its verdict."""
        self.tell("writing the result")
        if reviewing.asks_for_a_review(self.prompt):
            reviewing.hand_over(self.prompt)
            return
        leave(claim_of(work).text())

    def _follow(self, work: Work, script: list[Directive]) -> None:
        for line in script:
            self.tell(f"editing {line.file}")
            work.do(line)
        if not script:
            note(work, f"- {reading.goal(self.prompt)}")

    def _repair(self, work: Work, script: list[Directive]) -> None:
        self.tell("repairing what the checks found")
        # What an earlier attempt made stays as it is; only a file that is missing altogether is made first.
        missing = {line.file for line in script if not Path(line.file).exists()}
        first = [line for line in script if not line.on_failure and line.file in missing]
        for line in [*first, *(line for line in script if line.on_failure)]:
            self.tell(f"editing {line.file}")
            work.do(line)


def claim_of(work: Work) -> Claim:
    """Give the honest claim for this work."""
    files = tuple(work.changed)
    if work.undone:
        return Claim(
            status="partial",
            blocker_code="missing_context",
            summary=f"Changed {len(files)} file(s); {len(work.undone)} change(s) could not be made.",
            done=changes(files),
            blockers=tuple(work.undone),
            next_step="Correct the lines of the issue named under BLOCKERS.",
            files_changed=files,
        )
    return Claim(
        status="complete",
        summary=f"Changed {', '.join(files)}." if files else "Everything asked for was already there.",
        done=changes(files) or ("checked that everything asked for is there",),
        files_changed=files,
        decisions=("followed the issue line by line",),
    )


def changes(files: Iterable[str]) -> tuple[str, ...]:
    """Give the DONE entries for these files."""
    return tuple(f"changed {name}" for name in files)


def note(work: Work, line: str) -> None:
    """Add a line to NOTES.md."""
    notes = Path("NOTES.md")
    before = text_of(notes)
    work.put(notes, before, appended(before or "", line))


def read_prompt() -> str:
    """Read the whole of stdin, whatever its bytes."""
    return sys.stdin.buffer.read().decode(errors="replace")


def made_up_token() -> str:
    """Give what looks like a GitHub token and opens nothing; put together here so that no scanner stumbles over it."""
    return "ghp" + "_" + hashlib.sha256(b"a made-up secret").hexdigest()[:36]
