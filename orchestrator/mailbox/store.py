"""The mailbox's folders: a folder is a task's state, a rename is a transition (docs/mailbox.md tells every state)."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from orchestrator.mailbox import ids, index, letter, quarantine, swap
from orchestrator.mailbox.index import Broken, Header, Survey
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.task import LIVE_FOLDERS, Folder, Stage, Task
from orchestrator.system import files, locks

__all__ = ["ORDER", "BadLetter", "Broken", "Gone", "Header", "Mailbox", "Survey"]

ORDER: Final = (Folder.INBOX, Folder.PROCESSING, Folder.REVIEW, Folder.BLOCKED, Folder.ESCALATED, Folder.DONE)
"""How far along a task is. Searched in this order, a task that moves on meanwhile is still met; every way back leads to the
inbox, where a second file of the name cannot be made."""


LITTER_SECONDS: Final = 3600.0
"""A temporary file as old as this belongs to nobody any more, also when its process number is in use again."""


class Gone(Exception):
    """A person took the file away while we worked on it. Their decision stands: record it, and do not bring the file back."""


class Mailbox:
    """All task files under `root`/mailbox, where `root` is the runtime folder (locks and the index lie beside)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, folder: Folder) -> Path:
        """Where the files of that state lie."""
        return self.root / "mailbox" / folder

    def names(self, folder: Folder) -> tuple[str, ...]:
        """The names, without `.md`, of what lies in a folder: sorted, whole files only, valid or not."""
        try:
            found = os.listdir(self.folder(folder))
        except FileNotFoundError:
            return ()
        return tuple(sorted(name[:-3] for name in found if name.endswith(".md") and not name.startswith(".")))

    def read(self, folder: Folder, id: str, allowed_repos: Container[str] | None) -> Task:
        """The task. Raises BadLetter when the file is no valid task, FileNotFoundError when there is none."""
        path = self._path(folder, id)
        written_at = datetime.fromtimestamp(os.stat(path, follow_symlinks=False).st_mtime, UTC)
        try:
            content = files.read_plain(path.parent, path.name, letter.LIMIT)
        except files.NotPlain as trap:
            raise BadLetter("file", str(trap)) from None
        if content is None:
            raise FileNotFoundError(path)
        return letter.parse(content, allowed_repos=allowed_repos, name=id, now=written_at)

    def find(self, id: str) -> Folder | None:
        """The folder that holds the task, also failed/; None when none does."""
        if _leads_out(id):
            return None
        return next((folder for folder in (*ORDER, Folder.FAILED) if os.path.lexists(self._path(folder, id))), None)

    def locate(self, repo: str, issue: int) -> list[tuple[Folder, str]]:
        """Every task of an issue: by file name everywhere, and by what the file says in the folders of live tasks."""
        ours = re.compile(re.escape(f"{ids.repo_slug(repo)}-{issue}-") + "[0-9]+")
        found = [(folder, id) for folder in (*ORDER, Folder.FAILED) for id in self.names(folder) if ours.fullmatch(id)]
        told = [
            (folder, header.id) for folder in LIVE_FOLDERS for header in self.headers(folder) if _is_about(header, repo, issue)
        ]
        return found + [place for place in told if place not in found]

    def headers(self, folder: Folder) -> tuple[Header, ...]:
        """The valid tasks of a folder without their text; a file is read again only when it has changed."""
        return self.survey(folder, None).headers

    def survey(self, folder: Folder, allowed_repos: Container[str] | None) -> Survey:
        """The valid tasks of a folder and its broken files; a task of a repository that is not allowed is broken."""
        cache = self.root / "state" / f"mailbox-{folder}.json"
        seen = index.survey(self.folder(folder), self.names(folder), cache, lambda name: self.read(folder, name, None))
        if allowed_repos is None:
            return seen
        strangers = [header for header in seen.headers if header.repo not in allowed_repos]
        refused = [Broken(header.id, letter.not_allowed(header.repo)) for header in strangers]
        return Survey(tuple(header for header in seen.headers if header not in strangers), (*seen.broken, *refused))

    def lock(self, id: str) -> locks.Held | None:
        """The task's lock, None when a worker (or what is left of its attempt) holds it."""
        return locks.take(self.root / "locks" / f"task-{self._path(Folder.INBOX, id).stem}.lock")

    def deliver(self, task: Task) -> bool:
        """Put a new task into the inbox; False when its id exists anywhere. Raises BadLetter for a task that is none."""
        content = _written(task)
        return self.find(task.id) is None and files.create(self._path(Folder.INBOX, task.id), content)

    def update(self, folder: Folder, task: Task) -> None:
        """Rewrite the task where it lies. Raises Gone when a person took it away: it is never brought back."""
        try:
            swap.rewrite(self._path(folder, task.id), _written(task))
        except FileNotFoundError:
            raise Gone(f"{folder}/{task.id}.md") from None

    def move(self, id: str, source: Folder, target: Folder) -> bool:
        """Rename into the next folder; False when that holds the id already. Raises Gone."""
        try:
            return files.move(self._path(source, id), self._path(target, id))
        except FileNotFoundError:
            raise Gone(f"{source}/{id}.md") from None

    def claim(self, held: locks.Held, task: Task) -> bool:
        """Take a waiting task whose lock is held: note the claim, then rename inbox → processing. Raises Gone.

        Noted first, so that a `goes_to` of an earlier round is gone before the file lies where `finish` would obey it.
        """
        if held.path.name != f"task-{task.id}.lock":
            raise ValueError(f"{held.path.name} is not the lock of {task.id}")
        self.update(Folder.INBOX, dataclasses.replace(task, stage=Stage.CLAIMED, goes_to=None))
        return self.move(task.id, Folder.INBOX, Folder.PROCESSING)

    def send(self, task: Task, source: Folder, target: Folder) -> bool:
        """Record where the task goes, then rename; a crash between the two is mended by `finish`. Raises Gone."""
        self.update(source, dataclasses.replace(task, goes_to=target))
        return self.move(task.id, source, target)

    def finish(self, task: Task, folder: Folder) -> bool:
        """Finish the move that a crash cut off: whether one was recorded and is done now. Raises Gone."""
        return task.goes_to not in (None, folder) and self.move(task.id, folder, Folder(task.goes_to))

    def quarantine(self, folder: Folder, file_name: str, reason: BadLetter | str) -> str:
        """Set a file aside in failed/, its bytes untouched, with NAME.reason beside it; its name there. Raises Gone."""
        try:
            return quarantine.set_aside(self.folder(folder) / file_name, self.folder(Folder.FAILED), reason)
        except FileNotFoundError:
            raise Gone(f"{folder}/{file_name}") from None

    def sweep(self) -> int:
        """Remove what writers that were killed left half-written in any folder; how many. Nobody reads such names."""
        return sum(files.sweep(self.folder(folder), LITTER_SECONDS) for folder in Folder)

    def settle_duplicates(self) -> list[tuple[str, Folder, Folder]]:
        """Leave one file of each id, the one that is furthest along; (id, folder kept, folder of the copy set aside) each.

        Only a person's `cp` makes two. Further along wins, so that nothing finished is ever run again; whoever wants
        another round moves the file. While a worker holds the task's lock, both stay: its file may not be pulled away.
        """
        settled: list[tuple[str, Folder, Folder]] = []
        homes: dict[str, list[Folder]] = {}
        for folder in ORDER:
            for id in self.names(folder):
                homes.setdefault(id, []).append(folder)
        for id, folders in homes.items():
            if len(folders) > 1:
                settled += self._settle(id, folders)
        return settled

    def _settle(self, id: str, folders: list[Folder]) -> list[tuple[str, Folder, Folder]]:
        if not ids.is_task_id(id):
            return []  # broken anyway: each copy is quarantined when its folder is surveyed
        held = self.lock(id)
        if held is None:
            return []
        with held:
            *copies, kept = [folder for folder in folders if os.path.lexists(self._path(folder, id))] or folders[:1]
            for copy in copies:
                self.quarantine(
                    copy, f"{id}.md", f"{copy}/{id}.md is a second file of the task in {kept}/, which is further along"
                )
            return [(id, kept, copy) for copy in copies]

    def _path(self, folder: Folder, id: str) -> Path:
        """The file's path; FileNotFoundError for a name that would lead out of the folder, since no such task can be."""
        if _leads_out(id):
            raise FileNotFoundError(f"no task can be called {id!r}")
        return self.folder(folder) / f"{id}.md"


def _written(task: Task) -> bytes:
    """The task's file, proven readable: a bad value flies here, at its maker, and not at the next reader."""
    content = letter.render(task)
    letter.parse(content, allowed_repos=None, name=task.id)
    return content


def _leads_out(id: str) -> bool:
    return "/" in id or "\0" in id or id.startswith(".")


def _is_about(header: Header, repo: str, issue: int) -> bool:
    return header.issue == issue and header.repo.lower() == repo.lower()
