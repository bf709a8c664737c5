"""Which pull requests that are not ours are reviewed: each filter, each mode, each bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.config.schema import RepoSettings
from orchestrator.model.github import Branch, Check, CheckState, Comment, PullCommit, PullView
from orchestrator.model.result import Opinion
from orchestrator.model.task import Folder
from orchestrator.rules import others
from orchestrator.rules.colours import colours
from orchestrator.rules.semver import Step
from orchestrator.rules.strangers import Closer, Nothing, Other, Review, Reviewed, Wait
from tests import make

OLD = "d" * 40


def settings(mode: str = "on_ready", **more: Any) -> RepoSettings:
    dependabot = more.pop("dependabot", {})
    return make.settings(review={"external_prs": {"mode": mode, **more}}, dependabot=dependabot)


def view(**changes: Any) -> PullView:
    """alice's green pull request from a branch of the repository."""
    of_pull = {name: changes.pop(name) for name in list(changes) if name in make.pull().__dataclass_fields__}
    pull = make.pull(**{"author": "alice", "head_branch": "feature", **of_pull})
    return replace(PullView(pull=pull, updated_at=make.NOON, checks=(make.check(),)), **changes)


def other(settings_: RepoSettings | None = None, **changes: Any) -> Other:
    of_view = {name: changes.pop(name) for name in list(changes) if name not in Other.__dataclass_fields__}
    usual = Other(view=view(**of_view), settings=settings_ or settings(), us="agent-bot", now=make.at(5))
    return replace(usual, **changes)


def reviewed(folder: Folder = Folder.DONE, **changes: Any) -> Reviewed:
    usual = Reviewed(task_id="acme-web-7-1", head=make.HEAD, folder=folder, verdict=Opinion.APPROVE)
    return replace(usual, **changes)


ASKED = Comment(id=5, author="alice", body="/agentos review", created_at=make.NOON)
BOT = {"author": "dependabot[bot]", "is_by_bot": True}


@pytest.mark.parametrize(
    ("one", "is_reviewed"),
    [
        (other(), True),
        (other(settings("auto")), True),
        (other(settings("off")), False),
        (other(settings("on_request")), False),
        (other(settings("on_request"), requests=(ASKED,)), True),
        (other(is_draft=True), False),
        (other(settings(exclude_drafts=False), is_draft=True), True),
        (other(is_by_bot=True), False),
        (other(settings(exclude_bots=False), is_by_bot=True), True),
        (other(settings(author_filter=["Alice"])), True),
        (other(settings(author_filter=["bob"])), False),
        (other(settings(author_filter=[])), False),
        (other(settings(label_filter=["a", "b"]), labels=("A",)), False),
        (other(settings(label_filter=["a", "b"]), labels=("A", "b", "c")), True),
        (other(labels=("Hold",)), False),
        (other(head_repo="mallory/web", author="mallory"), True),
        (other(head_repo=None, author="ghost"), True),
        (other(settings("off", dependabot={"auto_review": True}), **BOT), True),
        (other(settings("off", dependabot={"auto_review": True}), author="dependabot[bot]"), False),
        (other(settings("off", dependabot={"auto_review": True}), head_repo="mallory/web", **BOT), False),
        (other(settings("off", dependabot={"auto_review": True, "bot_usernames": ["renovate"]}), **BOT), False),
    ],
)
def test_a_filter_or_a_mode_says_which_are_reviewed(one: Other, is_reviewed: bool) -> None:
    word = others.reviewing(one)
    assert isinstance(word, Review) is is_reviewed, word
    assert word.reason


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ((reviewed(),), Nothing),
        ((reviewed(Folder.BLOCKED, verdict=None),), Nothing),
        ((reviewed(Folder.INBOX),), Wait),
        ((reviewed(Folder.PROCESSING),), Wait),
        ((reviewed(Folder.PROCESSING, head=OLD),), Wait),
        ((reviewed(head=OLD),), Review),
        ((reviewed(Folder.BLOCKED, head=OLD),), Review),
        ((reviewed(is_superseded=True),), Review),
        ((reviewed(is_superseded=True), reviewed()), Nothing),
    ],
)
def test_each_commit_is_reviewed_once(before: tuple[Reviewed, ...], kind: type) -> None:
    assert isinstance(others.reviewing(other(reviewed=before)), kind)


def test_so_many_reviews_a_day_and_not_one_more() -> None:
    assert isinstance(others.reviewing(other(settings(max_per_day=3), made_today=2)), Review)
    assert isinstance(others.reviewing(other(settings(max_per_day=3), made_today=3)), Wait)


def test_the_comment_that_asked_is_named() -> None:
    word = others.reviewing(other(settings("on_request"), requests=(ASKED,)))
    assert word == Review("alice asked for it", ASKED)


