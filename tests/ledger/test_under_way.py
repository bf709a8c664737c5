"""A run under way counts with what it will take, until its record is there or its worker is gone."""

from __future__ import annotations

from pathlib import Path

from orchestrator.ledger import under_way
from orchestrator.ledger.under_way import UnderWay
from orchestrator.system import locks
from tests.ledger.make import run

BEGUN = UnderWay(task="acme-web-142-1", repo="acme/web", agent="codex", attempt=0, run=1, usd=2.0)


def lock(runtime: Path, task: str = BEGUN.task) -> locks.Held:
    held = locks.take(runtime / "locks" / f"task-{task}.lock")
    assert held is not None
    return held


def test_f18_a_run_counts_while_its_task_is_held_and_no_record_of_it_is_there(tmp_path: Path) -> None:
    under_way.note(tmp_path, BEGUN)
    with lock(tmp_path):
        assert under_way.look(tmp_path, [run(task="acme-web-9-1")]) == (BEGUN,)
        assert under_way.look(tmp_path, [run(attempt=1)]) == ()


def test_a_record_of_the_run_before_it_does_not_end_a_repair(tmp_path: Path) -> None:
    repair = UnderWay(task=BEGUN.task, repo=BEGUN.repo, agent="codex", attempt=1, run=1, usd=2.0)
    under_way.note(tmp_path, repair)
    with lock(tmp_path):
        assert under_way.look(tmp_path, [run(attempt=1, run=1)]) == (repair,)
        assert under_way.look(tmp_path, [run(attempt=1, run=1), run(attempt=1, run=2)]) == ()


def test_what_a_killed_worker_put_aside_counts_no_more(tmp_path: Path) -> None:
    under_way.note(tmp_path, BEGUN)
    lock(tmp_path).release()
    assert under_way.look(tmp_path, []) == ()


def test_a_spoiled_note_counts_for_nothing_and_is_swept(tmp_path: Path) -> None:
    under_way.note(tmp_path, BEGUN)
    (tmp_path / under_way.FOLDER / "torn.json").write_text("{")
    with lock(tmp_path):
        alive = under_way.look(tmp_path, [])
        under_way.sweep(tmp_path, alive)
    assert [path.name for path in (tmp_path / under_way.FOLDER).iterdir()] == [f"{BEGUN.task}.json"]
