"""One request on its way through a route: who asks, what for, and what the route may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.github.answers import Answer, forbidden, not_found, refusal
from sandbox.github.links import Links
from sandbox.github.permissions import may_read_project, may_write_project, permission_of, reaches
from sandbox.github.state import Issue, Project, Pull, Repo, State, Token, User, World

if TYPE_CHECKING:
    from sandbox.github.hub import Hub


@dataclass(frozen=True)
class Call:
    """A validated request with everything a route needs to answer it."""

    hub: "Hub"
    world: World
    viewer: User
    token: Token
    method: str
    path: Mapping[str, str]
    url: str
    query: Mapping[str, str]
    body: Any

    @property
    def state(self) -> State:
        """The live state, for writes."""
        return self.hub.state

    @property
    def links(self) -> Links:
        """Where things are found."""
        return self.hub.links

    def repo(self) -> Repo:
        """The repository of the path; 404 when unknown or hidden from the caller, 301 when it has moved."""
        name = f"{self.path['owner']}/{self.path['repo']}".lower()
        repo = self.world.repos.get(self.world.renamed.get(name, name))
        if repo is None or not reaches(permission_of(repo, self.viewer), "read"):
            raise not_found()
        if name in self.world.renamed:
            raise moved(self.url.replace(f"/repos/{self.path['owner']}/{self.path['repo']}", f"/repos/{repo.full_name}", 1))
        return repo

    def writable_repo(self, level: str = "write") -> Repo:
        """The repository, when the caller has at least `level` there; 403 otherwise."""
        repo = self.repo()
        if not reaches(permission_of(repo, self.viewer), level):
            raise forbidden("Must have admin rights to Repository." if level == "admin" else NO_WRITE)
        if "repo" not in self.token.scopes and "public_repo" not in self.token.scopes:
            raise forbidden()
        return repo

    def can(self, repo: Repo, level: str) -> bool:
        """Whether the caller has at least `level` there."""
        return reaches(permission_of(repo, self.viewer), level)

    def issue(self, repo: Repo, key: str = "issue_number") -> Issue:
        """The issue of the path; 404, 410 when deleted, 301 when transferred."""
        number = int(self.path[key])
        if number in repo.gone:
            raise gone_or_moved(repo.gone[number])
        issue = repo.issues.get(number)
        if issue is None:
            raise not_found()
        return issue

    def pull(self, repo: Repo) -> tuple[Issue, Pull]:
        """The pull request of the path, with its issue."""
        issue = self.issue(repo, "pull_number")
        if issue.pull is None:
            raise not_found()
        return issue, issue.pull

    def project(self, write: bool = False) -> Project:
        """The board of the path; 404 when unknown or hidden, 403 when it may only be read."""
        owner = self.path.get("org") or self.path["username"]
        project = self.world.projects.get((owner.lower(), int(self.path["project_number"])))
        if project is None or (project.owner.type == "Organization") != ("org" in self.path):
            raise not_found()
        self._need_project_scope(write)
        if not may_read_project(self.world, project, self.viewer):
            raise not_found()
        if write and not may_write_project(self.world, project, self.viewer):
            raise forbidden("You do not have permission to update this project")
        return project

    def _need_project_scope(self, write: bool) -> None:
        wanted = {"project"} if write else {"project", "read:project"}
        if not wanted & set(self.token.scopes):
            raise forbidden("Your token has not been granted the required scopes to execute this request: project")


NO_WRITE = "Must have write access to Repository."


def moved(url: str) -> Exception:
    """301 to where a thing lives now."""
    return refusal(301, "Moved Permanently", {"Location": url}, url=url)


def gone_or_moved(url: str | None) -> Exception:
    """410 for a deleted issue, 301 for a transferred one."""
    return refusal(410, "This issue was deleted") if url is None else moved(url)


Handler = Callable[[Call], Answer]
