"""Addresses of things, as they appear in answers."""

from dataclasses import dataclass

from sandbox.github.state import Issue, Project, Repo


@dataclass(frozen=True)
class Links:
    """The two bases that every address starts with."""

    api: str
    web: str

    def repo(self, repo: Repo) -> str:
        """The API address of a repository."""
        return f"{self.api}/repos/{repo.full_name}"

    def page(self, repo: Repo) -> str:
        """The web address of a repository."""
        return f"{self.web}/{repo.full_name}"

    def issue(self, issue: Issue) -> str:
        """The API address of an issue, also of a pull request seen as one."""
        return f"{self.repo(issue.repo)}/issues/{issue.number}"

    def pull(self, issue: Issue) -> str:
        """The API address of a pull request."""
        return f"{self.repo(issue.repo)}/pulls/{issue.number}"

    def issue_page(self, issue: Issue) -> str:
        """The web address of an issue or pull request."""
        return f"{self.page(issue.repo)}/{'pull' if issue.pull else 'issues'}/{issue.number}"

    def project(self, project: Project) -> str:
        """The API address of a board."""
        kind = "orgs" if project.owner.type == "Organization" else "users"
        return f"{self.api}/{kind}/{project.owner.login}/projectsV2/{project.number}"
