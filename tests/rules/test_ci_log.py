"""What a job's log says of its failure: the steps that failed, their errors, their ends."""

from __future__ import annotations

from orchestrator.rules.ci_log import Step, failing, told

LOG = """\ufeff2026-11-21T12:00:00.0000000Z ##[group]Operating System
2026-11-21T12:00:00.0000001Z Ubuntu
2026-11-21T12:00:00.0000002Z ##[endgroup]
2026-11-21T12:00:01.0000000Z ##[group]Run npm ci
2026-11-21T12:00:01.0000001Z npm ci
2026-11-21T12:00:01.0000002Z ##[endgroup]
2026-11-21T12:00:02.0000000Z added 100 packages
2026-11-21T12:00:03.0000000Z ##[group]Run npm test
2026-11-21T12:00:03.0000001Z ##[endgroup]
2026-11-21T12:00:04.0000000Z ##[group]login.test.js
2026-11-21T12:00:04.0000001Z expected 200, got 302
2026-11-21T12:00:04.0000002Z ##[endgroup]
2026-11-21T12:00:04.0000003Z ##[error]Process completed with exit code 1.
2026-11-21T12:00:05.0000000Z Post job cleanup.
2026-11-21T12:00:05.0000001Z Cleaning up everything
"""


def test_only_the_step_that_failed_is_shown_without_times_and_folds() -> None:
    assert told(failing(LOG), 4000, 100).split("\n") == [
        "Step: npm test",
        "login.test.js",
        "expected 200, got 302",
        "error: Process completed with exit code 1.",
    ]


def test_a_log_that_names_no_failed_step_is_shown_whole_from_its_end() -> None:
    (whole,) = failing("one\n##[group]Run make\ntwo\nthree\n")
    assert told((whole,), 4000, 100) == "one\nRun make\ntwo\nthree"
    assert failing("\n\n") == ()


def test_errors_that_the_end_does_not_show_stand_before_it() -> None:
    step = Step("lint", ("##[error]a.py:1 unused", *(f"line {number}" for number in range(1000))))
    shown = told((step,), 300, 50)
    assert shown.startswith("Step: lint\nerror: a.py:1 unused\n[… earlier lines left out …]\n")
    assert shown.endswith("line 998\nline 999")
    assert len(shown) < 360


def test_many_errors_leave_room_for_the_end() -> None:
    step = Step("lint", (*(f"##[error]{number} {'x' * 400}" for number in range(50)), "the end"))
    shown = told((step,), 1000, 50)
    assert shown.endswith("the end")
    assert 0 < shown.count("error: ") < 8


def test_a_log_of_one_endless_line_is_cut_at_its_beginning() -> None:
    shown = told((Step("", ("x" * 10_000 + "END",)),), 100, 5)
    assert shown.endswith("xEND")
    assert len(shown) < 150


def test_steps_that_failed_share_the_room() -> None:
    log = "".join(f"##[group]Run step {number}\n{'word ' * 500}\n##[error]{number}\n" for number in range(9))
    shown = told(failing(log), 900, 60)
    assert [f"Step: step {number}" in shown for number in range(9)] == [True] * 3 + [False] * 6
    assert len(shown) < 1300
