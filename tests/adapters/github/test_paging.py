from __future__ import annotations

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.ports import Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import REPO, Desk, Odd, ref


@pytest.fixture
def talkative(hub: GitHub) -> GitHub:
    """An issue with 250 comments."""
    hub.add_issue(REPO, title="One")
    for number in range(250):
        hub.comment(REPO, 1, f"comment {number}", author="alice")
    return hub


def test_s44_a_list_of_250_is_read_to_its_end(talkative: GitHub, github: GitHubClient) -> None:
    assert [one.body for one in github.comments(ref(1))] == [f"comment {number}" for number in range(250)]
    assert len(talkative.ledger) == 3


@pytest.mark.parametrize("fault", ["error_before", "truncate", "drop_before"])
def test_a_failing_page_fails_the_list(fault: str, talkative: GitHub, github: GitHubClient) -> None:
    github.comments(ref(1))
    talkative.comment(REPO, 1, "one more")
    for _ in range(2):  # the first two pages answer, and the third does not
        talkative.faults.add(Fault("issues/list-comments", "delay", seconds=0))
    talkative.faults.add(Fault("issues/list-comments", fault, status=500, times=50))  # type: ignore[arg-type]  # a literal as text
    with pytest.raises(Unavailable):
        github.comments(ref(1))


def test_an_unchanged_list_costs_nothing_but_its_requests(talkative: GitHub, github: GitHubClient) -> None:
    github.comments(ref(1))
    talkative.ledger.clear()
    assert len(github.comments(ref(1))) == 250
    assert [request.status for request in talkative.ledger] == [304, 304, 304]


def test_s44_a_page_that_begins_after_a_full_last_one_is_not_missed(hub: GitHub, github: GitHubClient) -> None:
    """The full page stays as it is; an unchanged answer to it would hide that there is a second by now."""
    hub.add_issue(REPO, title="One")
    for number in range(100):
        hub.comment(REPO, 1, f"comment {number}")
    assert len(github.comments(ref(1))) == 100
    hub.comment(REPO, 1, "comment 100")
    assert len(github.comments(ref(1))) == 101


def test_a_list_without_end_is_unavailable_rather_than_cut(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say([], Link=f'<{odd.url}/api/v3/more>; rel="next"')
    with pytest.raises(Unavailable, match="more than 50 pages"):
        odd_github.comments(ref(1))
    assert len(odd.heard) == 50


@pytest.mark.parametrize("start", ["https://elsewhere.example/api/v3", "http://127.0.0.1:1/api/v3", "ODD/api/v3x", "ODD"])
def test_s81_a_next_page_elsewhere_is_not_fetched(start: str, odd: Odd, odd_github: GitHubClient) -> None:
    odd.say([], Link=f'<{start.replace("ODD", odd.url)}/more>; rel="next"')
    with pytest.raises(Unavailable, match="not on GitHub's address"):
        odd_github.comments(ref(1))
    assert len(odd.heard) == 1


def test_the_next_page_is_found_among_other_links(odd: Odd, odd_github: GitHubClient) -> None:
    first = f'<{odd.url}/api/v3/a?page=1>; rel="prev", <{odd.url}/api/v3/b?page=2>; rel="next", <{odd.url}/api/v3/c>; rel="last"'
    odd.say([], Link=first)
    odd.say([], Link=f'<{odd.url}/api/v3/a>; rel="first"')
    assert odd_github.comments(ref(1)) == ()
    assert [heard.target for heard in odd.heard][1:] == ["/api/v3/b?page=2"]


def test_the_link_of_an_unchanged_page_wins_over_the_kept_one(odd: Odd, odd_desk: Desk) -> None:
    comment = {"id": 1, "user": None, "body": "hi", "created_at": AT, "updated_at": AT}
    odd.say([comment], ETag='"one"')
    odd.say(None, 304, Link=f'<{odd.url}/api/v3/more>; rel="next"')
    odd.say([{**comment, "id": 2}])
    with odd_desk.client() as client:
        assert [one.id for one in client.comments(ref(1))] == [1]
        assert [one.id for one in client.comments(ref(1))] == [1, 2]


def test_s44_an_unchanged_full_page_does_not_hide_that_the_list_goes_on(odd: Odd, odd_desk: Desk) -> None:
    """Were it asked for unchanged, a 304 without a Link header would end the list at its hundredth entry for ever."""
    comments = [{"id": number, "user": None, "body": "hi", "created_at": AT, "updated_at": AT} for number in range(100)]
    odd.say(comments, ETag='"one"')
    with odd_desk.client() as client:
        client.comments(ref(1))
        client.comments(ref(1))
    assert ["if-none-match" in heard.headers for heard in odd.heard] == [False, False]


AT = "2026-11-21T09:00:00Z"
