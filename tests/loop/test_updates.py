"""Updates of dependencies that a bot proposes: merged only by the policy, on the tested tip; a breaking one becomes an issue."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from sandbox.github import Fault
from sandbox.github.state import Issue
from tests.loop.foreign import nothing_was_written, proposed, reviewing, reviews, settled
from tests.loop.town import CI, REPO, Town

UPDATES: Mapping[str, bool] = {"auto_merge_patch": True, "auto_merge_minor": True, "auto_migrate_breaking": True}


def update(here: Town, new: str, size: str, package: str = "left-pad") -> Issue:
    """A pull request as Dependabot opens it."""
    files = {"requirements.txt": f"{package}=={new}\n"}
    return here.github.dependabot(REPO, package, "1.2.0", new, files, update=size)  # type: ignore[arg-type]  # one of the three words


def is_merged(here: Town, pull: Issue) -> bool:
    return here.github.pull(REPO, pull.number).merged_at is not None


def test_a_patch_update_is_merged_when_its_checks_are_green(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    pull = update(here, "1.2.1", "patch")
    here.until(lambda: is_merged(here, pull))
    here.until(lambda: "Merged acme/web#1" in here.messages())
    assert reviews(here, pull) == []
    assert here.main("requirements.txt") == "left-pad==1.2.1\n"


def test_a_minor_update_is_merged_after_our_own_review_of_that_commit(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    pull = update(here, "1.3.0", "minor")
    here.until(lambda: is_merged(here, pull))
    (said,) = reviews(here, pull)
    assert "nothing has to change" in said.body


def test_a_minor_update_in_which_the_review_finds_something_is_yours(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    files = {"requirements.txt": "left-pad==1.3.0  # finding: it phones home\n"}
    pull = here.github.dependabot(REPO, "left-pad", "1.2.0", "1.3.0", files, update="minor")
    here.until(lambda: bool(reviews(here, pull)))
    settled(here)
    assert not is_merged(here, pull)


@pytest.mark.parametrize("size", ["minor", "major"])
def test_s19_a_breaking_update_files_one_issue_ever_and_is_never_merged(settle: Callable[..., Town], size: str) -> None:
    here = settle(dependabot=UPDATES)
    pull = update(here, "2.0.0", size)  # what its versions say counts, whatever the bot calls it
    here.until(lambda: len(here.github.repo(REPO).issues) == 2)
    issue = here.github.issue(REPO, 2)
    assert (issue.title, issue.author.login, issue.labels) == ("Migration: Bump left-pad from 1.2.0 to 2.0.0", "agent-bot", [])
    here.github.close_issue(REPO, 2, actor="alice")
    here.github.close_issue(REPO, pull.number, actor="dependabot[bot]")
    for note in (here.office.runtime / "state" / "reviewing").glob("others*"):
        note.unlink()
    second = update(here, "2.0.1", size)
    settled(here)
    assert not is_merged(here, pull)
    assert not is_merged(here, second)
    assert [one for one in here.github.repo(REPO).issues.values() if one.title.startswith("Migration")] == [issue]
    assert not any(here.shelves().values())


def test_f42_a_person_s_commit_on_the_bot_s_branch_leaves_it_to_people(settle: Callable[..., Town]) -> None:
    here = settle(dependabot={**UPDATES, "auto_review": True})
    here.github.ci_enabled = False
    pull = update(here, "1.2.1", "patch")
    here.github.ci_enabled = True
    branch = here.github.pull(REPO, pull.number).head_ref
    here.github.push_commit(REPO, branch, {"web/extra.py": "x = 1\n"}, author="mallory")
    settled(here)
    assert not is_merged(here, pull)
    assert reviews(here, pull) == []
    nothing_was_written(here)
    here.github.ledger.clear()
    here.office.tick("pr_monitor")
    assert here.github.ledger.of("pulls/list-commits") == [], "what was seen of a head is remembered"


def test_f42_a_bot_s_commit_that_a_person_made_anew_is_that_person_s(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    here.github.ci_enabled = False
    pull = update(here, "1.2.1", "patch")
    here.github.ci_enabled = True
    here.github.amend(REPO, here.github.pull(REPO, pull.number).head_ref, {"web/extra.py": "x = 1\n"}, actor="alice")
    settled(here)
    assert not is_merged(here, pull)
    assert "a commit on its branch is by alice (unsigned), not by dependabot[bot]" in here.agentos("why", str(pull.number))


def test_f42_a_commit_that_only_says_it_is_the_bot_s_is_not(settle: Callable[..., Town]) -> None:
    """Whoever may push can write any address into a commit; without GitHub's own signature its author is a claim."""
    here = settle(dependabot=UPDATES)
    here.github.ci_enabled = False
    pull = update(here, "1.2.1", "patch")
    here.github.ci_enabled = True
    branch = here.github.pull(REPO, pull.number).head_ref
    here.github.push_commit(
        REPO, branch, {"web/extra.py": "x = 1\n"}, author="dependabot[bot]", message="Bump a from 1.0.0 to 1.0.1"
    )
    settled(here)
    assert not is_merged(here, pull)
    assert "dependabot[bot] (unsigned)" in here.agentos("why", str(pull.number))


