"""The one question about issues: its text for a number of places, and its variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.model.github import IssueRef


@dataclass(frozen=True, slots=True)
class Named:
    """One issue by its number."""

    ref: IssueRef


@dataclass(frozen=True, slots=True)
class Labelled:
    """The open issues of a repository that carry a label; `after` is where the last page ended."""

    repo: str
    label: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Older renames and label acts of one issue, before the cursor."""

    ref: IssueRef
    before: str


Place = Named | Labelled | Earlier

TIMELINE = """
fragment Timeline on IssueTimelineItemsConnection {
  pageInfo { hasPreviousPage startCursor }
  nodes {
    __typename
    ... on LabeledEvent { actor { __typename login } createdAt label { name } }
    ... on RenamedTitleEvent { actor { __typename login } createdAt currentTitle }
  }
}"""

ACTS = "itemTypes: [LABELED_EVENT, RENAMED_TITLE_EVENT]"

HISTORY = f"""
fragment History on Issue {{
  number title body state url createdAt lastEditedAt
  author {{ __typename login }}
  editor {{ __typename login }}
  labels(first: 100) {{ nodes {{ name }} }}
  timelineItems(last: 100, {ACTS}) {{ ...Timeline }}
  comments(last: 30) {{
    pageInfo {{ hasPreviousPage }}
    nodes {{ fullDatabaseId body createdAt lastEditedAt author {{ __typename login }} editor {{ __typename login }} }}
  }}
}}"""


BRANCH = "defaultBranchRef { name }"
"""Asked along, so that a task knows where it starts from without a question of its own."""


def question(places: Sequence[Place]) -> tuple[str, dict[str, object]]:
    """Query text and variables. Place number k answers under the alias `pk`; values travel as variables alone."""
    parameters: list[str] = []
    parts: list[str] = []
    values: dict[str, object] = {}
    for number, place in enumerate(places):
        repo, types, selection, given = _part(place)
        given |= dict(zip(("owner", "name"), repo.split("/"), strict=True))
        types = {"owner": "String!", "name": "String!", **types}
        parameters += [f"${key}{number}: {kind}" for key, kind in types.items()]
        values |= {f"{key}{number}": value for key, value in given.items()}
        # A repository that was renamed is not followed: the configuration names what may be worked on.
        start = f"repository(owner: $owner{number}, name: $name{number}, followRenames: false)"
        parts.append(f"p{number}: {start} {{ {selection.replace('#', str(number))} }}")
    fragments = TIMELINE + (HISTORY if any(not isinstance(place, Earlier) for place in places) else "")
    return f"query({', '.join(parameters)}) {{\n" + "\n".join(parts) + f"\n}}{fragments}", values


def _part(place: Place) -> tuple[str, dict[str, str], str, dict[str, object]]:
    """Repository, types of its variables, selection (# stands for the place's number), values."""
    match place:
        case Named(ref):
            return ref.repo, {"number": "Int!"}, f"{BRANCH} issue(number: $number#) {{ ...History }}", {"number": ref.number}
        case Labelled(repo, label, after):
            selection = (
                f"{BRANCH} issues(first: 50, after: $after#, labels: $labels#, states: [OPEN]) "
                "{ pageInfo { hasNextPage endCursor } nodes { ...History } }"
            )
            return repo, {"labels": "[String!]", "after": "String"}, selection, {"labels": [label], "after": after}
        case Earlier(ref, before):
            selection = f"issue(number: $number#) {{ timelineItems(last: 100, before: $before#, {ACTS}) {{ ...Timeline }} }}"
            return ref.repo, {"number": "Int!", "before": "String"}, selection, {"number": ref.number, "before": before}