@pytest.mark.parametrize(
    ("authors", "clean_merges", "is_alone"),
    [
        (("dependabot[bot]",), 0, True),
        (("dependabot", "Dependabot[bot]"), 0, True),
        (("dependabot[bot]", "alice"), 0, False),
        (("dependabot[bot]", "dependabot[bot] (unsigned)"), 1, False),
        (("dependabot[bot]", "alice"), 1, False),
        (("dependabot[bot]", ""), 1, False),
        (("dependabot[bot]", "agent-bot"), 1, True),
        (("dependabot[bot]", "agent-bot"), 0, False),
        (("dependabot[bot]", "agent-bot", "agent-bot"), 1, False),
    ],
)
def test_f42_a_commit_by_anybody_else_takes_it_out_of_the_policy(
    authors: tuple[str, ...], clean_merges: int, is_alone: bool
) -> None:
    seen = Closer(authors=authors, clean_merges=clean_merges, step=Step.PATCH)
    one = other(settings("off", dependabot={"auto_review": True}), closer=seen, **BOT)
    assert isinstance(others.reviewing(one), Review) is is_alone


@pytest.mark.parametrize(
    ("author", "committer", "is_verified", "who"),
    [
        ("dependabot[bot]", "web-flow", True, "dependabot[bot]"),
        ("renovate[bot]", "renovate[bot]", True, "renovate[bot]"),
        ("dependabot[bot]", "dependabot[bot]", False, "dependabot[bot] (unsigned)"),
        ("dependabot[bot]", "web-flow", False, "dependabot[bot] (unsigned)"),
        ("dependabot[bot]", "alice", True, "alice"),
        ("dependabot[bot]", "alice", False, "alice (unsigned)"),
        ("dependabot[bot]", "", True, ""),
        ("", "web-flow", True, ""),
    ],
)
def test_f42_a_commit_is_whose_github_has_verified_it_to_be(author: str, committer: str, is_verified: bool, who: str) -> None:
    commit = PullCommit(sha=make.HEAD, author=author, committer=committer, is_verified=is_verified)
    assert others.maker(commit) == who


@pytest.mark.parametrize(
    ("text", "is_asking"),
    [
        ("/agentos review", True),
        ("  /AgentOS   Review please", True),
        ("/agentos reviewer", False),
        ("please /agentos review", False),
        ("> /agentos review", False),
        ("", False),
    ],
)
def test_a_request_is_the_beginning_of_a_comment(text: str, is_asking: bool) -> None:
    assert others.is_asking(text) is is_asking


AUTO = settings("auto", auto_approve=True)
RED = Check(name="tests", state=CheckState.FAILURE)


@pytest.mark.parametrize(
    ("one", "verdict", "is_approved"),
    [
        (other(AUTO), Opinion.APPROVE, True),
        (other(AUTO), Opinion.COMMENT, False),
        (other(AUTO), Opinion.REQUEST_CHANGES, False),
        (other(AUTO), None, False),
        (other(settings("auto")), Opinion.APPROVE, False),
        (other(settings("on_ready", auto_approve=True)), Opinion.APPROVE, False),
        (other(AUTO, author="Agent-Bot"), Opinion.APPROVE, False),
        (other(AUTO, is_draft=True), Opinion.APPROVE, False),
        (other(AUTO, labels=("hold",)), Opinion.APPROVE, False),
        (other(AUTO, is_by_bot=True), Opinion.APPROVE, False),
        (other(AUTO, checks=()), Opinion.APPROVE, False),
        (other(AUTO, checks=(RED,)), Opinion.APPROVE, False),
        (other(AUTO, base=Branch(name="main", sha=make.BASE, required_checks=("tests", "lint"))), Opinion.APPROVE, False),
        (other(AUTO, base=Branch(name="main", sha=make.BASE, required_checks=("tests",))), Opinion.APPROVE, True),
    ],
)
def test_an_approval_is_asked_for_deserved_and_green(one: Other, verdict: Opinion | None, is_approved: bool) -> None:
    assert others.may_be_approved(one, verdict) is is_approved


@pytest.mark.parametrize(
    ("states", "required", "is_green"),
    [
        ({}, (), False),
        ({}, ("a",), False),
        ({"a": "success"}, (), True),
        ({"a": "success", "b": "skipped"}, (), True),
        ({"a": "skipped"}, (), False),
        ({"a": "neutral"}, ("a",), False),
        ({"a": "success"}, ("a", "b"), False),
        ({"a": "success", "b": "failure"}, ("a",), True),
        ({"a": "success", "b": "failure"}, (), False),
        ({"a": "success", "b": "pending"}, (), False),
        ({"a": "pending"}, ("a",), False),
    ],
)
def test_f27_green_is_what_succeeded_and_nothing_else(states: dict[str, str], required: tuple[str, ...], is_green: bool) -> None:
    checks = [Check(name=name, state=CheckState(state)) for name, state in states.items()]
    assert colours(checks, required).is_green is is_green
