"""Promises of ids and branch names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.mailbox import ids

OWNERS = st.from_regex(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", fullmatch=True).filter(lambda owner: len(owner) <= 39)
NAMES = st.from_regex(r"[A-Za-z0-9_.-]{1,60}", fullmatch=True).filter(lambda name: name not in (".", ".."))
REPOS = st.builds("{}/{}".format, OWNERS, NAMES)
ISSUES = st.integers(1, 2**31 - 1)


def test_the_id_reads_as_repository_issue_and_run() -> None:
    assert ids.task_id("acme/web", 142, 1) == "acme-web-142-1"
    assert ids.task_id("kai-linux/agent-os", 7, 12) == "kai-linux--agent-os-7-12"


@given(REPOS, ISSUES, st.integers(1, 999))
def test_f34_an_id_is_always_usable_as_an_id(repo: str, issue: int, run: int) -> None:
    assert ids.is_repo(repo)
    assert ids.is_task_id(ids.task_id(repo, issue, run))


TRICKY = st.from_regex(r"[ab.-]{1,4}", fullmatch=True)
TRICKY_REPOS = st.builds(
    "a{}/{}".format, st.sampled_from(["", "-a", "-b", "-a-b"]), TRICKY.filter(lambda name: name not in (".", ".."))
)


@given(TRICKY_REPOS | REPOS, TRICKY_REPOS | REPOS, st.integers(1, 30), st.integers(1, 30), st.integers(1, 3), st.integers(1, 3))
def test_two_issues_never_share_an_id(one: str, other: str, issue: int, other_issue: int, run: int, other_run: int) -> None:
    same = (one.lower(), issue, run) == (other.lower(), other_issue, other_run)
    assert (ids.task_id(one, issue, run) == ids.task_id(other, other_issue, other_run)) == same


def test_repositories_that_would_meet_in_one_slug_are_kept_apart() -> None:
    slugs = {
        ids.repo_slug(repo) for repo in ("a-b/c", "a/b-c", "a/b.c", "a/b_c", "ab/c", "a/bc", "a-/b", "a/-b", "a/" + "b" * 100)
    }
    assert len(slugs) == 9


@given(st.integers(1, 2**31 - 1) | st.none(), st.text(max_size=300), st.integers(1, 40))
def test_f34_a_branch_is_short_ascii_and_never_leads_a_command_astray(issue: int | None, title: str, run: int) -> None:
    name = ids.branch_name(issue, title, ids.task_id("acme/web", issue or 1, run))
    assert name.isascii()
    assert len(name.removeprefix("agent/")) <= 80
    assert ids.is_ref(name)


AWKWARD = ["🚀" * 3000, "a/../b", "-rf .", ".hidden", "x.lock", "a@{1}", "ß Straße", "  ", "HEAD", "~^:?*[\\", "fix" * 1000]


@pytest.mark.parametrize("title", AWKWARD)
def test_f34_git_takes_the_branch_whatever_the_title(title: str) -> None:
    name = ids.branch_name(142, title, "acme-web-142-1")
    assert len(name) <= len("agent/") + 80
    subprocess.run(["git", "check-ref-format", "--branch", name], check=True, capture_output=True)


def test_f34_a_title_of_3000_characters_makes_names_that_disk_and_git_take(tmp_path: Path) -> None:
    title = ("Fix/🚀 ../-rf émigré \N{RIGHT-TO-LEFT OVERRIDE} " * 100)[:3000]
    names = [(ids.task_id("acme/web", issue, 1), ids.branch_name(issue, title, f"acme-web-{issue}-1")) for issue in (1, 12, 123)]
    assert len(set(names)) == 3
    for id, branch in names:
        assert ids.slug(title) == ids.slug(title).strip("-.")
        assert len(branch.partition("/")[2]) <= 80
        (tmp_path / f"{id}.md").touch(exist_ok=False)
        subprocess.run(["git", "check-ref-format", f"refs/heads/{branch}"], check=True)


def test_a_branch_says_what_it_is_about() -> None:
    assert ids.branch_name(142, "Fix login redirect!", "acme-web-142-1") == "agent/142-fix-login-redirect"
    assert ids.branch_name(142, "Fix login redirect!", "acme-web-142-3") == "agent/142-fix-login-redirect-3"
    assert ids.branch_name(142, "修复", "acme-web-142-1") == "agent/142"
    assert ids.branch_name(None, "Mend", "mend-footer") == "agent/mend-footer"


@pytest.mark.parametrize("ref", ["main", "release/1.2", "agent/1-x", "feature/a_b+c", "dependabot/npm/@types/node-1.2", "v1.0"])
def test_ordinary_branches_are_accepted(ref: str) -> None:
    assert ids.is_ref(ref)


@pytest.mark.parametrize(
    "ref", ["", "-x", "a..b", "/a", "a/", "a//b", "a/.b", ".a", "a.lock", "a.lock/b", "a.", "a b", "a~1", "a\n", "a@{b", "@"]
)
def test_what_git_or_a_command_line_would_misread_is_no_branch(ref: str) -> None:
    assert not ids.is_ref(ref)


@given(st.text(st.sampled_from("ab/.-@{}~^:lock \\"), min_size=1, max_size=12))
def test_every_branch_that_we_accept_git_accepts(ref: str) -> None:
    if ids.is_ref(ref):
        subprocess.run(["git", "check-ref-format", "--branch", ref], check=True, capture_output=True)


@pytest.mark.parametrize("repo", ["acme", "/web", "acme/", "a/b/c", "../web", "acme/..", "./x", "a b/c", "acme/web\n", "/srv/x"])
def test_what_is_no_owner_and_name_is_no_repository(repo: str) -> None:
    assert not ids.is_repo(repo)
