from __future__ import annotations

from typing import Any

import pytest

from orchestrator.adapters.github.client import GitHubClient
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import BOT, REPO, Desk, Odd, ref

OURS = {"agent: working": "An agent is at work.", "hold": "Nothing is done until this is taken off."}


def names(hub: GitHub) -> set[str]:
    return {label.name for label in hub.repo(REPO).labels.values()}


# ---- that ours exist


def test_s50_labels_that_the_repository_lacks_are_made(hub: GitHub, github: GitHubClient) -> None:
    github.ensure_labels(REPO, OURS)
    assert names(hub) >= set(OURS)
    made = next(label for label in hub.repo(REPO).labels.values() if label.name == "hold")
    assert (made.description, made.color) == (OURS["hold"], "c5def5")


def test_a_label_that_is_there_stays_as_it_is(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One", labels=["HOLD"])
    github.ensure_labels(REPO, OURS)
    assert len(hub.ledger.writes()) == 1
    assert "HOLD" in names(hub)
    assert "hold" not in names(hub)


def test_p7_labels_that_are_there_cost_nothing_for_a_day(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    github.ensure_labels(REPO, OURS)
    hub.ledger.clear()
    with desk.client() as later:
        later.ensure_labels(REPO, OURS)
        later.ensure_labels(REPO, {"hold": "other words"})
    assert len(hub.ledger) == 0
    desk.clock.wait(24 * 3600 + 1)
    github.ensure_labels(REPO, OURS)
    assert len(hub.ledger) == 1


@pytest.mark.parametrize("other", [{**OURS, "agent: new": ""}, {"agent: other": ""}])
def test_other_labels_are_looked_for(other: dict[str, str], hub: GitHub, github: GitHubClient) -> None:
    github.ensure_labels(REPO, OURS)
    github.ensure_labels(REPO, other)
    assert names(hub) >= set(other)


def test_another_repository_is_looked_at_on_its_own(hub: GitHub, github: GitHubClient) -> None:
    hub.add_repo("acme/api", collaborators={BOT: "write"})
    github.ensure_labels(REPO, OURS)
    github.ensure_labels("acme/api", OURS)
    assert {label.name for label in hub.repo("acme/api").labels.values()} >= set(OURS)


@pytest.mark.parametrize("content", [b"", b"{", b'{"names": ["hold", "agent: working"]}'])
def test_a_note_that_cannot_be_read_is_none(content: bytes, hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    github.ensure_labels(REPO, {"hold": ""})
    [note] = (desk.state / "labels").iterdir()
    note.write_bytes(content)
    github.ensure_labels(REPO, OURS)
    assert names(hub) >= set(OURS)


def test_a_label_that_another_process_made_meanwhile_is_no_error(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.between(lambda _, number: hub.add_label(REPO, 1, "hold") if number == 2 else None)
    github.ensure_labels(REPO, {"hold": ""})
    assert len(hub.ledger.writes()) == 1


def test_labels_that_could_not_be_made_are_not_remembered(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.add_repo("acme/api", collaborators={"carol": "read"})
    with desk.client(hub.add_token("carol")) as carol, pytest.raises(Refused, match="403"):
        carol.ensure_labels("acme/api", OURS)
    hub.faults.add(Fault("issues/create-label", "error_before"))
    with pytest.raises(Unavailable):
        github.ensure_labels(REPO, OURS)
    github.ensure_labels(REPO, OURS)
    assert names(hub) >= set(OURS)


def test_a_long_description_is_cut_to_what_github_takes(hub: GitHub, github: GitHubClient) -> None:
    github.ensure_labels(REPO, {"hold": "x" * 300})
    assert hub.ledger.writes()[0].body["description"] == "x" * 100


# ---- who set one


@pytest.fixture
def pull(hub: GitHub) -> int:
    hub.push_commit(REPO, "agent/1", {"a.txt": "a"})
    return hub.open_pull(REPO, head="agent/1", title="Fix", author=BOT).number


def actor(github: GitHubClient, label: str = "agent: approved") -> str | None:
    act = github.labelled(ref(1), label)
    return act.actor if act is not None else None


def test_who_set_a_label_is_told(hub: GitHub, pull: int, github: GitHubClient) -> None:
    assert actor(github) is None
    hub.add_label(REPO, pull, "Agent: Approved", actor="alice")
    hub.add_label(REPO, pull, "other", actor="bob")
    act = github.labelled(ref(1), "agent: approved")
    assert act is not None
    assert (act.kind, act.actor, act.text, act.at) == ("labeled", "alice", "agent: approved", hub.issue(REPO, 1).events[0].at)


def test_a_label_that_was_taken_off_counts_no_more(hub: GitHub, pull: int, github: GitHubClient) -> None:
    hub.add_label(REPO, pull, "agent: approved", actor="alice")
    hub.add_label(REPO, pull, "other", actor="alice")
    hub.remove_label(REPO, pull, "other", actor="alice")
    assert actor(github) == "alice"
    hub.remove_label(REPO, pull, "agent: approved", actor="bob")
    assert actor(github) is None
    hub.add_label(REPO, pull, "agent: approved", actor="bob")
    assert actor(github) == "bob"


def test_a_label_set_before_a_forced_push_counts_no_more(hub: GitHub, pull: int, github: GitHubClient) -> None:
    hub.add_label(REPO, pull, "agent: approved", actor="alice")
    hub.force_push(REPO, "agent/1", {"a.txt": "evil"})
    assert actor(github) is None
    hub.remove_label(REPO, pull, "agent: approved", actor="alice")
    hub.add_label(REPO, pull, "agent: approved", actor="alice")
    assert actor(github) == "alice"


def test_s44_a_label_behind_many_events_is_found(hub: GitHub, pull: int, github: GitHubClient) -> None:
    hub.add_label(REPO, pull, "agent: approved", actor="alice")
    for number in range(120):
        hub.edit_issue(REPO, pull, title=f"{number}")
    assert actor(github) == "alice"
    assert len(hub.ledger) == 2
    github.labelled(ref(1), "agent: approved")
    assert [request.status for request in hub.ledger] == [200, 200, 304, 304]


def event(number: int, kind: str, at: str = "2026-11-21T09:00:00Z", label: str = "ok") -> dict[str, Any]:
    words = {"label": {"name": label}} if kind.endswith("labeled") else {}
    return {"id": number, "event": kind, "actor": None, "created_at": at, **words}


@pytest.mark.parametrize(
    ("events", "stands"),
    [
        ([event(1, "labeled"), event(2, "head_ref_force_pushed")], False),
        ([event(2, "labeled"), event(1, "head_ref_force_pushed")], True),
        ([event(1, "labeled", "2026-11-21T10:00:00Z"), event(2, "head_ref_force_pushed", "2026-11-21T08:00:00Z")], False),
        ([event(1, "labeled"), event(3, "labeled"), event(2, "unlabeled")], True),
        ([event(1, "labeled"), event(2, "unlabeled", label="other")], True),
        ([event(1, "labeled"), event(2, "head_ref_restored")], True),
        ([], False),
    ],
)
def test_the_order_is_github_s_own_and_not_a_clock_s(
    events: list[dict[str, Any]], stands: bool, odd: Odd, odd_github: GitHubClient
) -> None:
    odd.say(events)
    act = odd_github.labelled(ref(1), "ok")
    assert (act is not None) == stands
    assert act is None or act.actor == "ghost"
