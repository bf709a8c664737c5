"""The mailbox as a machine: jobs, a second worker, crashes and a person in any order, and nothing is lost or doubled."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from orchestrator.mailbox import letter
from orchestrator.mailbox.store import ORDER, Gone, Mailbox
from orchestrator.model.task import Folder, Note, Task
from orchestrator.system import files, locks
from tests.mailbox import make

IDS = [f"acme-web-{issue}-1" for issue in (1, 2, 3)]
RESTS = st.sampled_from([Folder.REVIEW, Folder.DONE, Folder.BLOCKED, Folder.ESCALATED, Folder.INBOX])
FOLDERS = st.sampled_from([*ORDER])
MEMORY = Path("/dev/shm")  # what is shown here does not depend on the disk, and syncing one costs three quarters of the time


class Offices(RuleBasedStateMachine):
    """Every task carries what happened to it in its history; the machine remembers what must still be told somewhere."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.box = Mailbox(self.root)
        self.told: dict[str, set[str]] = {}
        self.copied: set[str] = set()
        self.locks: dict[str, locks.Held] = {}
        self.sequence = 0

    def teardown(self) -> None:
        for lock in self.locks.values():
            lock.release()
        shutil.rmtree(self.root)

    @rule(id=st.sampled_from(IDS))
    def deliver(self, id: str) -> None:
        is_known = any(id in self.box.names(folder) for folder in Folder)
        assert self.box.deliver(make.task(id)) != is_known
        self.told.setdefault(id, set())

    @rule(target=held, id=st.sampled_from(IDS))
    def claim(self, id: str) -> str:
        lock = self.box.lock(id)
        assert (lock is None) == (id in self.locks), "exactly one worker at a time"
        if lock is None:
            return ""
        try:
            if self.box.claim(lock, self.box.read(Folder.INBOX, id, None)):
                self.locks[id] = lock
                assert self.box.read(Folder.PROCESSING, id, None).goes_to is None, "an earlier round's outcome is forgotten"
                return id
        except FileNotFoundError:
            pass
        lock.release()
        return ""

    @rule(id=held)
    def work(self, id: str) -> None:
        if id in self.locks:
            self.write(id, Folder.PROCESSING)

    @rule(id=consumes(held), target_folder=RESTS)
    def finish(self, id: str, target_folder: Folder) -> None:
        if id in self.locks:
            with contextlib.suppress(Gone, FileNotFoundError):
                self.box.send(self.box.read(Folder.PROCESSING, id, None), Folder.PROCESSING, target_folder)
            self.locks.pop(id).release()

    @rule(id=consumes(held), target_folder=RESTS)
    def crash_between_recording_and_moving(self, id: str, target_folder: Folder) -> None:
        if id in self.locks:
            try:
                task = self.box.read(Folder.PROCESSING, id, None)
                self.box.update(Folder.PROCESSING, dataclasses.replace(task, goes_to=target_folder))
            except (Gone, FileNotFoundError):
                pass
            self.locks.pop(id).release()

    @rule(id=consumes(held))
    def crash_while_working(self, id: str) -> None:
        if id in self.locks:
            self.locks.pop(id).release()

    @rule(id=st.sampled_from(IDS))
    def crash_between_noting_the_claim_and_renaming(self, id: str) -> None:
        lock = self.box.lock(id)
        if lock is None:
            return
        with lock, pytest.MonkeyPatch.context() as gap:
            gap.setattr(files, "move", lambda source, target: (_ for _ in ()).throw(KeyboardInterrupt))
            with contextlib.suppress(KeyboardInterrupt, FileNotFoundError):
                self.box.claim(lock, self.box.read(Folder.INBOX, id, None))

    @rule()
    def recover(self) -> None:
        """What the next queue tick does first."""
        furthest = {id: max((f for f in ORDER if self.path(f, id).exists()), key=ORDER.index) for id in self.copies()}
        assert all(furthest[id] is kept for id, kept, _ in self.box.settle_duplicates())
        for id in self.box.names(Folder.PROCESSING):
            lock = self.box.lock(id)
            if lock is None:
                continue
            with lock:
                task = self.box.read(Folder.PROCESSING, id, None)
                if task.goes_to is None:
                    self.box.send(task, Folder.PROCESSING, Folder.INBOX)
                else:
                    self.box.finish(task, Folder.PROCESSING)
        assert all(id in self.locks for id in self.box.names(Folder.PROCESSING) if id not in self.copies())
        self.copied &= self.copies()

    @rule(id=st.sampled_from(IDS), source=FOLDERS, target_folder=FOLDERS)
    def person_moves(self, id: str, source: Folder, target_folder: Folder) -> None:
        path, target = self.path(source, id), self.path(target_folder, id)
        if path.exists() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    @rule(id=st.sampled_from(IDS), source=FOLDERS, target_folder=FOLDERS)
    def person_copies(self, id: str, source: Folder, target_folder: Folder) -> None:
        path, target = self.path(source, id), self.path(target_folder, id)
        if path.exists() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
            self.copied.add(id)

    @rule(id=st.sampled_from(IDS), folder=st.sampled_from([Folder.INBOX, Folder.BLOCKED, Folder.ESCALATED, Folder.REVIEW]))
    def person_edits(self, id: str, folder: Folder) -> None:
        if self.path(folder, id).exists():
            self.write(id, folder)

    @rule(id=st.sampled_from(IDS), folder=FOLDERS)
    def person_deletes(self, id: str, folder: Folder) -> None:
        if self.path(folder, id).exists() and id not in self.copies():
            self.path(folder, id).unlink()
            self.told.pop(id)

    @rule(name=st.sampled_from(["odd", "Not An Id", IDS[0] + "x"]), content=st.binary(max_size=20))
    def person_drops_rubbish(self, name: str, content: bytes) -> None:
        path = self.path(Folder.INBOX, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        before = len(list(self.box.folder(Folder.FAILED).glob("*.md")))
        for broken in self.box.survey(Folder.INBOX, {"acme/web"}).broken:
            self.box.quarantine(Folder.INBOX, f"{broken.name}.md", broken.error)
        assert len(list(self.box.folder(Folder.FAILED).glob("*.md"))) == before + 1

    @invariant()
    def every_task_is_in_one_folder_unless_a_person_copied_it(self) -> None:
        for id in self.told:
            homes = [folder for folder in ORDER if self.path(folder, id).exists()]
            assert len(homes) == 1 or (len(homes) > 1 and id in self.copied), (id, homes)

    @invariant()
    def nothing_told_is_lost(self) -> None:
        for id, told in self.told.items():
            texts = [entry.text for folder in Folder for task in self.readable(folder, id) for entry in task.history]
            assert told <= set(texts)

    @invariant()
    def every_quarantined_file_has_its_reason_and_no_litter_is_left(self) -> None:
        for path in self.root.glob("mailbox/failed/*.md"):
            assert path.with_name(f"{path.name}.reason").exists()
        assert not list(self.root.glob("mailbox/*/.*"))

    def write(self, id: str, folder: Folder) -> None:
        """Add a line to the story of the task where it lies; what was written must be found again, for ever."""
        self.sequence += 1
        try:
            task = self.box.read(folder, id, None)
            note = Note(kind="work", at=make.NOON, text=str(self.sequence))
            self.box.update(folder, dataclasses.replace(task, history=(*task.history, note)))
        except (Gone, FileNotFoundError):
            return
        self.told[id].add(str(self.sequence))

    def copies(self) -> set[str]:
        return {id for id in IDS if sum(self.path(folder, id).exists() for folder in ORDER) > 1}

    def readable(self, folder: Folder, id: str) -> list[Task]:
        """The task of that id in a folder; in failed/ also under the names that a second copy gets."""
        names = re.compile(rf"{id}(-[0-9]+)?" if folder is Folder.FAILED else id)
        paths = (path for path in self.box.folder(folder).glob("*.md") if names.fullmatch(path.stem))
        return [letter.parse(path.read_bytes(), allowed_repos=None) for path in paths]

    def path(self, folder: Folder, id: str) -> Path:
        return self.box.folder(folder) / f"{id}.md"


Offices.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
test_s66_jobs_crashes_and_a_person_lose_and_double_nothing = Offices.TestCase
