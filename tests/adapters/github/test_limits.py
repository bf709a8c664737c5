from __future__ import annotations

import itertools
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from orchestrator.adapters.github.allowance import Allowance, limits
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.adapters.github.limits import Backoff, Turns, told_wait
from orchestrator.ports import Unavailable
from orchestrator.system import locks
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import REPO, Desk, Odd, Watch, ref

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def until(backoff: Backoff) -> str:
    with pytest.raises(Unavailable) as held:
        backoff.check()
    return str(held.value)


def test_s75_during_a_backoff_nothing_is_sent_by_any_client(hub: GitHub, desk: Desk) -> None:
    hub.add_issue(REPO, title="One")
    with desk.client() as first, desk.client() as second:
        hub.faults.add(Fault("*", "secondary_limit", retry_after=60))
        with pytest.raises(Unavailable, match="secondary rate limit"):
            first.comment(ref(1), "hello")
        sent = len(hub.ledger)
        for act in (second.whoami, lambda: second.comment(ref(1), "x"), lambda: second.histories([ref(1)], {})):
            with pytest.raises(Unavailable, match="GitHub asked us to wait until"):
                act()
        assert len(hub.ledger) == sent


def test_s75_after_the_time_that_github_told_work_goes_on(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.faults.add(Fault("*", "secondary_limit", retry_after=60))
    with pytest.raises(Unavailable):
        github.comment(ref(1), "hello")
    desk.clock.wait(59)
    with pytest.raises(Unavailable):
        github.comment(ref(1), "hello")
    desk.clock.wait(2)
    github.comment(ref(1), "hello")
    assert len(hub.issue(REPO, 1).comments) == 1


def test_s75_a_limit_without_a_time_doubles_up_to_an_hour(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    waits = []
    for _ in range(8):
        hub.faults.add(Fault("*", "secondary_limit", retry_after=None))
        with pytest.raises(Unavailable, match="secondary"):
            github.repository(REPO)
        waits.append(seconds_held(desk, github))
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def seconds_held(desk: Desk, github: GitHubClient) -> int:
    """Let the clock run until requests are let through again."""
    start = desk.clock.at
    backoff = Backoff(desk.state / "github.backoff", desk.clock)
    for _ in range(20_000):
        try:
            backoff.check()
        except Unavailable:
            desk.clock.wait(10)
        else:
            return int((desk.clock.at - start).total_seconds())
    raise AssertionError("the backoff never ends")


def test_a_limit_after_an_hour_of_peace_begins_again_at_a_minute(tmp_path: Path) -> None:
    watch = Watch(NOW)
    backoff = Backoff(tmp_path / "github.backoff", watch)
    backoff.begin("limit", {})
    backoff.begin("limit", {})
    watch.wait(120 + 3601)
    backoff.begin("limit", {})
    assert f"{watch.at + timedelta(seconds=60):%H:%M:%S}" in until(backoff)


def test_a_later_end_is_not_brought_forward(tmp_path: Path) -> None:
    backoff = Backoff(tmp_path / "github.backoff", Watch(NOW))
    backoff.begin("first", {"retry-after": "600"})
    backoff.begin("second", {"retry-after": "5"})
    assert "09:10:00" in until(backoff)


def test_the_hour_s_last_request_is_used_and_the_next_waits_for_the_reset(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.rate_limit(remaining=1, reset_in=300)
    assert github.repository(REPO).name == REPO
    with pytest.raises(Unavailable, match="used up"):
        github.repository(REPO)
    assert len(hub.ledger) == 1
    desk.clock.wait(302)
    hub.rate_limit()
    assert github.repository(REPO).name == REPO


def test_a_used_up_hour_answers_403_and_is_waited_for(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.rate_limit(remaining=0, reset_in=300)
    with pytest.raises(Unavailable, match="rate limit"):
        github.repository(REPO)
    assert 298 <= seconds_held(desk, github) <= 310


def test_a_429_is_a_limit_and_a_403_for_lack_of_rights_is_none(odd: Odd, odd_desk: Desk) -> None:
    odd.say({"message": "Resource not accessible by personal access token"}, 403)
    odd.say({"message": "slow down"}, 429, Retry_After="7")
    with odd_desk.client() as client:
        with pytest.raises(Exception, match="403 Resource not accessible") as refused:
            client.repository(REPO)
        assert not isinstance(refused.value, Unavailable)
        with pytest.raises(Unavailable, match="slow down"):
            client.repository(REPO)
    assert (odd_desk.state / "github.backoff").exists()


def test_a_403_of_a_used_up_hour_is_a_limit_whatever_it_says(odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Forbidden"}, 403, X_RateLimit_Remaining="0", X_RateLimit_Reset="5")
    with pytest.raises(Unavailable, match="Forbidden"):
        odd_github.repository(REPO)


def test_a_503_that_names_a_time_is_waited_for(odd: Odd, odd_desk: Desk) -> None:
    odd.say({"message": "maintenance"}, 503, Retry_After="120")
    with odd_desk.client() as client:
        with pytest.raises(Unavailable, match="503"):
            client.repository(REPO)
        sent = len(odd.heard)
        with pytest.raises(Unavailable, match="wait until"):
            client.repository(REPO)
    assert len(odd.heard) == sent


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\x00\xff", b'{"until": 5}', b"[]", b'{"until": "2999-01-01T00:00:00Z", "reason": "x", "strikes": 1}',
     b'{"until": "2026-11-21T10:00:00", "reason": "no zone", "strikes": 1}',
     b'{"until": "2026-11-21T09:30:00Z", "reason": "x", "strikes": -4}'],
)  # fmt: skip
def test_s77_a_backoff_that_cannot_be_right_is_ignored(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "github.backoff").write_bytes(content)
    backoff = Backoff(tmp_path / "github.backoff", Watch(NOW))
    backoff.check()
    backoff.begin("limit", {"retry-after": "30"})
    assert "09:00:30" in until(backoff)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "999999999"}, 86400),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"}, 1),
        ({"retry-after": "17", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999"}, 17),
    ],
)
def test_p7_the_wait_is_the_one_that_github_tells(headers: dict[str, str], seconds: int | None) -> None:
    assert told_wait(headers, NOW) == seconds


def test_s77_a_wrong_clock_here_does_not_change_the_wait() -> None:
    theirs = NOW + timedelta(hours=5)
    headers = {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(theirs.timestamp()) + 90),
        "date": format_datetime(theirs),
    }
    assert told_wait(headers, NOW) == 90


