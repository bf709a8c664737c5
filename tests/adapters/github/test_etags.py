from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.adapters.github.etags import LARGEST_BODY, Kept, Shelf
from sandbox.github import GitHub
from tests.adapters.github.desk import BOT, REPO, Desk, Odd, ref

URL = "https://ghe.acme.example/api/v3/user"


def test_p7_what_did_not_change_is_read_for_nothing(hub: GitHub, desk: Desk) -> None:
    hub.add_issue(REPO, title="One")
    seen = []
    for _ in range(3):
        with desk.client() as client:
            seen.append(client.issue(ref(1)))
    assert [request.status for request in hub.ledger] == [200, 304, 304]
    assert seen[0] == seen[1] == seen[2]


def test_what_changed_is_read_anew(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    github.issue(ref(1))
    hub.edit_issue(REPO, 1, title="Two")
    assert github.issue(ref(1)).title == "Two"
    assert [request.status for request in hub.ledger] == [200, 200]


def test_deleting_the_folder_loses_nothing(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    first = github.issue(ref(1))
    shutil.rmtree(desk.state)
    assert github.issue(ref(1)) == first


def test_s81_one_token_s_answers_are_never_shown_to_another(hub: GitHub, desk: Desk) -> None:
    hub.add_issue(REPO, title="One")
    other = hub.add_token(BOT)
    for token in (desk.token, other, other):
        with desk.client(token) as client:
            client.issue(ref(1))
    assert [request.status for request in hub.ledger] == [200, 200, 304]


def test_the_folder_tells_nothing_of_the_token(desk: Desk, github: GitHubClient) -> None:
    github.repository(REPO)
    files = list((desk.state / "etags").iterdir())
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert all(desk.token.encode() not in path.read_bytes() for path in files)


@pytest.mark.parametrize("harm", [lambda content: content[:-1], lambda content: b"", lambda content: b"\xff" + content])
def test_a_harmed_file_is_as_good_as_none(harm: object, hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    first = github.issue(ref(1))
    for path in (desk.state / "etags").iterdir():
        path.write_bytes(harm(path.read_bytes()))  # type: ignore[operator]  # one of the functions above
    assert github.issue(ref(1)) == first
    assert [request.status for request in hub.ledger] == [200, 200]


def test_a_304_without_anything_kept_is_no_answer(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(None, 304)
    with pytest.raises(Exception, match="not as expected"):
        odd_github.whoami()


def test_the_least_used_go_when_there_are_too_many(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "etags", most=3)
    for number in range(3):
        shelf.keep(f"{URL}/{number}", "me", Kept("e", "", b"{}"))
    age(tmp_path / "etags")
    shelf.touch(f"{URL}/0", "me")
    shelf.keep(f"{URL}/3", "me", Kept("e", "", b"{}"))
    assert len(list((tmp_path / "etags").iterdir())) == 3
    assert shelf.find(f"{URL}/0", "me") is not None


def age(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (1, 1))


def test_a_large_answer_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "etags")
    shelf.keep(URL, "me", Kept("e", "", b" " * (LARGEST_BODY + 1)))
    assert shelf.find(URL, "me") is None


def test_another_owner_or_address_finds_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "etags")
    shelf.keep(URL, "me", Kept("e", "<next>", b"{}"))
    assert shelf.find(URL, "me") == Kept("e", "<next>", b"{}")
    assert shelf.find(URL, "you") is None
    assert shelf.find(f"{URL}?page=2", "me") is None


def test_a_pull_request_is_asked_for_anew_until_it_is_known_to_be_mergeable(hub: GitHub, github: GitHubClient) -> None:
    hub.push_commit(REPO, "agent/1", {"a.txt": "a"})
    github.open_pull(REPO, branch="agent/1", base="main", title="One", body="")
    hub.ledger.clear()
    assert [github.pull(REPO, 1).mergeable for _ in range(3)] == [None, True, True]
    assert [request.status for request in hub.ledger] == [200, 200, 304]


def test_a_pull_request_that_github_still_thinks_about_is_not_asked_for_unchanged(odd: Odd, odd_github: GitHubClient) -> None:
    end = {"ref": "main", "sha": "a" * 40, "repo": None}
    pull = {
        "number": 1,
        "title": "One",
        "state": "open",
        "user": None,
        "merged_at": None,
        "html_url": "x",
        "head": end,
        "base": end,
    }
    odd.say({**pull, "mergeable": None}, ETag='"one"')
    odd.say({**pull, "mergeable": True}, ETag='"two"')
    odd.say(None, 304)
    assert [odd_github.pull(REPO, 1).mergeable for _ in range(3)] == [None, True, True]
    assert [heard.headers.get("if-none-match") for heard in odd.heard] == [None, None, '"two"']
