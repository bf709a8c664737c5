"""Promises of the mailbox's folders."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestrator.mailbox import letter
from orchestrator.mailbox.store import BadLetter, Gone, Mailbox
from orchestrator.model.task import Folder, Stage
from orchestrator.system import files
from tests.mailbox import make

ID = "acme-web-142-1"


def test_a_delivered_task_waits_in_the_inbox(box: Mailbox) -> None:
    assert box.deliver(make.task())
    assert box.names(Folder.INBOX) == (ID,)
    assert box.read(Folder.INBOX, ID, {"acme/web"}) == make.task()


@pytest.mark.parametrize("folder", [folder for folder in Folder if folder is not Folder.INBOX])
def test_s45_a_task_is_delivered_once_wherever_it_has_gone_since(box: Mailbox, folder: Folder) -> None:
    box.deliver(make.task())
    box.move(ID, Folder.INBOX, folder)
    assert not box.deliver(make.task())
    assert box.names(Folder.INBOX) == ()


DELIVER = """
import sys
from pathlib import Path
from orchestrator.mailbox.store import Mailbox
from tests.mailbox import make
box, go = Mailbox(Path(sys.argv[1])), Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
print(sum(box.deliver(make.task(f"acme-web-{issue}-1", issue=issue)) for issue in range(1, 41)))
"""


def race(script: str, *args: str, count: int = 4) -> list[str]:
    """Start processes, let them go at once, and give their last lines."""
    runs = [
        subprocess.Popen([sys.executable, "-c", script, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    lines = []
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    for run in runs:
        lines.append(run.communicate(timeout=60)[0].strip())
        assert run.returncode == 0
    return lines


def test_s45_dispatchers_at_once_deliver_each_task_once(box: Mailbox) -> None:
    counts = race(DELIVER, str(box.root), "go")
    assert sum(map(int, counts)) == 40
    assert len(box.names(Folder.INBOX)) == 40


CLAIM = """
import sys
from pathlib import Path
from orchestrator.mailbox.store import Gone, Mailbox
from orchestrator.model.task import Folder
box, won = Mailbox(Path(sys.argv[1])), []
print("ready", flush=True)
sys.stdin.readline()
for id in box.names(Folder.INBOX):
    held = box.lock(id)
    if held is None:
        continue
    with held:
        try:
            if box.claim(held, box.read(Folder.INBOX, id, None)):
                won.append(id)
        except (Gone, FileNotFoundError):
            pass
