"""Issues with everything needed to judge who stands behind their text, asked in one question for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestrator.adapters.github.answers import GaveUp
from orchestrator.adapters.github.graphql import Problem, ask
from orchestrator.adapters.github.history_query import Earlier, Labelled, Named, Place, question
from orchestrator.adapters.github.history_shapes import (
    Found,
    TimelinePage,
    history_of,
    read_branch,
    read_issue,
    read_page,
    read_timeline,
)
from orchestrator.adapters.github.renames import lost
from orchestrator.adapters.github.wire import Wire
from orchestrator.model.github import IssueHistory, IssueRef
from orchestrator.ports import Unavailable

AT_ONCE = 40
MOST_QUESTIONS = 30
"""Bounds: places in one question, and questions in one call; GitHub refuses a question of more than 500,000 nodes."""


@dataclass
class _Gathering:
    """What has been read so far, by issue, and the places still to be asked."""

    waiting: list[Place]
    found: dict[IssueRef, Found] = field(default_factory=dict)
    branches: dict[str, str | None] = field(default_factory=dict)


def histories(
    wire: Wire, issues: Sequence[IssueRef], labelled: Mapping[str, str], label_of: Callable[[str], str]
) -> Sequence[IssueHistory]:
    """As the port says. `label_of` is the ready label of a repository that `labelled` does not name.

    One request as long as there are at most 40 places, 50 labelled issues a repository and 100 acts an issue. What is cut
    is read on; Unavailable when it does not end. Refused when a repository is out of reach, since then all is unknown.
    """
    named = [Named(ref) for ref in dict.fromkeys(issues)]
    gathering = _Gathering([*named, *(Labelled(repo, label) for repo, label in labelled.items())])
    _gather(wire, gathering)
    return tuple(
        replace(
            history_of(one, labelled.get(ref.repo) or label_of(ref.repo)),
            default_branch=gathering.branches.get(ref.repo),
        )
        for ref, one in gathering.found.items()
    )


def read_on(wire: Wire, found: Iterable[Found]) -> Mapping[IssueRef, Found]:
    """Issues that were read elsewhere by the same fragment, each with its whole history; no request when nothing was cut."""
    gathering = _Gathering([])
    for one in found:
        _add(one.ref.repo, [one], gathering)
    _gather(wire, gathering)
    return gathering.found


def _gather(wire: Wire, gathering: _Gathering) -> None:
    """Ask to the end. What is too much for GitHub, or for us (strangers' comments can be long), is asked in smaller questions."""
    most = AT_ONCE
    for _ in range(MOST_QUESTIONS):
        if not gathering.waiting:
            return
        places, gathering.waiting = gathering.waiting[:most], gathering.waiting[most:]
        try:
            _answer(wire, places, gathering)
        except GaveUp:
            if len(places) == 1:
                raise
            gathering.waiting[:0], most = places, len(places) // 2
    if gathering.waiting:
        raise Unavailable(f"the issues do not fit into {MOST_QUESTIONS} questions")


def _answer(wire: Wire, places: Sequence[Place], gathering: _Gathering) -> None:
    query, variables = question(places)
    data, missing = ask(wire, query, variables)
    gone = _gone(wire, places, missing)
    for number, place in enumerate(places):
        if place not in gone:
            _take_in(place, data.get(f"p{number}"), gathering)


def _gone(wire: Wire, places: Sequence[Place], missing: Iterable[Problem]) -> set[Place]:
    """The named issues that do not exist; Refused when it is a repository that GitHub does not find."""
    gone = set()
    for problem in missing:
        place = _place(places, problem)
        if len(problem.path) != 2 or problem.path[1] != "issue":
            raise lost(wire, _repo(place), problem.message)
        gone.add(place)
    return gone


def _place(places: Sequence[Place], problem: Problem) -> Place:
    alias = str(problem.path[0]).removeprefix("p")
    if not (alias.isdecimal() and int(alias) < len(places)):
        raise Unavailable(f"GraphQL: an error about {problem.path[0]!r}, which was not asked: {problem.message[:200]}")
    return places[int(alias)]


def _repo(place: Place) -> str:
    return place.repo if isinstance(place, Labelled) else place.ref.repo


def _take_in(place: Place, part: object, gathering: _Gathering) -> None:
    if not isinstance(place, Earlier):
        gathering.branches[_repo(place)] = read_branch(part)
    match place:
        case Named(ref):
            _add(ref.repo, [read_issue(part, ref)], gathering)
        case Labelled(repo, label, _):
            found, cursor = read_page(part, repo)
            _add(repo, found, gathering)
            if cursor is not None:
                gathering.waiting.append(Labelled(repo, label, cursor))
        case Earlier(ref, _):
            _prepend(ref, read_timeline(part, ref), gathering)


def _add(repo: str, found: Iterable[Found | None], gathering: _Gathering) -> None:
    for one in found:
        if one is not None and one.ref not in gathering.found:
            gathering.found[one.ref] = one
            _follow(one.ref, one.timeline, gathering)


def _prepend(ref: IssueRef, page: TimelinePage, gathering: _Gathering) -> None:
    one = gathering.found[ref]
    gathering.found[ref] = replace(one, earlier=(*page.acts(), *one.earlier))
    _follow(ref, page, gathering)


def _follow(ref: IssueRef, page: TimelinePage, gathering: _Gathering) -> None:
    if page.page_info.has_previous_page:
        if page.page_info.start_cursor is None:
            raise Unavailable(f"{ref}: its history is cut and cannot be read on")
        gathering.waiting.append(Earlier(ref, page.page_info.start_cursor))