def test_p7_writes_keep_their_distance_across_clients(hub: GitHub, desk: Desk) -> None:
    hub.add_issue(REPO, title="One")
    with desk.client(gap=0.3) as first, desk.client(gap=0.3) as second:
        for client in (first, second, first):
            client.comment(ref(1), "hello")
    times = [request.at for request in hub.ledger.writes()]
    assert all(later - earlier >= 0.3 for earlier, later in itertools.pairwise(times))


def test_reads_do_not_wait_for_writers(hub: GitHub, desk: Desk) -> None:
    held = locks.take(desk.folder / "runtime" / "locks" / "github-write.lock")
    assert held is not None
    with held, desk.client(patience=0.1) as client:
        assert client.repository(REPO).name == REPO
        with pytest.raises(Unavailable, match="another job has been writing"):
            client.comment(ref(1), "hello")
    assert hub.ledger.writes() == []


WRITER = """
import sys
from pathlib import Path
from tests.adapters.github.desk import Desk, ref
with Desk(Path(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip()).client(gap=0.05, patience=60) as client:
    for number in range(4):
        client.comment(ref(1), f"{sys.argv[3]} {number}")
"""


def test_s73_two_processes_never_write_at_the_same_time(hub: GitHub, desk: Desk) -> None:
    """Each write takes 0.1 s here: were two under way together, two answers would come closer than that."""
    hub.add_issue(REPO, title="One")
    hub.faults.add(Fault("issues/create-comment", "delay", seconds=0.1, times=100))
    desk.config()
    writers = [start_writer(desk, name) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    times = [request.at for request in hub.ledger.of("issues/create-comment")]
    assert len(times) == 8
    assert all(later - earlier >= 0.15 for earlier, later in itertools.pairwise(times))


def start_writer(desk: Desk, name: str) -> subprocess.Popen[bytes]:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(desk.folder), desk.api_url, name], stdin=subprocess.PIPE)
    assert writer.stdin is not None
    writer.stdin.write(f"{desk.token}\n".encode())
    writer.stdin.close()
    return writer


def endless(folder: Path) -> Allowance:
    return Allowance(folder / "writes", Watch(NOW), ())


def test_the_allowance_is_asked_while_the_turn_is_held(tmp_path: Path) -> None:
    """Otherwise two processes would read the same file, and both write."""
    was_free: list[bool] = []

    class Looking(Watch):
        def now(self) -> datetime:
            was_free.append(locks.is_free(tmp_path / "lock"))
            return super().now()

    allowance = Allowance(tmp_path / "writes", Looking(NOW), limits(5, 5))
    with Turns(tmp_path / "lock", tmp_path / "stamp", allowance, gap=0.0, patience=1.0).turn():
        pass
    assert was_free == [False]


def test_a_stamp_from_before_a_restart_says_nothing(tmp_path: Path) -> None:
    stamp = tmp_path / "github.last-write"
    stamp.write_text(str(time.monotonic() + 1e6))
    turns = Turns(tmp_path / "lock", stamp, endless(tmp_path), gap=60.0, patience=1.0)
    began = time.monotonic()
    with turns.turn():
        pass
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("content", [b"", b"soon", b"\xff\xfe"])
def test_a_stamp_that_is_no_number_says_nothing(content: bytes, tmp_path: Path) -> None:
    stamp = tmp_path / "github.last-write"
    stamp.write_bytes(content)
    with Turns(tmp_path / "lock", stamp, endless(tmp_path), gap=0.0, patience=1.0).turn():
        assert not locks.is_free(tmp_path / "lock")
    assert float(stamp.read_text()) > 0


def test_s72_the_gap_is_kept_after_a_write_that_failed(hub: GitHub, desk: Desk) -> None:
    hub.add_issue(REPO, title="One")
    hub.faults.add(Fault("issues/create-comment", "error_before"))
    with desk.client(gap=0.3) as client:
        with pytest.raises(Unavailable):
            client.comment(ref(1), "hello")
        client.comment(ref(1), "hello")
    first, second = [request.at for request in hub.ledger.writes()]
    assert second - first >= 0.3


ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from orchestrator.ports import Unavailable
from tests.adapters.github.desk import Desk, ref
client = Desk(Path(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip()).client()
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print(client.issue(ref(1)).title, client.comment(ref(1), "hello") > 0, len(client.ready_items("web")))
try:
    client.whoami()
except Unavailable as wait:
    print("Unavailable")
"""


def test_s76_a_full_disk_costs_the_notes_and_not_the_work(hub: GitHub, desk: Desk) -> None:
    hub.add_to_project(hub.add_project("acme"), hub.add_issue(REPO, title="One"), status="Ready")
    hub.faults.add(Fault("users/get-authenticated", "secondary_limit"))
    child = [sys.executable, "-c", ON_A_FULL_DISK, str(desk.folder), desk.api_url]
    done = subprocess.run(child, input=f"{desk.token}\n", capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("One True 1\nUnavailable\n", "")
    assert not [path for path in desk.state.rglob("*") if path.is_file()]
