"""A person's question on a pull request is answered without a change, and nothing is merged before they are content with that."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.github.state import Issue
from tests.loop.test_feedback import ASKED, answers, on_a_line, proposed, runs, story
from tests.loop.town import REPO, Town

QUESTION = "agent: answers\nWhy not with a loop?"
BRANCH = "agent/1-add-triple"


def answered(here: Town) -> None:
    """Tick until the answer stands there and the monitor has looked at it with CI done."""
    here.until(lambda: bool(answers(here)))
    here.until_in("review")
    here.rest()
    here.github.ci_idle()
    assert here.monitor() == 0


def is_merged(here: Town) -> bool:
    return here.pulls()[0].merged_at is not None


def held(here: Town, issue: Issue) -> list[str]:
    """What was said on the issue about a hold."""
    return [body for body in here.comments(issue) if "<!-- agentos: acme-web-1-1 hold-" in body]


def test_a_question_is_answered_once_without_a_change_and_merged_when_its_thread_is_resolved(here: Town) -> None:
    issue = proposed(here)
    head = here.github.head_of(REPO, BRANCH)
    said = on_a_line(here, QUESTION)
    answered(here)
    here.monitor()
    [answer] = answers(here)
    assert answer.startswith("No change was made for what was asked here")
    assert f"(comment {said.id}): agent: answers Why not with a loop?\n- comment {said.id}: it is so on purpose" in answer
    assert here.github.head_of(REPO, BRANCH) == head
    assert not is_merged(here)
    [hold] = held(here, issue)
    assert f"alice on web/numbers.py:3 (comment {said.id})" in hold
    assert here.messages().count("answered without a change") == 1
    assert "STOP answers are settled: an agent answered without a change" in here.agentos("why", f"{REPO}#2")
    here.github.resolve_thread(said)
    here.until_merged(issue)
    assert [one[:2] for one in runs(here)] == [(1, 1), (2, 1)]
    assert len(answers(here)) == 1


def test_what_waits_for_a_person_costs_no_request_and_is_in_the_file_and_not_lost_with_the_state(here: Town) -> None:
    proposed(here)
    said = on_a_line(here, QUESTION)
    answered(here)
    here.monitor()
    before = len(here.github.ledger.counted())
    here.monitor()
    assert len(here.github.ledger.counted()) - before <= 3
    for name in ("said", "reviewing", "shown", "ignored"):
        for path in (here.office.runtime / "state" / name).rglob("*"):
            path.unlink()
    here.monitor()
    here.monitor()
    assert not is_merged(here)
    assert len(answers(here)) == 1
    told = story(here, "review")
    assert f"answered_asks: [comment {said.id}]" in told or f"answered_asks:\n- comment {said.id}" in told
    assert "review_asks:" not in told


def test_an_approval_from_before_the_answer_does_not_settle_it_and_one_after_it_does(here: Town) -> None:
    issue = proposed(here)
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    here.next_second()
    here.github.submit_review(REPO, 2, "alice", "COMMENTED", QUESTION)
    answered(here)
    assert not is_merged(here)
    assert "alice on the whole (review " in held(here, issue)[0]
    here.next_second()
    here.github.submit_review(REPO, 2, "alice", "APPROVED")
    here.until_merged(issue)


def test_asking_anew_in_the_thread_leads_to_another_round_whose_change_is_merged(here: Town) -> None:
    issue = proposed(here)
    first = on_a_line(here, QUESTION)
    answered(here)
    here.next_second()
    here.github.reply(REPO, 2, first, "alice", f"first agent: complete\nThen tell of it: {ASKED}")
    here.until_merged(issue)
    assert "triple is new" in here.main("README.md")
    assert [body.split()[0] for body in answers(here)] == ["No", "Commit"]
    assert "answered_asks" not in story(here, "done")


def test_a_round_about_something_else_does_not_settle_what_was_answered(here: Town) -> None:
    issue = proposed(here)
    first = on_a_line(here, QUESTION)
    answered(here)
    here.next_second()
    here.github.submit_review(REPO, 2, "alice", "COMMENTED", comments=[("web/numbers.py", 1, f"agent: complete\n{ASKED}")])
    here.until(lambda: len(answers(here)) == 2)
    here.until_in("review")
    here.rest()
    here.github.ci_idle()
    here.monitor()
    assert "triple is new" in here.github.file_at(REPO, BRANCH, "README.md")
    assert not is_merged(here)
    here.github.resolve_thread(first)
    here.until_merged(issue)


def test_a_base_that_moved_meanwhile_is_not_taken_for_tested(here: Town) -> None:
    issue = proposed(here)
    said = on_a_line(here, QUESTION)
    flag = here.pause()
    here.until(lambda: bool(here.office.letters("inbox")))
    here.github.push_commit(REPO, "main", {"hers.md": "hers\n"}, author="alice")
    head = here.github.head_of(REPO, BRANCH)
    flag.unlink()
    answered(here)
    assert here.github.head_of(REPO, BRANCH) == head
    assert len(answers(here)) == 1
    here.github.resolve_thread(said)
    here.until_merged(issue)
    assert here.github.file_at(REPO, "main", "hers.md") == "hers\n"
    assert "rebases: 1\n" in story(here, "done")


def test_work_that_an_attempt_before_it_left_is_no_answer_to_go_with(settle: Callable[..., Town]) -> None:
    here = settle(max_attempts=2)
    proposed(here)
    on_a_line(here, f"first agent: no_result\nsecond agent: answers\n{ASKED}")
    here.until_in("escalated")
    assert "no_diff_produced" in story(here, "escalated")


def test_answers_without_a_change_are_bounded_as_rounds_are(settle: Callable[..., Town]) -> None:
    here = settle(merge={"max_review_rounds": 1})
    proposed(here)
    first = on_a_line(here, QUESTION)
    answered(here)
    here.github.reply(REPO, 2, first, "alice", "And why is that?")
    here.until(lambda: "max_review_rounds" in here.messages())
    assert len(answers(here)) == 1
    assert len(runs(here)) == 2
    assert not is_merged(here)


def test_a_rejection_that_was_answered_without_a_change_is_settled_when_it_is_dismissed(here: Town) -> None:
    issue = proposed(here)
    review = here.github.submit_review(REPO, 2, "alice", "CHANGES_REQUESTED", QUESTION)
    answered(here)
    assert not is_merged(here)
    here.github.dismiss_review(REPO, 2, review, actor="alice")
    here.until_merged(issue)
