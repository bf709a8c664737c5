"""Pull requests and issues of a repository with all that decides about them, asked in as few questions as they fit into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from orchestrator.adapters.github import histories
from orchestrator.adapters.github.answers import GaveUp
from orchestrator.adapters.github.graphql import Problem, ask
from orchestrator.adapters.github.history_shapes import Found, history_of, read_branch, read_issue
from orchestrator.adapters.github.portions import Portions
from orchestrator.adapters.github.renames import lost
from orchestrator.adapters.github.view_query import Question, Rest
from orchestrator.adapters.github.view_shapes import FoundPull, extended, read_others, read_pull
from orchestrator.adapters.github.view_words import view_of
from orchestrator.adapters.github.wire import Wire
from orchestrator.model.github import IssueHistory, IssueRef, RepositoryView
from orchestrator.ports import Unavailable

MOST_QUESTIONS = 60
"""In one call: three thousand open pull requests, or as many entries in a list of one of them."""

MAY_LACK = ("mergeQueueEntry",)
"""Merge queues are a permission of their own for a fine-grained token. Whether a pull request is queued is told without it
(`gh pr merge` asks for it always), its place in the queue may not be: that is worth no stop."""


@dataclass
class _Gathering:
    """What waits to be asked, and what was read. `listed` are the open pull requests that GitHub named itself, `total` how many
    there are by its count."""

    repo: str
    pulls: list[int]
    issues: list[int]
    others: bool
    after: str | None = None
    rests: list[Rest] = field(default_factory=list)
    found: dict[int, FoundPull] = field(default_factory=dict)
    histories: list[Found] = field(default_factory=list)
    listed: set[int] = field(default_factory=set)
    total: int = 0
    branch: str | None = None
    has_issues: bool = True

    def next(self, most: int) -> Question:
        """The next question, with at most so many things of a kind, which do not wait any more."""
        pulls, self.pulls = self.pulls[:most], self.pulls[most:]
        issues, self.issues = self.issues[:most], self.issues[most:]
        rests, self.rests = self.rests[:most], self.rests[most:]
        others, self.others = most if self.others else 0, False
        return Question(repo=self.repo, pulls=pulls, issues=issues, others=others, after=self.after, rests=rests)

    def put_back(self, question: Question) -> None:
        """Let the parts of a question wait again."""
        self.pulls[:0], self.issues[:0], self.rests[:0] = question.pulls, question.issues, question.rests
        self.others = question.others > 0

    def waits(self) -> bool:
        """Whether there is more to ask."""
        return bool(self.pulls or self.issues or self.rests or self.others)


def repository_view(
    wire: Wire, portions: Portions, repo: str, pulls: Sequence[int], issues: Sequence[int], *, label: str, with_others: bool
) -> RepositoryView:
    """As the port says; `label` is the repository's ready label.

    One request as long as there are at most 50 named pull requests, 50 issues and 50 open pull requests in all, 100 checks, 100
    reviewers and 30 threads a pull request, and 100 acts an issue. What is cut is read on; Unavailable when it does not end. What
    is too much for GitHub is asked in smaller portions.
    Refused when GitHub does not find the repository under this name. Whether a check is required is told of named ones only.
    """
    gathering = _Gathering(repo, list(dict.fromkeys(pulls)), list(dict.fromkeys(issues)), with_others)
    _gather(wire, portions, gathering)
    if len(gathering.listed) < gathering.total:
        raise Unavailable(f"{repo}: GitHub gave {len(gathering.listed)} of {gathering.total} open pull requests")
    views = {number: view_of(found, repo) for number, found in sorted(gathering.found.items())}
    return RepositoryView(
        default_branch=gathering.branch,
        pulls={number: view for number, view in views.items() if number in set(pulls)},
        issues=_histories(wire, gathering, label),
        others=tuple(view for number, view in views.items() if number not in set(pulls)),
        has_issues=gathering.has_issues,
    )


def _gather(wire: Wire, portions: Portions, gathering: _Gathering) -> None:
    most = portions.most()
    for _ in range(MOST_QUESTIONS):
        question = gathering.next(most)
        try:
            _answer(wire, question, gathering)
        except GaveUp:
            less = portions.halve(min(most, question.size()))
            if less is None:
                raise
            most = less
            gathering.put_back(question)
        if not gathering.waits():
            return
    raise Unavailable(f"{gathering.repo}: its pull requests and issues do not fit into {MOST_QUESTIONS} questions")


def _histories(wire: Wire, gathering: _Gathering, label: str) -> Mapping[int, IssueHistory]:
    whole = histories.read_on(wire, gathering.histories)
    return {
        ref.number: replace(history_of(found, label), default_branch=gathering.branch) for ref, found in sorted(
            whole.items(), key=lambda entry: entry[0].number
        )
    }  # fmt: skip


def _answer(wire: Wire, question: Question, gathering: _Gathering) -> None:
    answer, missing = ask(wire, question.text(), question.values(), may_lack=MAY_LACK)
    gone = _gone(wire, question, missing)
    part = answer.get("repository")
    gathering.branch = read_branch(part)
    seen: dict[str, Any] = part if isinstance(part, dict) else {}
    gathering.has_issues = seen.get("hasIssuesEnabled") is not False
    for k, number in enumerate(question.pulls):
        if f"p{k}" not in gone:
            _add(read_pull(seen.get(f"p{k}"), number), gathering)
    for k, number in enumerate(question.issues):
        if f"i{k}" not in gone:
            found = read_issue({"issue": seen.get(f"i{k}")}, IssueRef(question.repo, number))
            gathering.histories += [found] if found is not None else []
    for k, rest in enumerate(question.rests):
        _extend(rest, seen.get(f"r{k}"), gathering)
    if question.others:
        _add_others(seen.get("pullRequests"), gathering)


def _gone(wire: Wire, question: Question, missing: Iterable[Problem]) -> set[str]:
    """The aliases of what does not exist; Refused when it is the repository that GitHub does not find."""
    asked = {f"p{k}" for k in range(len(question.pulls))} | {f"i{k}" for k in range(len(question.issues))}
    gone = set()
    for problem in missing:
        if problem.path == ["repository"]:
            raise lost(wire, question.repo, problem.message)
        if len(problem.path) != 2 or problem.path[1] not in asked:
            raise Unavailable(f"{question.repo}: GraphQL: {problem.message[:200]} at {problem.place()}")
        gone.add(str(problem.path[1]))
    return gone


def _add(found: FoundPull, gathering: _Gathering) -> None:
    gathering.found[found.seen.number] = found
    gathering.rests += found.cut


def _add_others(part: object, gathering: _Gathering) -> None:
    page, gathering.total, gathering.after = read_others(part, gathering.repo)
    gathering.others = gathering.after is not None
    for found in page:
        gathering.listed.add(found.seen.number)
        if found.seen.number not in gathering.found and found.seen.number not in gathering.pulls:
            _add(found, gathering)


def _extend(rest: Rest, part: object, gathering: _Gathering) -> None:
    """Take in what follows in a list; a pull request whose head moved meanwhile is read anew."""
    if rest.number not in gathering.found:
        return  # it waits to be read anew
    longer = extended(gathering.found[rest.number], rest, part)
    if longer is not None:
        _add(longer, gathering)
    else:
        del gathering.found[rest.number]
        gathering.rests = [one for one in gathering.rests if one.number != rest.number]
        gathering.pulls.append(rest.number)
