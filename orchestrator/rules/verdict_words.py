"""The words of a verdict on a pull request of ours: each says what is to be done, and why."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.model.github import Check
from orchestrator.rules.seen import Ask


@dataclass(frozen=True, slots=True)
class Finish:
    """It is merged: close, tidy up, done."""

    reason: str = "merged"


@dataclass(frozen=True, slots=True)
class Closed:
    """A person closed it, or its issue; their decision stands."""

    reason: str = "closed by a person without merging"


@dataclass(frozen=True, slots=True)
class HandOver:
    """It is not ours alone any more; a person goes on."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """It stays as it is, and the person is told once; `key` names what for.

    `needs_person` says whether anything goes on only when a person acts now: not so where a person holds it on purpose, or where
    it goes on by itself. `told_for` is what the telling is about beside the key (a commit, say): another one is told again.
    """

    key: str
    reason: str
    needs_person: bool = True
    told_for: str = ""

    @property
    def topic(self) -> str:
        """What a telling is known by, so that the same is told once."""
        return f"{self.key}-{self.told_for}" if self.told_for else self.key


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits for the world; nobody needs to know. `lets_others_pass` where it is not ours to bring on its way."""

    reason: str
    lets_others_pass: bool = False


@dataclass(frozen=True, slots=True)
class BringUpToDate:
    """Its base branch moved: the change is built anew on the new tip and tested there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """CI is red: the failures go back to an agent."""

    failed: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The failed checks by name."""
        return "CI failed: " + ", ".join(check.name for check in self.failed)


@dataclass(frozen=True, slots=True)
class Rerun:
    """CI is red for the first time on this commit: its failed jobs run once more before anybody repairs (P21)."""

    failed: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The failed checks by name."""
        return "CI failed and runs once more: " + ", ".join(check.name for check in self.failed)


@dataclass(frozen=True, slots=True)
class Revise:
    """Trusted people asked for changes in a review: they go back to an agent."""

    asks: tuple[Ask, ...]

    @property
    def reason(self) -> str:
        """Who asked."""
        return f"changes were asked for by {', '.join(dict.fromkeys(ask.by for ask in self.asks))}"


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A bound is reached; a person decides. `failed` are the checks that it was reached over, if any."""

    reason: str
    failed: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeNow:
    """Everything holds on exactly this commit."""

    sha: str
    reason: str = "all required checks are green on this commit"


NOT_COMPUTED = Wait("GitHub has not computed yet whether it can be merged")
"""All else holds; asking again is what makes GitHub compute it."""

Verdict = Finish | Closed | HandOver | Hold | Wait | BringUpToDate | Rerun | Repair | Revise | GiveUp | MergeNow
