"""The stand-in against GitHub's description: what is served, and that wrong answers are noticed."""

import copy
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator

from sandbox.github.routes.table import HANDLERS, NOT_SERVED
from sandbox.github.schema_check import Compiler
from sandbox.github.validate import description, operations, response_problem
from tests.sandbox.github.office import CI, REPO, Office

LISTS = (
    "GET /repos/{owner}/{repo}/issues",
    "GET /repos/{owner}/{repo}/pulls",
    "GET /repos/{owner}/{repo}/labels",
    "GET /repos/{owner}/{repo}/issues/comments",
    "GET /repos/{owner}/{repo}/actions/runs",
)


def test_every_operation_of_the_description_is_served_or_has_its_reason() -> None:
    assert set(operations()) == set(HANDLERS) | set(NOT_SERVED)
    assert not set(HANDLERS) & set(NOT_SERVED)
    assert all(reason.count(" ") > 3 for reason in NOT_SERVED.values())


def test_every_response_schema_compiles() -> None:
    for route in HANDLERS:
        method, path = route.split(" ", 1)
        for status in description()["paths"][path][method.lower()]["responses"]:
            assert response_problem(route, int(status), None) is None


def _answers(office: Office) -> dict[str, Any]:
    office.issue(labels=("bug",), assignees=("alice",))
    office.github.comment(REPO, 1, "hello", author="tina")
    office.github.push_commit(REPO, "main", {".github/workflows/ci.yml": CI})
    office.pull("work")
    assert office.github.ci_idle()
    return {route: office.bot.get(route.split(" ")[1].replace("{owner}/{repo}", REPO)) for route in LISTS}


def _schema(route: str) -> dict[str, Any]:
    schema: dict[str, Any] = description()["paths"][route.split(" ")[1]]["get"]["responses"]["200"]["content"][
        "application/json"
    ]["schema"]
    return schema


def _breakages(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of a value: each is taken away or replaced in turn."""
    found = [path] if path else []
    parts = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, part in parts:
        found += _breakages(part, (*path, key)) if len(path) < 4 else []
    return found


def _broken(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    twin = copy.deepcopy(value)
    place = twin
    for key in path[:-1]:
        place = place[key]
    if new is None and isinstance(place, dict):
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return twin


@pytest.mark.parametrize("new", [None, 1.5, "words here"])
def test_the_compiled_check_agrees_with_the_schema_validator(office: Office, new: object) -> None:
    schemas = {"components": {"schemas": description()["components"]["schemas"]}}
    for route, answer in _answers(office).items():
        compiled = Compiler(description()["components"]["schemas"]).compile(_schema(route))
        reference = OAS30ReadValidator({**_schema(route), **schemas})
        assert (compiled(answer, "$") is None, reference.is_valid(answer)) == (True, True), route
        for path in _breakages(answer)[::7]:
            twin = _broken(answer, path, new)
            verdicts = (compiled(twin, "$") is None, reference.is_valid(twin))
            assert verdicts[0] == verdicts[1] or _about_formats(path), (route, path, new, compiled(twin, "$"))


def _about_formats(path: tuple[Any, ...]) -> bool:
    """The compiled check also looks at formats, which the reference does not without a format checker."""
    return str(path[-1]).endswith(("_url", "_at", "url", "href", "timestamp"))


def test_one_of_means_exactly_one() -> None:
    check = Compiler({}).compile({"oneOf": [{"type": "string"}, {"enum": ["both"]}]})
    assert check("one", "$") is None
    assert check("both", "$") is not None
    assert check(7, "$") is not None


def test_a_keyword_that_is_not_known_is_refused_when_compiled() -> None:
    with pytest.raises(ValueError, match="patternProperties"):
        Compiler({}).compile({"type": "object", "patternProperties": {}})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "one"}, "number"),
        ({"title": None}, "title"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"url": "no address"}, "url"),
    ],
)
def test_an_answer_that_is_wrong_is_called_a_problem(office: Office, change: dict[str, object], said: str) -> None:
    office.issue()
    issue = office.bot.get(f"/repos/{REPO}/issues/1")
    route = "GET /repos/{owner}/{repo}/issues/{issue_number}"
    assert response_problem(route, 200, issue) is None
    problem = response_problem(route, 200, {**issue, **change})
    assert problem is not None
    assert said in problem


def test_a_wrong_answer_is_a_500_and_is_on_record(office: Office) -> None:
    office.issue()
    office.github.issue(REPO, 1).title = 7  # type: ignore[assignment]  # the mistake that must be noticed
    answer = office.bot("GET", f"/repos/{REPO}/issues/1")
    assert answer.status_code == 500
    assert "title" in office.github.problems.pop()


def test_a_bug_is_a_500_and_is_on_record(office: Office) -> None:
    office.issue()
    office.github.issue(REPO, 1).labels = None  # type: ignore[assignment]  # the bug that must be noticed
    assert office.bot("GET", f"/repos/{REPO}/issues/1").status_code == 500
    assert "TypeError" in office.github.problems.pop()
