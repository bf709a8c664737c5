"""The play: a person files issues and moves cards, cron ticks, and everything ends on main."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sandbox.demo.shop import REPO, SCENES, Scene
from sandbox.demo.story import Story
from sandbox.github import GitHub
from sandbox.github.state import Issue, Project
from sandbox.installation import JOBS, Installation

PATIENCE_SECONDS = 300.0
"""How long the scripted agents may take for everything together; a real agent gets longer."""


REVIEW_SECONDS = 6.0
"""How long CI takes where a person reviews meanwhile."""


class TookTooLong(Exception):
    """The play did not come to its end in time; the message says what was open."""


@dataclass
class Play:
    """The people and things of the play. `helped` are tasks that the person moved back to the inbox, `reviewed` the scenes
    whose pull request was reviewed."""

    github: GitHub
    board: Project
    office: Installation
    story: Story
    issues: dict[str, Issue] = field(default_factory=dict)
    helped: set[str] = field(default_factory=set)
    reviewed: set[str] = field(default_factory=set)

    def run(self, patience: float) -> None:
        """Everything one after another, but for those that go at the same time."""
        for scene in SCENES:
            if not scene.together:
                self.show([scene], patience)
        self.show([scene for scene in SCENES if scene.together], patience)

    def show(self, scenes: list[Scene], patience: float) -> None:
        """Some scenes at once. Where somebody reviews, CI takes a little longer, so that they are in time."""
        self.story.say("", f"── {scenes[0].shows}")
        self.github.ci_delay = REVIEW_SECONDS if any(scene.remark for scene in scenes) else 0.0
        for scene in scenes:
            self.file(scene)
        self.until_done(scenes, patience)

    def file(self, scene: Scene) -> None:
        """The person writes an issue and moves its card to Ready."""
        issue = self.github.add_issue(REPO, title=scene.title, body=scene.body, author="alice")
        self.github.add_to_project(self.board, issue, status="Backlog", actor="alice")
        self.github.set_status(self.board, issue, "Ready", actor="alice")
        self.issues[scene.key] = issue
        self.story.say("person", f"moves issue #{issue.number} “{scene.title}” to Ready")

    def until_done(self, scenes: list[Scene], patience: float) -> None:
        """Let cron tick until the scenes' issues are closed and their cards are Done."""
        deadline = time.monotonic() + patience
        while not all(self.is_done(scene) for scene in scenes):
            if time.monotonic() > deadline:
                raise TookTooLong(self.what_is_open())
            self.tick(scenes)
            self.help()
            time.sleep(0.2)
        self.tick(scenes)

    def tick(self, scenes: list[Scene]) -> None:
        """One minute of cron, without the waiting. The person looks before each job, however long the one before took."""
        for job in JOBS:
            self.review(scenes)
            self.office.tick(job)
            self.story.tell_news()

    def is_done(self, scene: Scene) -> bool:
        """Whether the issue went all the way, and its file with it."""
        issue = self.issues[scene.key]
        is_shown = issue.state == "closed" and self.github.status_of(self.board, issue) == "Done"
        return is_shown and any(f"-{issue.number}-" in path.name for path in self.office.letters("done"))

    def help(self) -> None:
        """The person reads the message, provides what is missing and moves the file back."""
        for letter in self.office.letters("blocked"):
            if letter.stem in self.helped:
                continue
            self.helped.add(letter.stem)
            target = self.office.mailbox / "inbox" / letter.name
            self.story.say("person", f"provides what is missing: mv blocked/{letter.name} inbox/")
            letter.rename(target)

    def review(self, scenes: list[Scene]) -> None:
        """The person reads a pull request and asks for a change on a line."""
        for scene in scenes:
            branch = f"agent/{self.issues[scene.key].number}-"
            found = [one.number for one, pull in self.github.repo(REPO).pulls() if pull.head_ref.startswith(branch)]
            if found and scene.remark and scene.key not in self.reviewed:
                self.reviewed.add(scene.key)
                self.github.submit_review(REPO, found[0], "alice", "COMMENTED", comments=[("shop/prices.py", 1, scene.remark)])
                self.story.say("person", f"asks for a change on a line of pull request #{found[0]}")

    def what_is_open(self) -> str:
        """Which folders hold which tasks, for the message of a play that did not end."""
        folders = ("inbox", "processing", "review", "blocked", "escalated", "failed")
        held = (
            f"{name}: {', '.join(letter.stem for letter in self.office.letters(name))}"
            for name in folders
            if self.office.letters(name)
        )
        return f"still open: {'; '.join(held) or 'no task file'}; look into {self.office.runtime}/logs"
