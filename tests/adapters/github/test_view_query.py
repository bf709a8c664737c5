from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import graphql

from orchestrator.adapters.github import renames
from orchestrator.adapters.github.view_query import Part, Question, Rest
from tests.adapters.github.desk import REPO

SCHEMA = Path(__file__).parents[3] / "sandbox" / "github" / "data" / "github.graphql"
HOSTILE = 'x") { id } evil: repository(owner: "a'


def nodes(selections: graphql.SelectionSetNode, fragments: dict[str, graphql.FragmentDefinitionNode], times: int = 1) -> int:
    """How many nodes a question can give, counted as GitHub counts: https://docs.github.com/en/graphql/overview/rate-limits"""
    total = 0
    for node in selections.selections:
        if isinstance(node, graphql.FragmentSpreadNode):
            total += nodes(fragments[node.name.value].selection_set, fragments, times)
        elif isinstance(node, graphql.InlineFragmentNode):
            total += nodes(node.selection_set, fragments, times)
        elif isinstance(node, graphql.FieldNode) and node.selection_set is not None:
            size = [int(getattr(arg.value, "value", 50)) for arg in node.arguments or () if arg.name.value in ("first", "last")]
            each = times * (size[0] if size else 1)
            total += (each if size else 0) + nodes(node.selection_set, fragments, each)
    return total


LARGEST = Question(repo=REPO, pulls=range(50), issues=range(50), others=50, rests=[Rest(1, part, "x") for part in Part] * 16)


def test_the_questions_fit_github_s_schema() -> None:
    schema = graphql.build_schema(SCHEMA.read_text())
    single = [Question(repo=REPO, rests=[Rest(1, part, "x")]) for part in Part]
    partly = [Question(repo=REPO, pulls=[1]), Question(repo=REPO, issues=[1]), Question(repo=REPO, others=50, after="x")]
    for question in (LARGEST, Question(repo=REPO), *single, *partly):
        assert graphql.validate(schema, graphql.parse(question.text())) == []
    assert graphql.validate(schema, graphql.parse(renames.QUERY)) == []


def test_p7_the_largest_question_stays_far_below_github_s_limit_of_nodes() -> None:
    """A field that two fragments ask for counts twice here, so this is more than GitHub would count."""
    tree = graphql.parse(replace(LARGEST, rests=()).text())
    fragments = {one.name.value: one for one in tree.definitions if isinstance(one, graphql.FragmentDefinitionNode)}
    [operation] = [one for one in tree.definitions if isinstance(one, graphql.OperationDefinitionNode)]
    assert 130_000 < nodes(operation.selection_set, fragments) < 160_000


def test_values_travel_as_variables_and_never_in_the_query() -> None:
    question = Question(repo=f"{HOSTILE}/web", pulls=[7], others=50, after=HOSTILE, rests=[Rest(1, Part.CHECKS, HOSTILE)])
    assert "evil" not in question.text()
    assert question.values() == {
        "owner": HOSTILE,
        "name": "web",
        "p0": 7,
        "r0": 1,
        "others": 50,
        "after": HOSTILE,
        "after0": HOSTILE,
    }
