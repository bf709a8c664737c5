from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.github.allowance import Allowance, limits
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.ports import Unavailable
from sandbox.github import GitHub
from tests.adapters.github.desk import Desk, Watch, ref

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def bucket(folder: Path, per_minute: int = 60, per_hour: int = 400) -> tuple[Allowance, Watch]:
    watch = Watch(NOW)
    return Allowance(folder / "github.writes", watch, limits(per_minute, per_hour)), watch


def spent(allowance: Allowance, times: int) -> int:
    """How many of so many writes are let through."""
    through = 0
    for _ in range(times):
        try:
            allowance.spend()
        except Unavailable:
            continue
        through += 1
    return through


def refusal(allowance: Allowance) -> str:
    with pytest.raises(Unavailable) as told:
        allowance.spend()
    return str(told.value)


def test_p7_sixty_writes_a_minute_and_four_hundred_an_hour_are_let_through(tmp_path: Path) -> None:
    allowance, watch = bucket(tmp_path)
    minutes = []
    for _ in range(61):
        minutes.append(spent(allowance, 100))
        watch.wait(60)
    assert minutes == [60] * 6 + [40] + [0] * 53 + [60]


@pytest.mark.parametrize(
    ("per_minute", "per_hour", "waited", "setting", "time"),
    [
        (2, 400, 10, "max_writes_per_minute", "09:01:01"),
        (2, 2, 10, "max_writes_per_minute", "09:01:01"),
        (0, 2, 10, "max_writes_per_hour", "10:00:01"),
        (60, 2, 100, "max_writes_per_hour", "10:00:01"),
    ],
)
def test_p7_the_refusal_tells_when_it_goes_on_and_where_it_is_set(
    per_minute: int, per_hour: int, waited: float, setting: str, time: str, tmp_path: Path
) -> None:
    allowance, watch = bucket(tmp_path, per_minute, per_hour)
    assert spent(allowance, 2) == 2
    watch.wait(waited)
    told = refusal(allowance)
    assert f"(github.{setting})" in told
    assert f"2026-11-21T{time}Z" in told


def test_at_the_time_that_was_told_the_write_is_made(tmp_path: Path) -> None:
    allowance, watch = bucket(tmp_path, per_minute=1)
    allowance.spend()
    watch.wait(59.9)
    refusal(allowance)
    watch.wait(0.1)
    allowance.spend()


def test_no_limit_keeps_no_file(tmp_path: Path) -> None:
    allowance, _ = bucket(tmp_path, 0, 0)
    assert spent(allowance, 500) == 500
    assert not list(tmp_path.iterdir())


@given(st.lists(st.floats(0.0, 400.0), max_size=150))
def test_p7_no_window_of_any_place_holds_more_than_its_limit(
    tmp_path_factory: pytest.TempPathFactory, waits: list[float]
) -> None:
    allowance, watch = bucket(tmp_path_factory.mktemp("bucket"), per_minute=3, per_hour=20)
    made: list[float] = []
    for wait in waits:
        watch.wait(wait)
        made += [watch.at.timestamp()] * spent(allowance, 2)
    for seconds, most in ((60, 3), (3600, 20)):
        assert all(sum(start <= at < start + seconds - 0.001 for at in made) <= most for start in made)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"5", b'["soon"]', b'{"a": 1}', b"[null]"])
def test_s77_a_file_that_cannot_be_read_is_an_empty_one(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "github.writes").write_bytes(content)
    allowance, _ = bucket(tmp_path, per_minute=2)
    assert spent(allowance, 5) == 2


def test_s77_a_clock_that_was_put_back_does_not_stop_the_writing(tmp_path: Path) -> None:
    allowance, watch = bucket(tmp_path, per_minute=2)
    assert spent(allowance, 5) == 2
    watch.wait(-3600)
    assert spent(allowance, 5) == 2


def test_a_clock_that_was_put_back_by_a_second_counts_what_was_written(tmp_path: Path) -> None:
    allowance, watch = bucket(tmp_path, per_minute=2)
    assert spent(allowance, 5) == 2
    watch.wait(-1)
    assert spent(allowance, 5) == 0


def test_the_file_stays_small(tmp_path: Path) -> None:
    allowance, watch = bucket(tmp_path, per_minute=0, per_hour=20)
    for _ in range(300):
        spent(allowance, 2)
        watch.wait(100)
    assert len(json.loads((tmp_path / "github.writes").read_bytes())) <= 20


def test_p7_an_empty_bucket_sends_nothing_and_leaves_reads_alone(hub: GitHub, desk: Desk) -> None:
    hub.add_issue("acme/web", title="One")
    desk.per_minute = 2
    with desk.client() as first, desk.client() as second:
        first.comment(ref(1), "one")
        second.comment(ref(1), "two")
        for client in (first, second):
            with pytest.raises(Unavailable, match="the next can be made at"):
                client.comment(ref(1), "three")
        assert len(second.comments(ref(1))) == 2
        assert len(hub.ledger.writes()) == 2
        desk.clock.wait(61)
        second.comment(ref(1), "three")
    assert len(hub.ledger.writes()) == 3


def test_the_bucket_is_kept_with_the_other_notes_that_may_be_thrown_away(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.add_issue("acme/web", title="One")
    github.comment(ref(1), "one")
    assert (desk.state / "github.writes").exists()
    (desk.state / "github.writes").unlink()
    github.comment(ref(1), "two")


WRITER = """
import sys
from pathlib import Path
from orchestrator.ports import Unavailable
from tests.adapters.github.desk import Desk, Watch, ref
from datetime import datetime
watch = Watch(datetime.fromisoformat(sys.argv[3]))
desk = Desk(Path(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip(), watch, per_minute=7)
through = 0
with desk.client(patience=60) as client:
    for number in range(5):
        try:
            client.comment(ref(1), f"{number}")
        except Unavailable:
            continue
        through += 1
print(through)
"""


def test_p7_processes_share_one_bucket(hub: GitHub, desk: Desk) -> None:
    """Three processes want to write five times each, and seven writes there are."""
    hub.add_issue("acme/web", title="One")
    desk.per_minute = 7
    desk.config()
    child = [sys.executable, "-c", WRITER, str(desk.folder), desk.api_url, NOW.isoformat()]
    writers = [subprocess.Popen(child, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(3)]
    told = [writer.communicate(f"{desk.token}\n".encode(), 60)[0] for writer in writers]
    assert sum(map(int, told)) == 7
    assert len(hub.ledger.of("issues/create-comment")) == 7
