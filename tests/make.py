"""Builders for tests: each value with everything in order, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from orchestrator.config.schema import Project, RepoEntry, RepoSettings
from orchestrator.model.agent import AgentRun, RunEnd
from orchestrator.model.approval import Approved, text_hash
from orchestrator.model.github import (
    Act,
    BoardItem,
    Branch,
    Check,
    CheckState,
    Comment,
    Issue,
    IssueHistory,
    IssueRef,
    Permission,
    PullRequest,
)
from orchestrator.model.result import AgentResult, Status
from orchestrator.model.task import Stage, Task, Trust
from orchestrator.rules.dependencies import Dependencies
from orchestrator.rules.dispatch import Ready
from orchestrator.rules.resting import Observed
from orchestrator.rules.seen import Seen
from orchestrator.safety.trust import People

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REPO = "acme/web"
HEAD, BASE, OTHER = "a" * 40, "b" * 40, "c" * 40


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def task(**changes: Any) -> Task:
    """A task in review: pushed, proposed, nothing wrong with it."""
    usual = Task(
        id="acme-web-142-1",
        repo=REPO,
        title="Fix login redirect",
        created_at=NOON,
        issue=142,
        branch="agent/142-fix-login-redirect",
        base_branch="main",
        attempt=1,
        agents_tried=("codex",),
        trust=Trust.MAINTAINER,
        base_sha=BASE,
        head_sha=HEAD,
        pull_request=7,
        board_item=99,
        stage=Stage.FILED,
        goal="Fix the redirect.",
    )
    return replace(usual, **changes)


def pull(**changes: Any) -> PullRequest:
    """The open pull request of that task."""
    usual = PullRequest(
        repo=REPO,
        number=7,
        title="Fix login redirect",
        author="agent-bot",
        is_open=True,
        is_draft=False,
        is_merged=False,
        head_branch="agent/142-fix-login-redirect",
        head_sha=HEAD,
        head_repo=REPO,
        base_branch="main",
        mergeable=True,
    )
    return replace(usual, **changes)


def check(name: str = "tests", state: CheckState = CheckState.SUCCESS) -> Check:
    """A check on the head."""
    return Check(name=name, state=state)


def settings(**changes: Any) -> RepoSettings:
    """A repository's settings, the defaults but for what is named; groups are given as mappings."""
    return msgspec.convert(changes, RepoSettings)


def seen(**changes: Any) -> Seen:
    """A pull request that can be merged now."""
    usual = Seen(
        task=task(),
        pull=pull(),
        base=Branch(name="main", sha=BASE, required_checks=("tests",)),
        checks=(check(),),
        us="agent-bot",
        settings=settings(),
        since=NOON,
        now=at(5),
    )
    return replace(usual, **changes)


def history(**changes: Any) -> IssueHistory:
    """An issue written by alice and never edited; `issue` may be a mapping of changes to it."""
    issue = Issue(ref=IssueRef(REPO, 142), title="Fix login redirect", body="It loops.", is_open=True, author="alice", labels=())
    if isinstance(changes.get("issue"), dict):
        changes["issue"] = replace(issue, **changes["issue"])
    usual = IssueHistory(issue=issue, body_editor=None, body_edited_at=None, created_at=NOON)
    return replace(usual, **changes)


def label_act(actor: str, minutes: float) -> Act:
    """The ready label, set by somebody."""
    return Act(kind="labeled", actor=actor, at=at(minutes), text="ready")


def comment(author: str, body: str, minutes: float, edited_by: str | None = None) -> Comment:
    """A comment on the issue."""
    return Comment(id=1, author=author, body=body, created_at=at(minutes), edited_by=edited_by)


def people(**permissions: Permission) -> People:
    """alice writes here; others as given."""
    return People({"alice": Permission.WRITE, **permissions}, frozenset())


def project() -> Project:
    """A project with one repository and the usual board."""
    return Project(repos=[RepoEntry(github_repo=REPO)], project_number=1)


def ready(**changes: Any) -> Ready:
    """A new issue by alice whose card says Ready."""
    usual = Ready(
        history=history(),
        item=BoardItem(project="web", item_id=99, ref=IssueRef(REPO, 142), status="Ready"),
        standing=Approved(by="alice", at=NOON, trust=Trust.MAINTAINER),
        live=None,
        last_created=None,
        task_id="acme-web-142-1",
        branch="agent/142-fix-login-redirect",
        dependencies=Dependencies(),
        project=project(),
        settings=settings(),
        agents=("codex", "claude"),
        now=at(1),
    )
    return replace(usual, **changes)


def result(**changes: Any) -> AgentResult:
    """An honest complete result."""
    return replace(AgentResult(status=Status.COMPLETE, summary="Fixed it."), **changes)


def observed(**changes: Any) -> Observed:
    """An attempt that ended well."""
    usual = Observed(
        task_type=task().task_type,
        run=AgentRun(end=RunEnd.EXITED, exit_code=0, seconds=1.0),
        result=result(),
        has_change=True,
        refusals=(),
        attempt=1,
        max_attempts=4,
        others_left=True,
    )
    return replace(usual, **changes)


def hash_of(one: IssueHistory) -> str:
    """The fingerprint of the issue's text."""
    return text_hash(one.issue.title, one.issue.body)
