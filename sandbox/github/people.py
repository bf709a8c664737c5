"""What people do on the web: the scripted acts of tests and demos, by login."""

from collections.abc import Iterable
from typing import Literal

from sandbox.github import issue_acts, project_acts
from sandbox.github import repository as git
from sandbox.github.acting import Acting
from sandbox.github.board_query import status_name
from sandbox.github.protection import write_rules
from sandbox.github.state import Comment, Issue, Item, Project, Protection

STATUSES = ("Backlog", "Ready", "In Progress", "Blocked", "Done")


class People(Acting):
    """Issues, boards, rules and branches."""

    def add_issue(
        self,
        repo: str,
        *,
        title: str,
        body: str | None = None,
        author: str | None = None,
        labels: Iterable[str] = (),
        assignees: Iterable[str] = (),
    ) -> Issue:
        """A new issue; the repository's owner writes it when nobody is named."""
        place = self.repo(repo)
        with self._act():
            who = self._who(place, author)
            issue = issue_acts.open_issue(self.hub.state, place, who, title, body)
            issue_acts.add_labels(self.hub.state, issue, labels, who)
            issue_acts.assign(self.hub.state, issue, [self.user(login) for login in assignees], who)
        return issue

    def edit_issue(
        self, repo: str, number: int, *, title: str | None = None, body: str | None = None, actor: str | None = None
    ) -> None:
        """A new title (a renamed event) or body (an edit with its editor)."""
        issue = self.issue(repo, number)
        with self._act():
            who = self._who(issue.repo, actor)
            if title is not None:
                issue_acts.rename(self.hub.state, issue, title, who)
            if body is not None:
                issue_acts.rewrite(self.hub.state, issue, body, who)

    def add_label(self, repo: str, number: int, name: str, *, actor: str | None = None) -> None:
        """Puts a label on; makes it when the repository lacks it."""
        issue = self.issue(repo, number)
        with self._act():
            issue_acts.add_labels(self.hub.state, issue, [name], self._who(issue.repo, actor))

    def remove_label(self, repo: str, number: int, name: str, *, actor: str | None = None) -> None:
        """Takes a label off."""
        issue = self.issue(repo, number)
        with self._act():
            issue_acts.remove_label(self.hub.state, issue, name, self._who(issue.repo, actor))

    def comment(self, repo: str, number: int, body: str, *, author: str | None = None) -> Comment:
        """Writes a comment."""
        issue = self.issue(repo, number)
        with self._act():
            return issue_acts.add_comment(self.hub.state, issue, self._who(issue.repo, author), body)

    def edit_comment(self, comment: Comment, body: str, *, actor: str | None = None) -> None:
        """Changes a comment."""
        with self._act():
            issue_acts.edit_comment(self.hub.state, comment, body, self._who(comment.issue.repo, actor))

    def close_issue(self, repo: str, number: int, *, actor: str | None = None, reason: str = "completed") -> None:
        """Closes an issue or pull request."""
        issue = self.issue(repo, number)
        with self._act():
            issue_acts.close(self.hub.state, issue, self._who(issue.repo, actor), None if issue.pull else reason)

    def reopen_issue(self, repo: str, number: int, *, actor: str | None = None) -> None:
        """Opens it again."""
        issue = self.issue(repo, number)
        with self._act():
            issue_acts.reopen(self.hub.state, issue, self._who(issue.repo, actor))

    def delete_issue(self, repo: str, number: int) -> None:
        """Removes an issue: from now on 410."""
        self._leave(repo, number, None)

    def turn_issues(self, repo: str, *, on: bool) -> None:
        """Turns a repository's issues off or on in its settings. That GraphQL finds none meanwhile is a guess."""
        with self._act():
            self.repo(repo).has_issues = on

    def transfer_issue(self, repo: str, number: int, to: str) -> Issue:
        """Moves an issue to another repository: from now on 301 to where it is."""
        old = self.issue(repo, number)
        with self._act():
            new = issue_acts.open_issue(self.hub.state, self.repo(to), old.author, old.title, old.body)
        self._leave(repo, number, self.hub.links.issue(new))
        return new

    def _leave(self, repo: str, number: int, url: str | None) -> None:
        place = self.repo(repo)
        with self._act():
            issue = place.issues.pop(number)
            place.gone[number] = url
            for project in self.hub.state.world.projects.values():
                if issue.id in project.cards:
                    project_acts.take_off_board(project, project.cards[issue.id])

    def add_project(
        self,
        owner: str,
        *,
        owner_type: Literal["organization", "user"] = "organization",
        statuses: Iterable[str] = STATUSES,
        title: str = "Board",
    ) -> Project:
        """A board with a Status field; the owner is made when missing."""
        with self._act():
            return project_acts.make_project(self.hub.state, self.ensure_owner(owner, owner_type.title()), title, tuple(statuses))

    def add_to_project(self, project: Project, issue: Issue, *, status: str | None = None, actor: str | None = None) -> Item:
        """Puts a card on the board."""
        with self._act():
            item = project_acts.put_on_board(self.hub.state, project, issue, self._who(issue.repo, actor))
        if status is not None:
            self.set_status(project, issue, status, actor=actor)
        return item

    def set_status(self, project: Project, issue: Issue, status: str, *, actor: str | None = None) -> None:
        """Drags the card of an issue to another column; ValueError when the board has no such column."""
        field = project.field_named("Status")
        option = project_acts.option_named(field, status) if field else None
        if field is None or option is None:
            raise ValueError(f"the board has no column {status!r}")
        with self._act():
            item = project_acts.put_on_board(self.hub.state, project, issue, self._who(issue.repo, actor))
            project_acts.set_value(self.hub.state, item, field, option.id)

    def archive_card(self, project: Project, issue: Issue) -> None:
        """Puts the card of an issue away: it is in no list any more."""
        with self._act():
            project.cards[issue.id].archived_at = self.hub.state.now()

    def status_of(self, project: Project, issue: Issue) -> str | None:
        """The column that the card of an issue is in; None without a card or a column."""
        item = project.cards.get(issue.id)
        return status_name(project, item) if item else None

    def protect(
        self,
        repo: str,
        branch: str,
        *,
        required_checks: Iterable[str] = (),
        strict: bool = False,
        require_pull_request: bool = False,
        required_approvals: int = 0,
        enforce_admins: bool = True,
        merge_queue: bool = False,
    ) -> None:
        """Protects a branch."""
        place = self.repo(repo)
        with self._act():
            place.protections[branch] = Protection(
                tuple(required_checks), strict, require_pull_request, required_approvals, enforce_admins, merge_queue
            )
            write_rules(place)

    def head_of(self, repo: str, branch: str) -> str | None:
        """The commit at the tip of a branch."""
        return git.branches(self.repo(repo).path).get(branch)

    def file_at(self, repo: str, ref: str, name: str) -> str:
        """The text of a file in a branch, tag or commit; GitFailed when it is not there."""
        return git.git_bytes(self.repo(repo).path, "show", f"{ref}:{name}").decode()