print(",".join(won))
"""


def test_s73_overlapping_queues_claim_each_task_once(box: Mailbox) -> None:
    for issue in range(1, 41):
        box.deliver(make.task(f"acme-web-{issue}-1", issue=issue))
    won = [id for line in race(CLAIM, str(box.root)) for id in line.split(",") if id]
    assert len(won) == len(set(won))
    assert sorted([*box.names(Folder.INBOX), *box.names(Folder.PROCESSING)]) == sorted(f"acme-web-{n}-1" for n in range(1, 41))
    assert sorted(won) == list(box.names(Folder.PROCESSING))


def test_s73_a_held_task_cannot_be_claimed_a_second_time(box: Mailbox) -> None:
    held = box.lock(ID)
    assert held is not None
    assert box.lock(ID) is None
    held.release()
    again = box.lock(ID)
    assert again is not None
    again.release()


def test_a_claim_without_the_task_s_own_lock_is_a_bug(box: Mailbox) -> None:
    box.deliver(make.task())
    other = box.lock("another")
    assert other is not None
    with other, pytest.raises(ValueError, match="is not the lock"):
        box.claim(other, make.task())


def test_names_are_whole_markdown_files_only(box: Mailbox) -> None:
    for name in (".being-written.md", ".a.md.123", "notes.txt", "b.md", "A Name.md"):
        make.drop(box, Folder.INBOX, name, b"")
    assert box.names(Folder.INBOX) == ("A Name", "b")


def test_a_folder_that_is_not_there_yet_is_empty(box: Mailbox) -> None:
    assert box.names(Folder.REVIEW) == ()
    assert box.find(ID) is None
    assert box.headers(Folder.REVIEW) == ()


@pytest.mark.parametrize("id", ["../inbox/x", "a/b", ".hidden", "nul\0"])
def test_no_id_leads_out_of_the_folder(box: Mailbox, id: str) -> None:
    assert box.find(id) is None
    with pytest.raises(FileNotFoundError):
        box.read(Folder.INBOX, id, None)
    with pytest.raises(FileNotFoundError):
        box.lock(id)


def test_an_update_rewrites_the_file_and_leaves_nothing_beside_it(box: Mailbox) -> None:
    box.deliver(make.task())
    box.update(Folder.INBOX, make.task(title="Other"))
    assert box.read(Folder.INBOX, ID, None).title == "Other"
    assert os.listdir(box.folder(Folder.INBOX)) == [f"{ID}.md"]


def test_an_update_never_brings_back_what_a_person_took_away(box: Mailbox) -> None:
    box.deliver(make.task())
    (box.folder(Folder.INBOX) / f"{ID}.md").unlink()
    with pytest.raises(Gone):
        box.update(Folder.INBOX, make.task())
    assert os.listdir(box.folder(Folder.INBOX)) == []


def test_a_file_taken_in_the_last_instant_of_an_update_stays_away(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.deliver(make.task())
    publish = files.publish

    def published_as_the_person_moves(path: Path, content: bytes) -> None:
        publish(path, content)
        os.rename(box.folder(Folder.INBOX) / f"{ID}.md", box.root / "taken.md")

    monkeypatch.setattr(files, "publish", published_as_the_person_moves)
    with pytest.raises(Gone):
        box.update(Folder.INBOX, make.task())
    assert os.listdir(box.folder(Folder.INBOX)) == []


def test_an_update_with_a_value_that_could_not_be_read_back_changes_nothing(box: Mailbox) -> None:
    box.deliver(make.task())
    with pytest.raises(BadLetter):
        box.update(Folder.INBOX, make.task(base_branch="--evil"))
    assert box.read(Folder.INBOX, ID, None) == make.task()


def test_a_move_replaces_nothing_and_tells_gone_from_taken(box: Mailbox) -> None:
    box.deliver(make.task())
    make.drop(box, Folder.DONE, f"{ID}.md", b"older")
    assert not box.move(ID, Folder.INBOX, Folder.DONE)
    assert (box.folder(Folder.DONE) / f"{ID}.md").read_bytes() == b"older"
    with pytest.raises(Gone):
        box.move(ID, Folder.REVIEW, Folder.BLOCKED)


def test_s72_a_move_that_a_crash_cut_off_is_finished_from_what_was_recorded(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(make.task())
    box.move(ID, Folder.INBOX, Folder.PROCESSING)
    with monkeypatch.context() as gap:
        gap.setattr(files, "move", lambda source, target: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            box.send(make.task(), Folder.PROCESSING, Folder.REVIEW)
    assert box.finish(box.read(Folder.PROCESSING, ID, None), Folder.PROCESSING)
    assert box.find(ID) is Folder.REVIEW
    assert not box.finish(box.read(Folder.REVIEW, ID, None), Folder.REVIEW)


def test_a_retry_by_hand_is_not_sent_back_by_where_it_once_went(box: Mailbox) -> None:
    box.deliver(make.task())
    box.move(ID, Folder.INBOX, Folder.PROCESSING)
    box.send(make.task(), Folder.PROCESSING, Folder.BLOCKED)
    os.rename(box.folder(Folder.BLOCKED) / f"{ID}.md", box.folder(Folder.INBOX) / f"{ID}.md")
    held = box.lock(ID)
    assert held is not None
    with held:
        assert box.claim(held, box.read(Folder.INBOX, ID, None))
    task = box.read(Folder.PROCESSING, ID, None)
    assert (task.stage, task.goes_to) == (Stage.CLAIMED, None)
    assert not box.finish(task, Folder.PROCESSING)


def test_of_two_files_of_one_task_the_one_further_along_stays(box: Mailbox) -> None:
    box.deliver(make.task())
    make.drop(box, Folder.BLOCKED, f"{ID}.md", letter.render(make.task(title="further")))
    assert box.settle_duplicates() == [(ID, Folder.BLOCKED, Folder.INBOX)]
    assert box.read(Folder.BLOCKED, ID, None).title == "further"
    assert box.names(Folder.INBOX) == ()
    assert (box.folder(Folder.FAILED) / f"{ID}.md").read_bytes() == letter.render(make.task())
    assert "second file of the task in blocked/" in (box.folder(Folder.FAILED) / f"{ID}.md.reason").read_text()
    assert box.settle_duplicates() == []


def test_a_duplicate_waits_while_a_worker_holds_the_task(box: Mailbox) -> None:
    box.deliver(make.task())
    make.drop(box, Folder.DONE, f"{ID}.md", b"")
    held = box.lock(ID)
    assert held is not None
    with held:
        assert box.settle_duplicates() == []
    assert box.settle_duplicates() == [(ID, Folder.DONE, Folder.INBOX)]


def test_the_tasks_of_an_issue_are_found_by_name_or_by_what_they_say(box: Mailbox) -> None:
    box.deliver(make.task())
    box.deliver(make.task("acme-web-142-2"))
    box.deliver(make.task("acme-web-1421-2", issue=1421))
    box.deliver(make.task("dropped", repo="Acme/Web"))
    box.move(ID, Folder.INBOX, Folder.DONE)
    assert sorted(box.locate("acme/web", 142)) == [
        (Folder.DONE, ID),
        (Folder.INBOX, "acme-web-142-2"),
        (Folder.INBOX, "dropped"),
    ]


def test_the_index_shows_what_is_there_now_whatever_it_remembers(box: Mailbox) -> None:
    box.deliver(make.task(title="old"))
    settle(box)
    path = box.folder(Folder.INBOX) / f"{ID}.md"
    state = path.stat()
    path.write_bytes(letter.render(make.task(title="new")))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # same name, size, inode and mtime: only the ctime tells
    assert [header.title for header in box.headers(Folder.INBOX)] == ["new"]


def test_two_edits_in_one_clock_tick_are_both_seen(box: Mailbox) -> None:
    for title in ("one", "two", "six") * 5:
        make.drop(box, Folder.INBOX, f"{ID}.md", letter.render(make.task(title=title)))
        assert [header.title for header in box.headers(Folder.INBOX)] == [title]


def test_a_file_that_may_still_change_in_the_same_clock_tick_is_not_remembered(box: Mailbox) -> None:
    path = make.drop(box, Folder.INBOX, f"{ID}.md", letter.render(make.task()))
    os.utime(path, (time.time() + 60, time.time() + 60))
    assert [header.id for header in box.headers(Folder.INBOX)] == [ID]
    assert not (box.root / "state" / "mailbox-inbox.json").exists()


def test_an_index_of_another_format_is_thrown_away_however_well_it_reads(box: Mailbox) -> None:
    box.deliver(make.task(title="true"))
    settle(box)
    cache = box.root / "state" / "mailbox-inbox.json"
    cache.write_bytes(cache.read_bytes().replace(b'"format":1', b'"format":0').replace(b'"true"', b'"false"'))
    assert [header.title for header in box.headers(Folder.INBOX)] == ["true"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format":1,"entries":{"x":1}}', b'{"format":0,"entries":{}}', b"\xff"])
def test_a_damaged_index_is_thrown_away(box: Mailbox, damage: bytes) -> None:
    box.deliver(make.task())
    settle(box)
    (box.root / "state" / "mailbox-inbox.json").write_bytes(damage)
    assert [header.id for header in box.headers(Folder.INBOX)] == [ID]


def test_a_task_of_a_repository_that_is_not_allowed_is_broken_even_when_remembered(box: Mailbox) -> None:
    box.deliver(make.task())
    settle(box)
    survey = box.survey(Folder.INBOX, {"acme/other"})
    assert (survey.headers, survey.broken[0].error.key) == ((), "repo")


def test_choosing_among_a_thousand_waiting_tasks_costs_little(box: Mailbox) -> None:
    for issue in range(1, 1001):
        task = make.task(f"acme-web-{issue}-1", issue=issue, goal="x" * 2000)
        make.drop(box, Folder.INBOX, f"{task.id}.md", letter.render(task))
    settle(box)
    spent = []
    for _ in range(5):  # the least of them: what else the machine does is counted in, and only ever adds
        began = time.process_time()
        assert len(box.headers(Folder.INBOX)) == 1000
        spent.append(time.process_time() - began)
    assert min(spent) < 0.15


def test_a_minimal_file_gets_its_time_from_the_file(box: Mailbox) -> None:
    path = make.drop(box, Folder.INBOX, "mend-it.md", b"---\nrepo: acme/web\n---\nMend it.\n")
    os.utime(path, (make.NOON.timestamp(), make.NOON.timestamp()))
    task = box.read(Folder.INBOX, "mend-it", None)
    assert (task.created_at, task.title) == (make.NOON, "Mend it.")
    box.update(Folder.INBOX, dataclasses.replace(task, attempt=1))
    assert box.read(Folder.INBOX, "mend-it", None).created_at == make.NOON


def settle(box: Mailbox) -> None:
    """Look until the index remembers the inbox: it remembers no file that may still change in the same clock tick."""
    cache, until = box.root / "state" / "mailbox-inbox.json", time.monotonic() + 20
    while not cache.exists() or cache.read_bytes().count(b'"acme') < 2 * len(box.names(Folder.INBOX)):
        assert time.monotonic() < until, "the index never settled"
        box.headers(Folder.INBOX)