def test_f42_a_list_of_commits_that_is_older_than_the_head_is_not_believed(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    here.github.ci_enabled = False
    pull = update(here, "1.2.1", "patch")
    here.github.ci_enabled = True
    here.github.keep_history()
    here.github.faults.add(Fault("pulls/list-commits", "stale", seconds=3600))
    here.github.push_commit(REPO, here.github.pull(REPO, pull.number).head_ref, {"web/extra.py": "x = 1\n"}, author="mallory")
    settled(here)
    assert here.github.faults.waiting() == []
    assert not is_merged(here, pull)


def test_updates_are_merged_one_after_the_other_each_tested_on_the_tip(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    first = update(here, "1.2.1", "patch")
    files = {"other.txt": "right-pad==1.2.1\n"}
    second = here.github.dependabot(REPO, "right-pad", "1.2.0", "1.2.1", files)
    here.until(lambda: is_merged(here, first) and is_merged(here, second))
    assert len(here.github.ledger.of("pulls/update-branch")) == 1
    assert here.main("other.txt") == "right-pad==1.2.1\n"


def test_an_update_is_brought_up_to_date_before_it_is_reviewed_and_not_reviewed_twice(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    pull = update(here, "1.3.0", "minor")
    here.github.push_commit(REPO, "main", {"by-hand.md": "mine"}, author="alice")
    here.until(lambda: is_merged(here, pull))
    assert len(here.github.ledger.of("pulls/update-branch")) == 1
    assert len(reviews(here, pull)) == 1


def test_an_update_whose_merge_was_answered_to_nobody_is_finished_in_the_next_tick(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    here.github.faults.add(Fault("pulls/merge", "drop_after"))
    here.github.faults.add(Fault("pulls/get", "error_before", status=502, times=3))
    pull = update(here, "1.2.1", "patch")
    here.until(lambda: is_merged(here, pull))
    here.until(lambda: "Merged acme/web#1" in here.messages())
    assert not list((here.office.runtime / "state" / "reviewing").glob("others*"))


def test_merges_stop_when_main_moves_in_the_instant_of_an_update_s_merge(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    moved: list[str] = []

    def push_to_main(operation: str, number: int) -> None:
        if operation == "pulls/merge" and not moved:
            moved.append(here.github.push_commit(REPO, "main", {"by-hand.md": "mine"}, author="alice"))

    here.github.between(push_to_main)
    pull = update(here, "1.2.1", "patch")
    here.until(lambda: is_merged(here, pull))
    here.until(lambda: "was not tested as it is" in here.messages())
    assert (here.office.runtime / "state" / "paused.merges.acme-web").exists()


def test_an_update_whose_base_moved_in_the_instant_of_its_merge_is_not_given_up(settle: Callable[..., Town]) -> None:
    """GitHub answers 405 "Base branch was modified" then, as for a rule of its own (https://github.com/cli/cli/pull/12748)."""
    here = settle(dependabot=UPDATES)
    moved: list[str] = []

    def push_to_main(operation: str, number: int) -> None:
        if operation == "pulls/merge" and not moved:
            moved.append(here.github.push_commit(REPO, "main", {"by-hand.md": "mine"}, author="alice"))
            here.github.faults.add(Fault("pulls/merge", "error_before", status=405))

    here.github.between(push_to_main)
    pull = update(here, "1.2.1", "patch")
    here.until(lambda: is_merged(here, pull))
    assert len(here.github.ledger.of("pulls/update-branch")) == 1
    assert "GitHub does not merge" not in here.messages()


def test_ours_go_first_and_the_update_follows_on_the_tip(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES)
    here.github.ci_enabled = False
    issue = here.file("Add triple", "function web/numbers.py: triple(x) returns 3 * x")
    here.until_proposed()
    here.github.ci_enabled = True
    pull = update(here, "1.2.1", "patch")
    settled(here)
    assert not is_merged(here, pull), "one of ours waits for its checks"
    here.github.report_check(REPO, "agent/1-add-triple", "tests", "success")
    here.until_merged(issue)
    here.until(lambda: is_merged(here, pull))
    assert len(here.github.ledger.of("pulls/update-branch")) == 1


def test_without_any_check_or_with_the_label_hold_no_update_is_merged(settle: Callable[..., Town]) -> None:
    here = settle(dependabot=UPDATES, protect=False, merge={"no_ci": "merge", "no_ci_after_minutes": 1})
    here.github.push_commit(REPO, "main", {".github/workflows/ci.yml": None})
    bare = update(here, "1.2.1", "patch")
    settled(here)
    assert not is_merged(here, bare)
    here.github.push_commit(REPO, "main", {".github/workflows/ci.yml": CI})
    held = here.github.dependabot(REPO, "right-pad", "1.2.0", "1.2.1", {"other.txt": "x\n"})
    here.github.add_label(REPO, held.number, "hold")
    settled(here)
    assert not is_merged(here, held)


def test_s29_what_github_refuses_in_every_tick_is_told_once(settle: Callable[..., Town]) -> None:
    """A repository without issues answers 410."""
    here = settle(dependabot=UPDATES)
    here.github.faults.add(Fault("issues/create", "error_before", status=410, times=99))
    update(here, "2.0.0", "major")
    for _ in range(5):
        here.monitor()
    assert here.messages().count("inoperative for acme/web#1") == 1
    here.github.faults.clear()
    here.until(lambda: len(here.github.repo(REPO).issues) == 2)


# -- idle


def test_what_is_done_with_costs_no_further_request_and_no_write(settle: Callable[..., Town]) -> None:
    here = settle(**reviewing("on_request"), dependabot={"auto_migrate_breaking": True})
    pull = proposed(here)
    here.github.comment(REPO, pull.number, "/agentos review", author="mallory")
    update(here, "2.0.0", "major")
    settled(here)
    here.github.ledger.clear()
    events = {path: path.read_bytes() for path in (here.office.runtime / "events").glob("*")}
    here.office.tick("pr_monitor")
    asked = [one.operation_id for one in here.github.ledger.counted()]
    assert asked.count("graphql") == 1
    assert len(asked) <= 2, asked
    assert {path: path.read_bytes() for path in (here.office.runtime / "events").glob("*")} == events
