from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphql
import pytest

from orchestrator.adapters.github import editors
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.adapters.github.history_query import Earlier, Labelled, Named, Place, question
from orchestrator.adapters.github.http import LARGEST_BODY
from orchestrator.ports import Refused, Unavailable
from orchestrator.system import locks
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import REPO, Desk, Odd, ref

SCHEMA = Path(__file__).parents[3] / "sandbox" / "github" / "data" / "github.graphql"
HOSTILE = 'x") { id } evil: repository(owner: "a'


@pytest.fixture(scope="module")
def schema() -> graphql.GraphQLSchema:
    return graphql.build_schema(SCHEMA.read_text())


def test_the_questions_fit_github_s_schema(schema: graphql.GraphQLSchema) -> None:
    places: list[Place] = [Named(ref(1)), Labelled(REPO, "ready"), Labelled(REPO, "ready", "cursor"), Earlier(ref(2), "cursor")]
    for text in (question(places)[0], question([Earlier(ref(2), "cursor")])[0], editors.QUERY):
        assert graphql.validate(schema, graphql.parse(text)) == []


def test_values_travel_as_variables_and_never_in_the_query(schema: graphql.GraphQLSchema) -> None:
    text, values = question([Named(ref(1, f"{HOSTILE}/web")), Labelled(REPO, HOSTILE), Earlier(ref(2), HOSTILE)])
    assert "evil" not in text
    assert values["labels1"] == [HOSTILE]
    assert graphql.validate(schema, graphql.parse(text)) == []


