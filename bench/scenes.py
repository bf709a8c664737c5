"""What the idle ticks look at: a board of many cards that are not ready, and a mailbox of many finished tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.mailbox import letter
from orchestrator.model.task import Attempt, Folder, Stage, Task
from sandbox.github import GitHub, issue_acts, project_acts
from sandbox.github.state import Project
from sandbox.installation import Installation, install, settings, with_scripted_agents

REPO = "acme/web"
MADE = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@dataclass
class Scene:
    """A stand-in with a board that grows, and installations that look at it."""

    folder: Path
    github: GitHub
    board: Project
    token: str

    def grow(self, size: int) -> None:
        """Fill the board up to so many cards: open issues in Backlog and closed ones in Done, none ready."""
        state, repo = self.github.state, self.github.repo(REPO)
        status = self.board.field_named("Status")
        assert status is not None
        with state.lock:
            for place in range(len(self.board.items), size):
                issue = issue_acts.open_issue(state, repo, repo.owner, f"Issue {place}", "A body that says what to do.\n" * 10)
                card = project_acts.put_on_board(state, self.board, issue, repo.owner)
                is_done = place % 2 == 1
                option = project_acts.option_named(status, "Done" if is_done else "Backlog")
                assert option is not None
                project_acts.set_value(state, card, status, option.id)
                if is_done:
                    issue_acts.close(state, issue, repo.owner)

    def office(self, name: str) -> Installation:
        """An installation of its own that looks at the board."""
        told = settings(self.github, None, repos={REPO: {}}, board=self.board.number, chain=("first",))
        return install(self.folder / name, with_scripted_agents(told, ("first",)), {"github.token": self.token}, {})


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """A stand-in with one repository and an empty board."""
    with GitHub(folder / "github") as github:
        github.add_repo(REPO, collaborators={"agent-bot": "write"})
        yield Scene(folder, github, github.add_project("acme"), github.add_token("agent-bot"))
        if github.problems:
            raise RuntimeError(f"the stand-in had problems: {github.problems[:3]}")


def fill(office: Installation, folder: Folder, count: int) -> None:
    """Put so many tasks into a folder of the mailbox: finished ones into done/, else waiting ones."""
    place = office.mailbox / folder
    place.mkdir(parents=True, exist_ok=True)
    make = finished if folder is Folder.DONE else waiting
    for number in range(1, count + 1):
        # Issue numbers beyond every board: nothing here is about a card.
        task = make(1_000_000 + number)
        (place / f"{task.id}.md").write_bytes(letter.render(task))


def waiting(issue: int) -> Task:
    """A task as the dispatcher delivers it."""
    return Task(id=f"acme-web-{issue}-1", repo=REPO, title=f"Issue {issue}", created_at=MADE, issue=issue, goal="Mend it.\n" * 20)


def finished(issue: int) -> Task:
    """A task that went all the way, with what its attempt left."""
    told = Attempt(number=1, agent="first", status="complete", blocker="none", at=MADE, text="It was mended.\n" * 20)
    return Task(
        id=f"acme-web-{issue}-1",
        repo=REPO,
        title=f"Issue {issue}",
        created_at=MADE,
        issue=issue,
        goal="Mend it.\n" * 20,
        stage=Stage.FILED,
        pull_request=issue + 1,
        history=(told,),
    )
