"""Shows on GitHub how a task stands, and writes only what differs: its status comment, its issue's label, its card.

Dispatcher, worker and monitor do it under the task's lock. None of it may hold work up: what GitHub refuses is told once, and
the work goes on without it (S50).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from orchestrator.config.schema import Project, RepoSettings
from orchestrator.jobs import saying, shown
from orchestrator.jobs.shown import Shown
from orchestrator.jobs.world import World
from orchestrator.mailbox.letter import BadLetter
from orchestrator.model.github import Comment, IssueRef
from orchestrator.model.step import Show
from orchestrator.model.task import Folder, Task
from orchestrator.ports import Refused
from orchestrator.rules import projection
from orchestrator.rules.projection import Place, is_same

NOTHING = "shown as it is already"
STATUS = "status"
"""The event of the one comment that is edited in place."""


def show(step: Show, world: World) -> str:
    """Make GitHub show the task as the step has it; in a word what was written. Raises Unavailable.

    The comment comes first and the card last: a card that asks for work is what makes the next tick finish a cut-off dispatch.
    """
    ref = projection.ref(step.task)
    if ref is None:
        return NOTHING
    one = _Showing(step, ref, world)
    return one.write() if one.differs() else NOTHING


def as_shown(task: Task, world: World, folder: Folder) -> Task:
    """The task with what its file knows of its comment and its card; a plan made before they were shown does not know it."""
    try:
        known = world.mailbox.read(folder, task.id, None)
    except (FileNotFoundError, BadLetter):
        return task
    return replace(
        task,
        board_item=known.board_item if known.board_item is not None else task.board_item,
        board_status=known.board_status,
        status_comment=known.status_comment,
    )


def is_a_person_s(status: str, task: Task, due: str | None, world: World) -> bool:
    """Whether a person moved the card there: it is neither what we set last nor what is due, and no write of ours is late.

    A card whose column was renamed shows another status too, and nobody moved it. Raises Unavailable and Refused.
    """
    if task.board_status is None or is_same(status, task.board_status) or is_same(status, due):
        return False
    past = shown.recall(task.id, world)
    if past is not None and past.is_late_or_cut_off(status, world.now()):
        return False
    return world.github.has_status(world.config.repos[task.repo], task.board_status)


class _Showing:
    """One task shown once: what is due, what was shown last, and what is known of both by now."""

    def __init__(self, step: Show, ref: IssueRef, world: World) -> None:
        self.step, self.ref, self.world, self.task = step, ref, world, step.task
        self.settings: RepoSettings = world.config.repo(ref.repo)
        self.project: Project = world.config.project_of(ref.repo)
        self.place: Place = projection.place(step.task, step.folder, step.hold, on_purpose=step.on_purpose)
        self.status = projection.status(self.place, self.project)
        self.label = projection.label(self.place, self.settings.labels) if self.settings.labels.enabled else None
        self.text = projection.text(step.task, self.place, step.hold, self._words())
        recalled = shown.recall(step.task.id, world)
        self.is_known, self.past = recalled is not None, recalled or Shown()
        self.written: list[str] = []

    @property
    def is_over(self) -> bool:
        """Whether the task is shown for the last time."""
        return self.place in (Place.FINISHED, Place.OVER)

    def differs(self) -> bool:
        """Whether anything is to be written or looked at, by what is remembered alone; a task that is over is shown once."""
        return self.is_over or self._text_differs() or self._label_differs() or self._card_differs()

    def write(self) -> str:
        """Write what differs; what was written is kept, also when GitHub stops answering half-way."""
        try:
            for part, value, differs, do in (
                ("comment", self.text, self._text_differs, self._comment),
                ("label", self.label, self._label_differs, self._relabel),
                ("card", self.status, self._card_differs, self._move_card),
            ):
                if differs():
                    self._try(part, value or "", do)
        finally:
            self._record()
            self._note()
        if self.is_over:
            shown.forget(self.task.id, self.world)
        return ", ".join(self.written) or NOTHING

    def _try(self, part: str, value: str, do: Callable[[], None]) -> None:
        """What is refused is told once, and asked again the next day or when something else is due."""
        mark = f"{part} {shown.fingerprint(value)[:12]} {self.world.now():%Y-%m-%d}"
        if mark in self.past.refused:
            return
        try:
            do()
        except Refused as trouble:
            self._remember(refused=(*(one for one in self.past.refused if not one.startswith(f"{part} ")), mark))
            self.world.note("Skip", f"{part} of {self.ref}", str(trouble), self.task.id)
            named = value if part != "comment" else ""
            saying.tell_refused(f"the {part} {named}".strip(), self.ref, trouble, f"{part}-{named}", self.world)

    # -- the comment

    def _text_differs(self) -> bool:
        return self.past.text != shown.fingerprint(self.text)

    def _comment(self) -> None:
        mark = saying.marker(self.task.id, STATUS)
        body = saying.signed(self.text, mark, self.world)
        known = self.task.status_comment
        if known is None or not self.is_known:
            found = None if self.step.is_new else self._found(mark)
            known = found.id if found is not None else None
            if found is not None and found.body == body:
                self._said(found.id, "")
                return
        if known is not None and self.world.github.edit_comment(self.ref.repo, known, body):
            self._said(known, "comment edited")
        elif not self.is_over:
            self._said(self.world.github.comment(self.ref, body), "comment")

    def _found(self, mark: str) -> Comment | None:
        us = self.world.github.whoami()
        ours = (one for one in self.world.github.comments(self.ref) if one.author == us)
        return next((one for one in ours if one.id == self.task.status_comment or mark in one.body), None)

    def _said(self, id_: int, word: str) -> None:
        self.task = replace(self.task, status_comment=id_)
        self._remember(text=shown.fingerprint(self.text))
        self.written += [word] if word else []

    # -- the label

    def _label_differs(self) -> bool:
        if self.label is None:
            return False
        if self.step.labels is not None:
            return any(projection.relabelled(self.step.labels, self.label, self.settings.labels))
        return self.past.label != self.label

    def _relabel(self) -> None:
        assert self.label is not None
        on, off = projection.relabelled(self._carried(), self.label, self.settings.labels)
        if on:
            self._ensure()
            self.world.github.add_labels(self.ref, on)
        for name in off:
            self.world.github.remove_label(self.ref, name)
        self._remember(label=self.label)
        self.written += [f"label {self.label or 'off'}"] if on or off else []

    def _carried(self) -> tuple[str, ...]:
        """The issue's labels as they were seen, or as we left them, or asked."""
        if self.step.labels is not None:
            return self.step.labels
        if self.past.label is not None:
            return (self.past.label,) if self.past.label else ()
        return () if self.step.is_new else self.world.github.issue(self.ref).labels

    def _ensure(self) -> None:
        """Ours get their descriptions; where they cannot be made, GitHub makes the one that is set."""
        try:
            self.world.github.ensure_labels(self.ref.repo, projection.described(self.settings.labels))
        except Refused as trouble:
            self.world.say(f"the labels of {self.ref.repo} cannot be made: {trouble}")

    # -- the card

    def _card_differs(self) -> bool:
        if self.task.board_item is None or self.status is None:
            return False
        if self.step.was_ready or self.past.is_setting:
            return True
        if is_same(self.status, self.task.board_status):
            return False
        return self.step.card is not None or self.past.left != self.status

    def _move_card(self) -> None:
        """Set the status, unless a person moved the card: then it stays, and what we would have set is forgotten (S46)."""
        assert self.task.board_item is not None
        assert self.status is not None
        name, item_id = self.world.config.repos[self.ref.repo], self.task.board_item
        seen = self.step.card if self.step.card is not None else self._status_of_card(name, item_id)
        if seen is None:
            self._remember(left=self.status, is_setting=False)
        elif is_same(seen, self.status):
            self.task = replace(self.task, board_status=self.status)
            self._remember(left=None, is_setting=False)
        elif self._is_theirs(seen):
            self._remember(left=self.status, is_setting=False)
        else:
            self._set(name, item_id, seen)

    def _status_of_card(self, project: str, item_id: int) -> str | None:
        card = self.world.github.card(project, item_id)
        return (card.status or "") if card is not None else None

    def _is_theirs(self, seen: str) -> bool:
        """A card on Ready asks for work: only who answers that takes it away."""
        if is_same(seen, self.project.ready_value):
            return not self.step.was_ready
        return is_a_person_s(seen, self.task, self.status, self.world)

    def _set(self, project: str, item_id: int, seen: str) -> None:
        """The wish is noted before the write, so that a crash in between is not taken for a person's move."""
        assert self.status is not None
        self._remember(before=seen, to=self.status, at=self.world.now(), is_setting=True)
        shown.note(self.task.id, self.past, self.world)
        self.world.github.set_status(project, item_id, self.status)
        self.task = replace(self.task, board_status=self.status)
        self._remember(is_setting=False, left=None)
        self.written.append(f"card {self.status}")

    # -- what is kept

    def _remember(self, **changes: object) -> None:
        self.past = msgspec.structs.replace(self.past, **changes)

    def _record(self) -> None:
        """The file gets what we learnt, where it lies now; one that a person took away is left to them."""
        lies = self.world.mailbox.find(self.task.id)
        if lies is None or lies is Folder.FAILED:
            return
        try:
            known = self.world.mailbox.read(lies, self.task.id, None)
        except (FileNotFoundError, BadLetter):
            return
        fresh = replace(
            known,
            board_item=self.task.board_item,
            board_status=self.task.board_status,
            status_comment=self.task.status_comment,
        )
        if fresh != known:
            self.world.mailbox.update(lies, fresh)

    def _note(self) -> None:
        if self.label is not None and self.step.labels is not None and not self._label_differs():
            self._remember(label=self.label)
        if self.past != shown.recall(self.task.id, self.world):
            shown.note(self.task.id, self.past, self.world)

    def _words(self) -> projection.Words:
        return projection.Words(
            block=lambda text, limit: saying.quoted(text, self.world, limit=limit),
            public=lambda text, limit: saying.public(text, self.world, limit=limit),
            hold=self.settings.labels.hold,
        )
