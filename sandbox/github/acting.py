"""What every scripted act needs: whom and what a name means, and the lock under which the world changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.github.hub import Hub
from sandbox.github.state import Issue, Pull, Repo, User


class Acting:
    """Finds things by name; every act is done under the lock and leaves the events that GitHub would record."""

    hub: Hub

    def user(self, login: str) -> User:
        """The account of that login; KeyError when there is none."""
        return self.hub.state.world.users[login.lower()]

    def repo(self, name: str) -> Repo:
        """The repository `owner/name`; KeyError when there is none."""
        return self.hub.state.world.repos[name.lower()]

    def issue(self, repo: str, number: int) -> Issue:
        """The live issue (or pull request seen as one); KeyError when there is none."""
        return self.repo(repo).issues[number]

    def pull(self, repo: str, number: int) -> Pull:
        """The live pull request; ValueError when the number is an issue's."""
        pull = self.issue(repo, number).pull
        if pull is None:
            raise ValueError(f"{repo}#{number} is an issue")
        return pull

    def ensure_owner(self, login: str, kind: str = "Organization") -> User:
        """The account of that login, made when missing; a login that ends in `[bot]` is a bot's."""
        kind = "Bot" if login.endswith("[bot]") else kind
        return self.hub.state.world.users.setdefault(login.lower(), User(self.hub.state.next_id(), login, kind))

    def _who(self, repo: Repo, login: str | None) -> User:
        return repo.owner if login is None else self.ensure_owner(login, "User")

    @contextmanager
    def _act(self) -> Iterator[None]:
        with self.hub.state.lock:
            yield
            self.hub.state.changed()
