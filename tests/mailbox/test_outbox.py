"""Promises of the outbox."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.mailbox import outbox
from orchestrator.mailbox.outbox import Alert, Severity
from orchestrator.system import files
from tests.mailbox.make import NOON

ALERT = Alert(key="blocked acme-web-142-1", severity=Severity.ACTION, text="It needs you.", task="acme-web-142-1")
MINUTE = timedelta(minutes=1)


def test_a_posted_alert_waits_in_a_file_that_a_person_can_read(tmp_path: Path) -> None:
    assert outbox.post(tmp_path, ALERT, NOON)
    (name,) = os.listdir(tmp_path)
    assert name.startswith("20261121T120000Z-blocked-acme-web-142-1-")
    assert "key: blocked acme-web-142-1\n" in (tmp_path / name).read_text()
    (letter,) = outbox.waiting(tmp_path)
    assert (letter.alert, letter.created_at, letter.attempts, letter.next_try, letter.times) == (ALERT, NOON, 0, None, 1)


def test_s37_the_same_alert_again_is_counted_and_not_told_again(tmp_path: Path) -> None:
    assert [outbox.post(tmp_path, ALERT, NOON + MINUTE * step) for step in range(8)] == [True] + [False] * 7
    (letter,) = outbox.waiting(tmp_path)
    assert letter.times == 8


def test_f24_an_alert_that_was_sent_is_not_told_again_while_it_is_kept(tmp_path: Path) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    outbox.sent(outbox.waiting(tmp_path)[0])
    assert not outbox.post(tmp_path, ALERT, NOON + timedelta(days=6))
    assert outbox.waiting(tmp_path) == []
    assert outbox.forget(tmp_path, NOON + MINUTE) == 1
    assert outbox.post(tmp_path, ALERT, NOON + timedelta(days=8))


def test_s34_what_waits_to_be_told_of_a_task_that_needs_nobody_any_more_is_taken_back(tmp_path: Path) -> None:
    others = [
        dataclasses.replace(ALERT, key="another task's", task="acme-web-7-1"),
        dataclasses.replace(ALERT, key="news", severity=Severity.INFO),
        dataclasses.replace(ALERT, key="nobody's", task=None),
    ]
    for alert in (ALERT, *others):
        outbox.post(tmp_path, alert, NOON)
    assert outbox.withdraw(tmp_path, "acme-web-142-1") == 1
    assert {one.alert.key for one in outbox.waiting(tmp_path)} == {one.key for one in others}
    assert outbox.withdraw(tmp_path, "acme-web-142-1") == 0


def test_forgetting_keeps_what_is_younger(tmp_path: Path) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    outbox.sent(outbox.waiting(tmp_path)[0])
    assert outbox.forget(tmp_path, NOON) == 0


@pytest.mark.parametrize(
    "other", ["blocked acme-web-142-2", "Blocked acme-web-142-1", "blocked/acme-web-142-1", "ü", "", "\ud800"]
)
def test_different_keys_are_different_alerts_however_alike(tmp_path: Path, other: str) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    assert outbox.post(tmp_path, dataclasses.replace(ALERT, key=other), NOON)


def test_two_files_of_one_key_are_one_alert_and_are_filed_together(tmp_path: Path) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    (name,) = os.listdir(tmp_path)
    (tmp_path / name.replace("T120000Z", "T120001Z")).write_bytes((tmp_path / name).read_bytes())
    (letter,) = outbox.waiting(tmp_path)
    outbox.sent(letter)
    assert outbox.waiting(tmp_path) == []
    assert len(os.listdir(tmp_path / "sent")) == 2


def test_a_failed_delivery_is_tried_later_and_later(tmp_path: Path) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    pauses = []
    for _ in range(9):
        (letter,) = outbox.waiting(tmp_path)
        outbox.fail(letter, NOON)
        next_try = outbox.waiting(tmp_path)[0].next_try
        assert next_try is not None
        pauses.append((next_try - NOON) // MINUTE)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert outbox.waiting(tmp_path)[0].attempts == 9


def test_a_channel_that_names_its_own_time_is_obeyed(tmp_path: Path) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    outbox.fail(outbox.waiting(tmp_path)[0], NOON, not_before=NOON + timedelta(hours=3))
    assert outbox.waiting(tmp_path)[0].next_try == NOON + timedelta(hours=3)


def test_an_alert_that_a_person_deleted_stays_deleted(tmp_path: Path) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    (letter,) = outbox.waiting(tmp_path)
    letter.path.unlink()
    outbox.fail(letter, NOON)
    outbox.sent(letter)
    assert outbox.waiting(tmp_path) == []
    assert list(tmp_path.glob("**/*.md")) == []


def test_s72_a_crash_after_sending_tells_twice_and_never_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.post(tmp_path, ALERT, NOON)
    with monkeypatch.context() as gap:
        gap.setattr(files, "move", lambda source, target: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            outbox.sent(outbox.waiting(tmp_path)[0])
    assert [letter.alert for letter in outbox.waiting(tmp_path)] == [ALERT]


@pytest.mark.parametrize(
    "content",
    [
        b"Please look.",
        b"---\nkey: [\n---\n\nx",
        b"",
        b"\xff\xfe",
        b"---\n- a\n---\n",
        b"---\nseverity: loud\nattempts: many\n---\nx",
    ],
)
def test_whatever_a_person_drops_is_a_message(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hand.md").write_bytes(content)
    (letter,) = outbox.waiting(tmp_path)
    assert (letter.alert.key, letter.alert.severity, letter.attempts) == ("hand.md", Severity.WARNING, 0)
    outbox.sent(outbox.fail(letter, NOON))
    assert outbox.waiting(tmp_path) == []


def test_links_and_unfinished_files_are_no_alerts(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token")
    (tmp_path / "linked.md").symlink_to(tmp_path / "secret")
    (tmp_path / ".half.md").write_text("x")
    assert outbox.waiting(tmp_path) == []


def test_a_very_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    outbox.post(tmp_path, dataclasses.replace(ALERT, text="x" * 1_000_000), NOON)
    text = outbox.waiting(tmp_path)[0].alert.text
    assert text == "x" * outbox.LONGEST_TEXT + "\n(… 980000 more characters)"


WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(WORDS, st.sampled_from(Severity), WORDS | st.just("---\nkey: forged\n---\n"), st.none() | WORDS, WORDS.filter(bool))
def test_any_alert_comes_back_as_it_was_posted(key: str, severity: Severity, text: str, task: str | None, channel: str) -> None:
    alert = Alert(key=key or "k", severity=severity, text=text, task=task, channel=channel)
    with TemporaryDirectory() as folder:
        outbox.post(Path(folder), alert, NOON)
        (letter,) = outbox.waiting(Path(folder))
    assert letter.alert == alert
