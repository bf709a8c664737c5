"""Files and settings that are not what they should be: a reason for each, and everything else goes on."""

from __future__ import annotations

import os

import pytest

from sandbox.installation import JOBS
from tests.loop.town import Town

SPOILED = {
    "binary.md": bytes(range(256)) * 10,
    "truncated.md": b"---\nid: acme-web-9-1\nrepo: acme/w",
    "wrong-types.md": b"---\nid: acme-web-9-2\nrepo: acme/web\nattempt: many\n---\n# Goal\nx\n",
    "traversal.md": b"---\nid: ../../etc/passwd\nrepo: acme/web\n---\n# Goal\nx\n",
    "bomb.md": b"---\na: &a [x]\nb: [*a, *a]\nrepo: acme/web\n---\n# Goal\nx\n",
    "foreign.md": b"---\nid: evil-repo-1-1\nrepo: evil/repo\n---\n# Goal\nx\n",
    "empty.md": b"",
}


def test_s68_spoiled_files_land_in_failed_with_a_reason_and_everything_else_goes_on(here: Town) -> None:
    inbox = here.office.mailbox / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    for name, content in SPOILED.items():
        (inbox / name).write_bytes(content)
    (inbox / f".being-written.md.{os.getpid()}").write_bytes(b"half")
    here.until_merged(here.file("Say hello", "append README.md: hello"))
    failed = here.office.mailbox / "failed"
    assert {path.name for path in failed.glob("*.md")} == set(SPOILED)
    assert all((failed / f"{name}.reason").stat().st_size > 0 for name in SPOILED)
    assert (failed / "binary.md").read_bytes() == SPOILED["binary.md"]
    assert (inbox / f".being-written.md.{os.getpid()}").exists()


def test_a_task_that_a_person_dropped_is_worked_on_without_an_issue(here: Town) -> None:
    (here.office.mailbox / "inbox").mkdir(parents=True, exist_ok=True)
    text = "---\nid: by-hand\nrepo: acme/web\ntrust: maintainer\n---\nappend README.md: by hand\n"
    (here.office.mailbox / "inbox" / "by-hand.md").write_text(text)
    here.until_in("done")
    assert "by hand" in here.main("README.md")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "config.yaml is missing"),
        ("github_owner: acme\ngithub_projects: {}\nmax_attemps: 3\n", "did you mean max_attempts"),
        ("github_owner: [", "config.yaml:"),
        ("github_owner: acme\ngithub_projects: {}\nautomation_mode: dispatcher-only\n", "automation_mode"),
    ],
)
def test_s85_a_broken_configuration_ends_every_job_with_78_and_a_message(here: Town, content: str | None, told: str) -> None:
    config = here.office.folder / "config.yaml"
    config.unlink()
    if content is not None:
        config.write_text(content)
    waiting = {"queue": "mailbox/inbox", "pr_monitor": "mailbox/review", "notifier": "outbox"}
    for folder in waiting.values():
        (here.office.runtime / folder).mkdir(parents=True, exist_ok=True)
        (here.office.runtime / folder / "x.md").write_text("x")
    assert [here.office.tick(job) for job in JOBS] == [78] * 4
    assert all(told in here.office.log(job) for job in JOBS)
    assert all("Traceback" not in here.office.log(job) for job in JOBS)
