"""The one question about a repository's pull requests and issues: its text for what is asked, and its variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.adapters.github.history_query import BRANCH, HISTORY, TIMELINE

AT_ONCE = 50
"""Pull requests, issues and further pull requests in one question.

GitHub refuses a question that could give more than 500,000 nodes
(https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api). A pull request can give 100
labels, 1 commit with 100 checks, 100 reviews, 30 threads with 30 comments each and 30 comments: 1,261. An issue can give 100
labels, 100 acts and 30 comments: 230. So 50 named, 50 others and 50 issues are 50 x 1,261 + 50 x 1,262 + 50 x 230 = 137,650.
In points, of which there are 5,000 an hour, they cost what their connections would cost as requests, by a hundred: 36 for a pull
request, 3 for an issue, so (100 x 36 + 50 x 3) / 100 = 38 points at the most and 20 without the others.
"""


class Part(StrEnum):
    """A list of a pull request that may be longer than what one question gives."""

    CHECKS = "checks"
    REVIEWS = "reviews"
    THREADS = "threads"


@dataclass(frozen=True, slots=True)
class Rest:
    """What follows in a list of a pull request after the cursor."""

    number: int
    part: Part
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked in one request. `others` is how many open pull requests of any number, after the cursor `after`."""

    repo: str
    pulls: Sequence[int] = ()
    issues: Sequence[int] = ()
    others: int = 0
    after: str | None = None
    rests: Sequence[Rest] = ()

    def size(self) -> int:
        """How many things of a kind it asks for, at most."""
        return max(len(self.pulls), len(self.issues), len(self.rests), self.others)

    def text(self) -> str:
        """The query. It holds no value: pull request k is asked by the variable `pk` and answers under that alias."""
        kinds = {"owner": "String!", "name": "String!"}
        kinds |= {f"{letter}{k}": "Int!" for letter, asked in self._asked().items() for k in range(len(asked))}
        kinds |= {f"after{k}": "String!" for k in range(len(self.rests))} | (
            {"others": "Int!", "after": "String"} if self.others else {}
        )
        start = ", ".join(f"${name}: {kind}" for name, kind in kinds.items())
        # A repository that was renamed is not followed: the configuration names what may be worked on.
        root = "repository(owner: $owner, name: $name, followRenames: false)"
        inside = "\n".join([BRANCH, "hasIssuesEnabled", *self._selections()])
        return f"query({start}) {{\n{root} {{\n{inside}\n}}\n}}{self._fragments()}"

    def values(self) -> dict[str, object]:
        """The variables."""
        owner, name = self.repo.split("/")
        values: dict[str, object] = {"owner": owner, "name": name}
        values |= {f"{letter}{k}": number for letter, asked in self._asked().items() for k, number in enumerate(asked)}
        values |= {f"after{k}": rest.after for k, rest in enumerate(self.rests)}
        return values | ({"others": self.others, "after": self.after} if self.others else {})

    def _asked(self) -> dict[str, Sequence[int]]:
        return {"p": self.pulls, "i": self.issues, "r": [rest.number for rest in self.rests]}

    def _selections(self) -> list[str]:
        pulls = [f"p{k}: pullRequest(number: $p{k}) {{ ...Pull {_checks(f'$p{k}')} }}" for k in range(len(self.pulls))]
        issues = [f"i{k}: issue(number: $i{k}) {{ ...History }}" for k in range(len(self.issues))]
        rests = [f"r{k}: pullRequest(number: $r{k}) {{ headRefOid {_rest(rest.part, k)} }}" for k, rest in enumerate(self.rests)]
        return [*pulls, *issues, *rests, *([OTHERS] if self.others else [])]

    def _fragments(self) -> str:
        parts = {rest.part for rest in self.rests}
        whole = bool(self.pulls or self.others)
        needed = (
            (whole, PULL),
            (whole or Part.CHECKS in parts, CHECKS),
            (whole or Part.REVIEWS in parts, REVIEWS),
            (whole or Part.THREADS in parts, THREADS),
            (bool(self.issues), HISTORY + TIMELINE),
        )
        return "".join(text for is_needed, text in needed if is_needed)


def _checks(number: str | None, after: str = "") -> str:
    """The checks of the last commit. Whether one is required is told for a pull request by its number, None asks it not."""
    required = f"isRequired(pullRequestNumber: {number})"
    asked = f"nodes {{ ... on CheckRun {{ {required} }} ... on StatusContext {{ {required} }} }}" if number is not None else ""
    contexts = f"contexts(first: 100{after}) {{ ...Checks {asked} }}"
    return f"commits(last: 1) {{ nodes {{ commit {{ oid statusCheckRollup {{ {contexts} }} }} }} }}"


def _rest(part: Part, k: int) -> str:
    match part:
        case Part.CHECKS:
            return _checks(f"$r{k}", f", after: $after{k}")
        case Part.REVIEWS:
            return f"latestOpinionatedReviews(first: 100, after: $after{k}) {{ ...Reviews }}"
        case Part.THREADS:
            return f"reviewThreads(first: 30, after: $after{k}) {{ ...Threads }}"


OTHERS = f"""pullRequests(states: [OPEN], first: $others, after: $after, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
  totalCount pageInfo {{ hasNextPage endCursor }}
  nodes {{ ...Pull {_checks(None)} }}
}}"""
"""By the time of making, which never changes: a list by the last change loses what changes while its pages are read."""

PULL = """
fragment Pull on PullRequest {
  number title state isDraft merged headRefOid headRefName baseRefName isCrossRepository mergeable mergeStateStatus updatedAt url
  headRepository { nameWithOwner }
  isInMergeQueue isMergeQueueEnabled
  mergeQueueEntry { position }
  mergeCommit { oid }
  mergedBy { __typename login }
  author { __typename login }
  labels(first: 100) { nodes { name } }
  latestOpinionatedReviews(first: 100) { ...Reviews }
  reviewThreads(first: 30) { ...Threads }
  comments(last: 30) {
    pageInfo { hasPreviousPage }
    nodes { fullDatabaseId body createdAt lastEditedAt author { __typename login } editor { __typename login } }
  }
}"""

CHECKS = """
fragment Checks on StatusCheckRollupContextConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    __typename
    ... on CheckRun {
      databaseId name status conclusion detailsUrl
      checkSuite { status app { id } workflowRun { databaseId event workflow { id name } } }
    }
    ... on StatusContext { context state targetUrl }
  }
}"""

REVIEWS = """
fragment Reviews on PullRequestReviewConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    fullDatabaseId state body submittedAt lastEditedAt commit { oid } author { __typename login } editor { __typename login }
  }
}"""

REVIEWS_OF = f"""
query Reviews($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name, followRenames: false) {{
    pullRequest(number: $number) {{ reviews(first: 100, after: $after) {{ ...Reviews }} }}
  }}
}}{REVIEWS}"""
"""Every review of one pull request. REST tells them too, but not who wrote the words of one anew."""

THREADS = """
fragment Threads on PullRequestReviewThreadConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    id path line isResolved isOutdated
    comments(last: 30) {
      pageInfo { hasPreviousPage }
      nodes { state fullDatabaseId body createdAt lastEditedAt author { __typename login } editor { __typename login } }
    }
  }
}"""
