"""One trial: ticks of the monitor until nothing happens any more, with moves of the world at chosen places between its calls."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from sandbox.github import repository as git
from tests.monitor.audit import Audit
from tests.monitor.moves import DO, HEAD, TIP, Kind
from tests.monitor.same import fingerprint
from tests.monitor.stage import BRANCH, REPO, Theatre

MOST_TICKS = 8
ABILITIES = "git/upload-pack abilities"


@dataclass(frozen=True)
class Move:
    """What happens just before call number `place` of the whole trial; a place after the last call is after all is quiet."""

    place: int
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind.name}@{self.place}"


@dataclass(frozen=True)
class Trial:
    """What came of it: the calls in their order, what was wrong, whether it was merged, and where the task lies.

    `ticks` has each end of a tick after the last move: how many calls there were, and the fingerprint of everything then.
    """

    moves: tuple[Move, ...]
    calls: tuple[str, ...]
    wrong: tuple[str, ...]
    merged: bool
    folder: str
    ticks: tuple[tuple[int, str], ...] = ()

    def __str__(self) -> str:
        return f"{' '.join(map(str, self.moves)) or 'no move'}: {'; '.join(self.wrong) or 'well'}"


@dataclass
class _Run:
    here: Theatre
    waiting: list[Move]
    audit: Audit
    known: Container[str]
    ticks: list[tuple[int, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    on_main: list[str] = field(default_factory=list)

    def between(self, operation: str, number: int) -> None:
        """The hook: first what the last call did, then what happens now, then what the next call sees."""
        self.audit.close_interval()
        while self.waiting and self.waiting[0].place <= number:
            self.make(self.waiting.pop(0))
        self.calls.append(operation)
        self.audit.see(operation, number)

    def make(self, move: Move) -> None:
        DO[move.kind](self.here.github)
        tips = git.branches(self.here.github.repo(REPO).path)
        if move.kind in HEAD:
            self.persons[:] = [*(self.persons if move.kind is Kind.COMMIT else ()), tips[BRANCH]]
        if move.kind in TIP:
            self.on_main.append(tips["main"])

    def until_quiet(self) -> None:
        """Ticks until one writes nothing, the task is over, or everything is as it was in a trial that ended well."""
        for _ in range(MOST_TICKS):
            before = len(self.here.github.ledger.writes())
            self.here.tick()
            self.audit.close_interval()
            is_known = not self.waiting and self.note_end() in self.known
            if is_known or self.here.folder() != "review" or len(self.here.github.ledger.writes()) == before:
                return
        self.audit.wrong.append(f"not quiet after {MOST_TICKS} ticks")

    def note_end(self) -> str:
        """The fingerprint at the end of a tick."""
        found = fingerprint(self.here, self.audit, self.persons, self.on_main)
        self.ticks.append((len(self.calls), found))
        return found


def run(here: Theatre, moves: Sequence[Move] = (), known: Container[str] = ()) -> Trial:
    """The trial from the first moment; the moves are in the order of their places.

    `known` are fingerprints of ends of ticks from which all went well without a further move: there it need not go on.
    """
    here.reset()
    run = _Run(here, list(moves), Audit(here.github), known)
    here.github.between(run.between)
    try:
        run.until_quiet()
        while run.waiting:
            run.audit.close_interval()
            run.make(run.waiting.pop(0))
            run.until_quiet()
    except Exception as bug:  # noqa: BLE001 - a bug of the monitor is what a trial is there to show
        run.audit.wrong.append(f"a tick raised {bug!r}")
    here.github.between(None)
    run.audit.finish(run.persons, run.on_main)
    wrong = (*run.audit.wrong, *here.github.problems)
    here.github.problems.clear()
    return Trial(tuple(moves), _named(here, run.calls), wrong, bool(run.audit.merged), here.folder(), tuple(run.ticks))


def _named(here: Theatre, calls: Sequence[str]) -> tuple[str, ...]:
    """The calls; git's first question, for what the other side can do, is told apart, for no move changes its answer."""
    made = [f"{one.method} {one.operation_id}" for one in here.github.ledger]
    assert [name.split(" ")[1] for name in made] == list(calls), "the stand-in answered what the trial saw asked"
    return tuple(ABILITIES if name == "GET git/upload-pack" else name.split(" ")[1] for name in made)