def test_a_history_tells_who_stands_behind_the_text(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", body="first", author="stranger")
    hub.edit_issue(REPO, 1, body="second", actor="alice")
    hub.edit_issue(REPO, 1, title="Two", actor="stranger")
    hub.add_label(REPO, 1, "bug", actor="bob")
    hub.add_label(REPO, 1, "Ready", actor="alice")
    [history] = github.histories([ref(1)], {REPO: "ready"})
    assert (history.issue.title, history.issue.body, history.issue.author) == ("Two", "second", "stranger")
    assert history.body_editor == "alice"
    assert history.body_edited_at is not None
    assert [(act.kind, act.actor, act.text) for act in history.title_acts] == [("renamed", "stranger", "Two")]
    assert [(act.kind, act.actor, act.text) for act in history.ready_acts] == [("labeled", "alice", "Ready")]
    assert history.created_at <= history.body_edited_at


def test_an_untouched_issue_has_no_editor(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", body="first")
    [history] = github.histories([ref(1)], {})
    assert (history.body_editor, history.body_edited_at, history.title_acts, history.ready_acts) == (None, None, (), ())


def test_without_a_label_given_the_configured_one_counts(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.add_label(REPO, 1, "ready", actor="alice")
    [history] = github.histories([ref(1)], {})
    assert [act.actor for act in history.ready_acts] == ["alice"]


def test_p7_everything_is_one_request(hub: GitHub, github: GitHubClient) -> None:
    hub.add_repo("acme/api", collaborators={"agent-os": "write"})
    for repo in (REPO, "acme/api"):
        for number in range(8):
            hub.add_issue(repo, title=f"{repo} {number}", labels=["ready"] if number % 2 else [])
    found = github.histories([ref(1), ref(2), ref(1), ref(3, "acme/api")], {REPO: "ready", "acme/api": "ready"})
    refs = [history.issue.ref for history in found]
    assert sorted(map(str, refs)) == sorted(["acme/web#1", *(f"acme/web#{n}" for n in (2, 4, 6, 8)),
                                             "acme/api#3", *(f"acme/api#{n}" for n in (2, 4, 6, 8))])  # fmt: skip
    assert [request.operation_id for request in hub.ledger] == ["graphql"]


def test_nothing_asked_is_no_request(hub: GitHub, github: GitHubClient) -> None:
    assert github.histories([], {}) == ()
    assert len(hub.ledger) == 0


def test_more_than_forty_places_are_asked_in_several_requests(hub: GitHub, github: GitHubClient) -> None:
    for number in range(45):
        hub.add_issue(REPO, title=f"{number}")
    assert len(github.histories([ref(number) for number in range(1, 46)], {})) == 45
    assert len(hub.ledger) == 2


def test_s44_more_labelled_issues_than_fit_on_a_page_are_all_read(hub: GitHub, github: GitHubClient) -> None:
    for number in range(120):
        hub.add_issue(REPO, title=f"{number}", labels=["ready"])
    assert len(github.histories([], {REPO: "ready"})) == 120
    assert len(hub.ledger) == 3


def test_an_issue_that_does_not_exist_or_moved_is_left_out(hub: GitHub, github: GitHubClient) -> None:
    hub.add_repo("acme/api", collaborators={"agent-os": "write"})
    for number in range(4):
        hub.add_issue(REPO, title=f"{number}")
    hub.delete_issue(REPO, 2)
    hub.transfer_issue(REPO, 3, "acme/api")
    found = github.histories([ref(1), ref(2), ref(3), ref(4), ref(99)], {})
    assert [history.issue.ref.number for history in found] == [1, 4]


def test_closed_issues_are_told_when_named_and_not_when_labelled(hub: GitHub, github: GitHubClient) -> None:
    for number in (1, 2):
        hub.add_issue(REPO, title="One", labels=["ready"])
        hub.close_issue(REPO, number)
    [history] = github.histories([ref(1)], {REPO: "ready"})
    assert (history.issue.ref, history.issue.is_open) == (ref(1), False)


@pytest.mark.parametrize("named", [True, False])
def test_a_repository_that_is_out_of_reach_is_refused_by_name(named: bool, github: GitHubClient) -> None:
    with pytest.raises(Refused, match="acme/gone"):
        github.histories([ref(1, "acme/gone")] if named else [], {} if named else {"acme/gone": "ready"})


def test_s65_a_renamed_repository_is_not_followed(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.rename_repo(REPO, "site")
    with pytest.raises(Refused, match="acme/web"):
        github.histories([ref(1)], {})


def test_a_history_longer_than_a_page_is_read_to_its_end(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="0", author="alice")
    hub.add_label(REPO, 1, "ready", actor="bob")
    for number in range(1, 230):
        hub.edit_issue(REPO, 1, title=f"{number}", actor="stranger")
    [history] = github.histories([ref(1)], {})
    assert [act.text for act in history.title_acts] == [f"{number}" for number in range(1, 230)]
    assert [act.actor for act in history.ready_acts] == ["bob"]
    assert len(hub.ledger) == 3


def test_an_issue_both_named_and_labelled_is_read_on_once(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="0", labels=["ready"])
    for number in range(1, 130):
        hub.edit_issue(REPO, 1, title=f"{number}")
    [history] = github.histories([ref(1)] * 90, {REPO: "ready"})
    assert len(history.title_acts) == 129
    assert len(hub.ledger) == 2


def test_the_newest_thirty_comments_are_told_and_whether_there_are_more(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    for number in range(30):
        hub.comment(REPO, 1, f"{number}", author="alice")
    assert github.histories([ref(1)], {})[0].has_all_comments
    hub.edit_comment(hub.comment(REPO, 1, "30", author="alice"), "thirty", actor="bob")
    [history] = github.histories([ref(1)], {})
    assert not history.has_all_comments
    assert [one.body for one in history.comments] == [*(f"{number}" for number in range(1, 30)), "thirty"]
    assert [one.edited_by for one in history.comments][-2:] == [None, "bob"]


def test_s79_a_bot_never_passes_for_the_person_of_the_same_name(hub: GitHub, github: GitHubClient) -> None:
    """GraphQL tells the login of `alice[bot]` as `alice`, who may write here."""
    hub.add_user("alice[bot]", "Bot")
    hub.add_issue(REPO, title="One", body="x", author="alice[bot]")
    hub.edit_issue(REPO, 1, body="y", title="Two", actor="alice[bot]")
    hub.comment(REPO, 1, "hi", author="alice[bot]")
    [history] = github.histories([ref(1)], {})
    told = [history.issue.author, history.body_editor, history.title_acts[0].actor, history.comments[0].author]
    assert told == ["alice[bot]"] * 4 == [github.issue(ref(1)).author] * 4


# ---- answers that are not whole


ISSUE: dict[str, Any] = {
    "number": 1, "title": "One", "body": "b", "state": "OPEN", "url": "https://ghe.acme.example/acme/web/issues/1",
    "createdAt": "2026-11-21T09:00:00Z", "lastEditedAt": None, "author": None, "editor": None, "labels": {"nodes": []},
    "timelineItems": {"pageInfo": {"hasPreviousPage": False, "startCursor": None}, "nodes": []},
    "comments": {"pageInfo": {"hasPreviousPage": False}, "nodes": []},
}  # fmt: skip


@pytest.fixture
def answered(odd: Odd, odd_github: GitHubClient) -> Callable[..., Any]:
    def ask(issue: object = None, **reply: object) -> Any:
        odd.say({"data": {"p0": {"defaultBranchRef": None, "issue": ISSUE if issue is None else issue}}, **reply})
        return odd_github.histories([ref(1)], {})

    return ask


def test_deleted_accounts_are_the_ghost(answered: Callable[..., Any]) -> None:
    [history] = answered({**ISSUE, "lastEditedAt": "2026-11-21T10:00:00Z"})
    assert (history.issue.author, history.body_editor) == ("ghost", "ghost")


@pytest.mark.parametrize("field", sorted(ISSUE))
def test_s49_a_missing_field_is_not_null(field: str, answered: Callable[..., Any]) -> None:
    with pytest.raises(Unavailable, match="not as expected"):
        answered({name: value for name, value in ISSUE.items() if name != field})


@pytest.mark.parametrize("issue", [{}, [], "x", {**ISSUE, "state": "AJAR"}, {**ISSUE, "createdAt": "soon"}])
def test_s49_an_answer_of_another_shape_is_unavailable(issue: object, answered: Callable[..., Any]) -> None:
    with pytest.raises(Unavailable, match="not as expected"):
        answered(issue)


def test_an_issue_that_lives_elsewhere_by_now_is_left_out(answered: Callable[..., Any]) -> None:
    assert answered({**ISSUE, "url": "https://ghe.acme.example/acme/api/issues/1"}) == ()


@pytest.mark.parametrize(
    "errors",
    [
        [{"message": "Something went wrong", "type": "INTERNAL", "path": ["p0", "issue"]}],
        [{"message": "Something went wrong"}],
        [{"message": "timeout", "path": ["p0"]}],
        [{"message": "gone", "type": "NOT_FOUND", "path": ["p0", "issue"]}, {"message": "timeout"}],
        [{"message": "gone", "type": "NOT_FOUND", "path": ["p7", "issue"]}],
        [{"message": "gone", "type": "NOT_FOUND"}],
    ],
)
def test_s49_errors_beside_data_make_the_answer_unavailable(errors: object, answered: Callable[..., Any]) -> None:
    with pytest.raises(Unavailable):
        answered(errors=errors)


def test_an_answer_without_data_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"data": None})
    with pytest.raises(Unavailable, match="no data"):
        odd_github.histories([ref(1)], {})


SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@pytest.mark.parametrize(
    "said",
    [
        {"data": None, "errors": [{"message": "API rate limit exceeded", "type": "RATE_LIMITED"}]},
        {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "API quota already used up for user ID 1."}]},
        {"errors": [{"message": SECONDARY}]},
        {"documentation_url": "https://docs.github.com", "message": SECONDARY},
    ],
)
def test_s75_a_graphql_rate_limit_holds_everybody(said: object, odd: Odd, odd_desk: Desk) -> None:
    odd.say(said)
    with odd_desk.client() as first, odd_desk.client() as second:
        with pytest.raises(Unavailable, match="rate limit"):
            first.histories([ref(1)], {})
        with pytest.raises(Unavailable, match="wait until"):
            second.whoami()
    assert len(odd.heard) == 1


def test_a_list_that_is_cut_without_a_cursor_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(
        {
            "data": {
                "p0": {"defaultBranchRef": None, "issues": {"pageInfo": {"hasNextPage": True, "endCursor": None}, "nodes": []}}
            }
        }
    )
    with pytest.raises(Unavailable, match="cut"):
        odd_github.histories([], {REPO: "ready"})


def test_a_history_without_end_is_unavailable(odd: Odd, odd_github: GitHubClient) -> None:
    page = {"pageInfo": {"hasPreviousPage": True, "startCursor": "x"}, "nodes": []}
    odd.say({"data": {"p0": {"defaultBranchRef": None, "issue": {**ISSUE, "timelineItems": page}}}})
    with pytest.raises(Unavailable, match="do not fit"):
        odd_github.histories([ref(1)], {})
    assert len(odd.heard) == 30


def test_a_question_is_asked_again_when_the_connection_breaks(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.faults.add(Fault("graphql", "drop_after", times=2))
    assert len(github.histories([ref(1)], {})) == 1
    assert hub.ledger.writes() == []


def test_a_question_does_not_wait_for_writers(hub: GitHub, desk: Desk) -> None:
    hub.add_issue(REPO, title="One")
    lock = locks.take(desk.folder / "runtime" / "locks" / "github-write.lock")
    assert lock is not None
    with lock, desk.client(patience=0.0) as client:
        assert len(client.histories([ref(1)], {})) == 1


def test_issues_that_strangers_comments_made_too_large_are_asked_for_in_portions(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(b" " * (LARGEST_BODY + 1))
    with pytest.raises(Unavailable, match="larger than 32000000 bytes"):
        odd_github.histories([ref(number) for number in range(1, 13)], {})
    assert [len(heard.body["variables"]) // 3 for heard in odd.heard] == [12, 6, 3, 1]


def test_what_was_too_much_at_once_is_all_told(hub: GitHub, github: GitHubClient) -> None:
    for number in range(1, 13):
        hub.add_issue(REPO, title=f"Issue {number}")
    hub.faults.add(Fault("graphql", "error_before", status=502, times=2))
    found = github.histories([ref(number) for number in range(1, 13)], {})
    assert {one.issue.ref.number for one in found} == set(range(1, 13))
