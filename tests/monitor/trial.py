"""One trial: ticks of the monitor until nothing happens any more, with moves of the world at chosen places between its calls."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from sandbox.github import repository as git
from tests.monitor.audit import Audit
from tests.monitor.moves import DO, HEAD, TIP, Kind
from tests.monitor.same import fingerprint
from tests.monitor.stage import BRANCH, REPO, Scene, Theatre

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


@dataclass(frozen=True)
class End:
    """All there is at the end of a tick after the last move: from here a trial with one more move goes on as from its beginning.

    The next tick starts a process of its own, which knows nothing but the `scene`; the rest is what was witnessed so far.
    """

    scene: Scene
    calls: tuple[str, ...]
    audit: Audit
    persons: tuple[str, ...]
    on_main: tuple[str, ...]
    problems: tuple[str, ...]
    rounds: int
    is_quiet: bool


@dataclass
class _Run:
    here: Theatre
    waiting: list[Move]
    audit: Audit
    known: Container[str]
    ends: list[End] | None = None
    earlier: tuple[str, ...] = ()
    ticks: list[tuple[int, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    on_main: list[str] = field(default_factory=list)

    def between(self, operation: str, number: int) -> None:
        """The hook: first what the last call did, then what happens now, then what the next call sees."""
        place = len(self.earlier) + number
        self.audit.close_interval()
        while self.waiting and self.waiting[0].place <= place:
            self.make(self.waiting.pop(0))
        self.calls.append(operation)
        self.audit.see(operation, place)

    def make(self, move: Move) -> None:
        DO[move.kind](self.here.github)
        tips = git.branches(self.here.github.repo(REPO).path)
        if move.kind in HEAD:
            self.persons[:] = [*(self.persons if move.kind is Kind.COMMIT else ()), tips[BRANCH]]
        if move.kind in TIP:
            self.on_main.append(tips["main"])

    def until_quiet(self, rounds: int = 0) -> None:
        """Ticks until one writes nothing, the task is over, or everything is as it was in a trial that ended well."""
        for done in range(rounds + 1, MOST_TICKS + 1):
            before = len(self.here.github.ledger.writes())
            self.here.tick()
            self.audit.close_interval()
            is_known = not self.waiting and self.note_end() in self.known
            is_quiet = is_known or self.here.folder() != "review" or len(self.here.github.ledger.writes()) == before
            if self.ends is not None and not self.waiting:
                self.ends.append(self.end(done, is_quiet))
            if is_quiet:
                return
        self.audit.wrong.append(f"not quiet after {MOST_TICKS} ticks")

    def note_end(self) -> str:
        """The fingerprint at the end of a tick."""
        found = fingerprint(self.here, self.audit, self.persons, self.on_main)
        self.ticks.append((len(self.earlier) + len(self.calls), found))
        return found

    def end(self, rounds: int, is_quiet: bool) -> End:
        """What a trial with one more move may go on from."""
        told, problems = tuple(self.persons), tuple(self.here.github.problems)
        return End(self.here.keep(), self.named(), self.audit.copy(), told, tuple(self.on_main), problems, rounds, is_quiet)

    def named(self) -> tuple[str, ...]:
        """All calls from the first moment on."""
        return (*self.earlier, *_named(self.here, self.calls))


def run(
    here: Theatre,
    moves: Sequence[Move] = (),
    known: Container[str] = (),
    *,
    ends: list[End] | None = None,
    since: End | None = None,
) -> Trial:
    """The trial from the first moment, or `since` the end of a tick that all moves but the last led to.

    The moves are in the order of their places. `known` are fingerprints of ends of ticks from which all went well without a
    further move: there it need not go on. Each end of a tick after the last move is added to `ends`.
    """
    run = _resumed(here, moves[-1], since) if since else _begun(here, moves)
    run.known, run.ends = known, ends
    here.github.between(run.between)
    try:
        if since is None or not since.is_quiet:
            run.until_quiet(since.rounds if since else 0)
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
    return Trial(tuple(moves), run.named(), wrong, bool(run.audit.merged), here.folder(), tuple(run.ticks))


def _begun(here: Theatre, moves: Sequence[Move]) -> _Run:
    here.reset()
    return _Run(here, list(moves), Audit(here.github), ())


def _resumed(here: Theatre, move: Move, since: End) -> _Run:
    here.reset(since.scene)
    here.github.problems.extend(since.problems)
    run = _Run(here, [move], since.audit.copy(), (), earlier=since.calls)
    run.persons[:], run.on_main[:] = since.persons, since.on_main
    return run


def _named(here: Theatre, calls: Sequence[str]) -> tuple[str, ...]:
    """The calls; git's first question, for what the other side can do, is told apart, for no move changes its answer."""
    made = [f"{one.method} {one.operation_id}" for one in here.github.ledger]
    assert [name.split(" ")[1] for name in made] == list(calls), "the stand-in answered what the trial saw asked"
    return tuple(ABILITIES if name == "GET git/upload-pack" else name.split(" ")[1] for name in made)
