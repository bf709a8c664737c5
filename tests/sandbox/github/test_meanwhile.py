"""Moving the world between two requests of a client."""

from pathlib import Path

from sandbox.github import Fault
from tests.sandbox.github.office import REPO, Office

ISSUE = f"/repos/{REPO}/issues/1"


def test_the_world_moves_just_before_the_request_that_is_named(office: Office) -> None:
    office.issue()

    def label(operation: str, number: int) -> None:
        if (operation, number) == ("issues/get", 2):
            office.github.add_label(REPO, 1, "hold", actor="alice")

    office.github.between(label)
    seen = [[one["name"] for one in office.bot.get(ISSUE)["labels"]] for _ in range(3)]
    assert seen == [[], ["hold"], ["hold"]]


def test_every_kind_of_request_is_told_in_its_order(office: Office, tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []
    office.github.between(lambda operation, number: told.append((number, operation)))
    office.bot.get(f"/repos/{REPO}")
    office.bot.query("{ rateLimit { cost } }")
    office.bot.clone(tmp_path / "clone")
    assert told[:2] == [(1, "repos/get"), (2, "graphql")]
    assert {operation for _, operation in told[2:]} == {"git/upload-pack"}
    assert [number for number, _ in told] == list(range(1, len(told) + 1))


def test_what_is_asked_meanwhile_is_not_told(office: Office) -> None:
    told: list[str] = []

    def ask(operation: str, number: int) -> None:
        told.append(operation)
        office.alice.get("/user")

    office.github.between(ask)
    office.bot.get(f"/repos/{REPO}")
    assert told == ["repos/get"]


def test_trouble_can_be_ordered_for_the_very_request(office: Office) -> None:
    office.issue()
    office.github.between(lambda operation, number: office.github.faults.add(Fault("*", "error_before")) if number == 2 else None)
    assert [office.bot("GET", ISSUE).status_code for _ in range(3)] == [200, 502, 200]


def test_a_function_that_fails_is_on_record_and_the_client_is_answered(office: Office) -> None:
    def fail(operation: str, number: int) -> None:
        raise ValueError("the test's own mistake")

    office.github.between(fail)
    assert office.bot.get("/user")["login"] == "agent-bot"
    assert "the test's own mistake" in office.github.problems.pop()


def test_nothing_is_called_any_more_once_it_is_ended(office: Office) -> None:
    told: list[str] = []
    office.github.between(lambda operation, number: told.append(operation))
    office.github.between(None)
    office.bot.get("/user")
    assert told == []
