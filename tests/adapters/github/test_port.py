"""The client as a whole: that it is the port, what its methods cost, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator import ports
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.model.github import Check, CheckState
from sandbox.github import GitHub
from tests.adapters.github.desk import REPO, Desk, ref

BRANCH = "agent/1"
Act = Callable[[GitHubClient, GitHub], object]


def test_the_client_is_the_port(github: GitHubClient) -> None:
    port: ports.GitHub = github
    assert {name for name in vars(ports.GitHub) if not name.startswith("_")} <= set(dir(port))


def only_card(hub: GitHub) -> int:
    [board] = hub.state.world.projects.values()
    [item] = board.cards.values()
    return item.id


COSTS: list[tuple[str, int, int, Act]] = [
    ("whoami", 1, 0, lambda g, h: g.whoami()),
    ("repository", 1, 1, lambda g, h: g.repository(REPO)),
    ("ready_items", 2, 1, lambda g, h: g.ready_items("web")),
    ("find_item", 2, 1, lambda g, h: g.find_item("web", ref(1))),
    ("histories", 1, 1, lambda g, h: g.histories([ref(1)], {REPO: "ready"})),
    ("repository_view", 1, 1, lambda g, h: g.repository_view(REPO, [2], [1], with_others=True)),
    ("cards", 2, 1, lambda g, h: g.cards("web", ["In Progress", "Blocked"])),
    ("card", 2, 1, lambda g, h: g.card("web", only_card(h))),
    ("card that is gone", 3, 2, lambda g, h: g.card("web", 5)),
    ("edit_comment that is gone", 2, 2, lambda g, h: g.edit_comment(REPO, 5, "hi")),
    ("ensure_labels", 2, 0, lambda g, h: g.ensure_labels(REPO, {"hold": ""})),
    ("labelled", 1, 1, lambda g, h: g.labelled(ref(2), "hold")),
    ("fast_forward refused", 1, 1, lambda g, h: g.fast_forward(REPO, "main", "a" * 40)),
    ("update_branch refused", 1, 1, lambda g, h: g.update_branch(REPO, 2, sha="a" * 40)),
    ("close_pull", 2, 1, lambda g, h: g.close_pull(REPO, 2)),
    ("rerun_failed refused", 1, 1, lambda g, h: g.rerun_failed(REPO, 5)),
    ("reviews", 1, 1, lambda g, h: g.reviews(REPO, 2)),
    ("post_review", 1, 1, lambda g, h: g.post_review(REPO, 2, sha=str(h.head_of(REPO, BRANCH)), body="hm")),
    ("commits_of_pull", 1, 1, lambda g, h: g.commits_of_pull(REPO, 2)),
    ("issue", 1, 1, lambda g, h: g.issue(ref(1))),
    ("create_issue", 1, 1, lambda g, h: g.create_issue(REPO, "New", "", ["ready"])),
    ("issues_by", 1, 1, lambda g, h: g.issues_by(REPO, "agent-bot")),
    ("close_issue", 2, 1, lambda g, h: g.close_issue(ref(1))),
    ("permission", 1, 1, lambda g, h: g.permission(REPO, "alice")),
    ("comments", 1, 1, lambda g, h: g.comments(ref(1))),
    ("comment", 1, 1, lambda g, h: g.comment(ref(1), "hi")),
    ("add_labels", 1, 1, lambda g, h: g.add_labels(ref(1), ["ready"])),
    ("remove_label", 1, 1, lambda g, h: g.remove_label(ref(1), "ready")),
    ("branch", 1, 1, lambda g, h: g.branch(REPO, "main")),
    ("pulls_of_branch", 1, 1, lambda g, h: g.pulls_of_branch(REPO, BRANCH)),
    ("pull", 1, 1, lambda g, h: g.pull(REPO, 2)),
    ("open_pull that exists", 3, 2, lambda g, h: g.open_pull(REPO, branch=BRANCH, base="main", title="x", body="")),
    ("checks", 2, 2, lambda g, h: g.checks(REPO, str(h.head_of(REPO, BRANCH)), [])),
    ("check_log", 1, 1, lambda g, h: g.check_log(REPO, Check(name="x", state=CheckState.FAILURE, run_id=5))),
    ("merge refused", 1, 1, lambda g, h: g.merge(REPO, 2, sha="a" * 40, title="x", message="")),
]


@pytest.fixture
def office(hub: GitHub, desk: Desk) -> GitHub:
    hub.add_to_project(hub.add_project("acme"), hub.add_issue(REPO, title="One"), status="Ready")
    hub.push_commit(REPO, BRANCH, {"a.txt": "a"})
    with desk.client() as client:
        client.open_pull(REPO, branch=BRANCH, base="main", title="One", body="")
    hub.ledger.clear()
    return hub


@pytest.mark.parametrize(("name", "first", "again", "act"), COSTS, ids=[cost[0] for cost in COSTS])
def test_p7_every_method_costs_what_it_is_said_to_cost(
    name: str, first: int, again: int, act: Act, office: GitHub, github: GitHubClient
) -> None:
    act(github, office)
    assert len(office.ledger) == first, name
    office.ledger.clear()
    act(github, office)
    assert len(office.ledger) == again, name


def test_setting_a_status_costs_two_requests_and_then_one(office: GitHub, github: GitHubClient) -> None:
    found = github.find_item("web", ref(1))
    assert found is not None
    office.ledger.clear()
    github.set_status("web", found.item_id, "Done")
    assert len(office.ledger) == 1


def test_importing_the_client_does_not_import_what_only_requests_need() -> None:
    """A tick that sends nothing does not pay for sending."""
    heavy = "('requests', 'urllib3', 'telegram')"
    code = f"import sys, orchestrator.adapters.github.client; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3], check=True)
    assert done.stdout == "[]\n"


def test_making_a_client_touches_neither_disk_nor_network(hub: GitHub, desk: Desk) -> None:
    desk.client().close()
    assert not (desk.folder / "runtime").exists()
    assert len(hub.ledger) == 0
