"""What is no task file: it is set aside with its reason, untouched, and nothing else waits for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.mailbox import letter
from orchestrator.mailbox.store import Gone, Mailbox
from orchestrator.model.task import Folder
from tests.mailbox import make

ID = "acme-web-142-1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just text",
        letter.render(make.task())[:90],
        b"\xff\xfe\x00",
        b"---\nid: x\n---\n",
        b"\x00" * 100,
        b"---\nrepo: &a [*a]\n---",
    ],
)
def test_s68_a_malformed_file_is_set_aside_untouched_with_its_reason(box: Mailbox, content: bytes) -> None:
    make.drop(box, Folder.INBOX, "odd.md", content)
    box.deliver(make.task())
    survey = box.survey(Folder.INBOX, {"acme/web"})
    assert [header.id for header in survey.headers] == [ID]
    (broken,) = survey.broken
    box.quarantine(Folder.INBOX, f"{broken.name}.md", broken.error)
    assert (box.folder(Folder.FAILED) / "odd.md").read_bytes() == content
    note = (box.folder(Folder.FAILED) / "odd.md.reason").read_text()
    assert "inbox/odd.md" in note
    assert broken.error.key in note
    assert broken.error.problem in note
    assert "mv runtime/mailbox/failed/odd.md runtime/mailbox/inbox/odd.md" in note
    assert box.names(Folder.INBOX) == (ID,)


def test_s68_a_file_being_written_right_now_is_left_alone(box: Mailbox) -> None:
    make.drop(box, Folder.INBOX, f".{ID}.md.77", b"---\nid: half")
    make.drop(box, Folder.INBOX, ".x", b"")
    assert box.survey(Folder.INBOX, None) == box.survey(Folder.REVIEW, None)


@pytest.mark.parametrize("name", ["Not An Id.md", "\udcff.md", "line\nbreak.md", "x" * 252 + ".md", "ü" * 126 + ".md"])
def test_s68_a_file_with_an_odd_name_is_set_aside_too(box: Mailbox, name: str) -> None:
    make.drop(box, Folder.INBOX, name, letter.render(make.task()))
    (broken,) = box.survey(Folder.INBOX, None).broken
    kept = box.quarantine(Folder.INBOX, f"{broken.name}.md", broken.error)
    assert (box.folder(Folder.FAILED) / kept).read_bytes() == letter.render(make.task())
    assert (box.folder(Folder.FAILED) / f"{kept}.reason").exists()


def test_s68_traps_are_set_aside_without_being_opened(box: Mailbox, tmp_path: Path) -> None:
    (box.folder(Folder.INBOX) / "folder.md").mkdir(parents=True)
    make.drop(box, Folder.INBOX, "folder.md/inside", b"")
    (tmp_path / "secret").write_bytes(letter.render(make.task("linked")))
    (box.folder(Folder.INBOX) / "linked.md").symlink_to(tmp_path / "secret")
    os.mkfifo(box.folder(Folder.INBOX) / "pipe.md")
    broken = box.survey(Folder.INBOX, None).broken
    assert [trap.name for trap in broken] == ["folder", "linked", "pipe"]
    for trap in broken:
        box.quarantine(Folder.INBOX, f"{trap.name}.md", trap.error)
    assert os.listdir(box.folder(Folder.INBOX)) == []
    assert (box.folder(Folder.FAILED) / "linked.md").is_symlink()


def test_the_quarantine_replaces_nothing(box: Mailbox) -> None:
    for content in (b"one", b"two", b"three"):
        make.drop(box, Folder.INBOX, "odd.md", content)
        box.quarantine(Folder.INBOX, "odd.md", f"it holds {content.decode()}")
    kept = {path.name: path.read_bytes() for path in box.folder(Folder.FAILED).glob("*.md")}
    assert kept == {"odd.md": b"one", "odd-2.md": b"two", "odd-3.md": b"three"}
    reasons = [box.folder(Folder.FAILED) / f"{name}.reason" for name in ("odd.md", "odd-2.md", "odd-3.md")]
    assert [reason.read_text().splitlines()[1] for reason in reasons] == [
        f"Problem: it holds {n}" for n in ("one", "two", "three")
    ]


def test_quarantining_what_is_gone_leaves_no_note(box: Mailbox) -> None:
    with pytest.raises(Gone):
        box.quarantine(Folder.INBOX, "odd.md", "odd")
    assert not box.folder(Folder.FAILED).exists()
