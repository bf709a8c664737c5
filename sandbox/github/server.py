"""The stand-in as tests and demos hold it: a running server with users, repositories, boards and trouble on order."""

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from sandbox.github import pull_acts
from sandbox.github import repository as git
from sandbox.github.ci import Judge, Runner
from sandbox.github.faults import Faults
from sandbox.github.front import Server
from sandbox.github.gateway import Gateway
from sandbox.github.history import History
from sandbox.github.hub import Hub
from sandbox.github.ledger import Ledger
from sandbox.github.links import Links
from sandbox.github.meanwhile import Act, Meanwhile
from sandbox.github.people import People
from sandbox.github.proposers import Proposers
from sandbox.github.protection import install_hook
from sandbox.github.reviewers import Reviewers
from sandbox.github.saved import Saved, load, save
from sandbox.github.state import LEVELS, Repo, State, Token, User

SCOPES = ("repo", "project")


def _now() -> datetime:
    return datetime.now(UTC)


class GitHub(People, Proposers, Reviewers):
    """A GitHub on a loopback port; `root` is a folder of its own for repositories and CI scratch.

    REST is at `api_url`, GraphQL at `graphql_url`, git at `web_url`/OWNER/NAME.git. Close it, or use it in `with`.
    `problems` lists the stand-in's own mistakes: tests assert that it is empty.
    """

    def __init__(self, root: Path, port: int = 0, clock: Callable[[], datetime] = _now) -> None:
        self._root = root
        state = State(clock)
        self.ledger = Ledger()
        self.faults = Faults()
        self._history = History(state)
        self._tokens = itertools.count(1)
        self._server = Server(port, lambda: self._gateway)
        self.web_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.api_url = f"{self.web_url}/api/v3"
        self.graphql_url = f"{self.web_url}/api/graphql"
        problems: list[str] = []
        self.hub = Hub(state, Links(self.api_url, self.web_url), Runner(state, root / "ci", problems), problems)
        self._meanwhile = Meanwhile()
        self._gateway = Gateway(self.hub, self.ledger, self.faults, self._history, self._meanwhile)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="github", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> "GitHub":
        return self

    def __exit__(self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stops serving and ends CI jobs."""
        self._gateway.close()
        self.hub.ci.close()
        self._server.shutdown()
        self._server.server_close()

    @property
    def problems(self) -> list[str]:
        """Answers that did not fit the description, and bugs."""
        return self.hub.problems

    @property
    def state(self) -> State:
        """Everything, live."""
        return self.hub.state

    def add_user(self, login: str, type: str = "User") -> User:
        """An account; the one that is there when the login is taken."""
        with self._act():
            return self.ensure_owner(login, type)

    def add_token(self, login: str, scopes: Iterable[str] = SCOPES) -> str:
        """A new token of that user, made up."""
        text = "ghp_" + hashlib.sha256(f"made up {login} {next(self._tokens)} {self.web_url}".encode()).hexdigest()[:36]
        with self._act():
            self.ensure_owner(login, "User")
            self.state.world.tokens[text] = Token(text, login, tuple(scopes))
        return text

    def revoke_token(self, text: str) -> None:
        """From now on 401."""
        with self._act():
            del self.state.world.tokens[text]

    def add_repo(
        self,
        name: str,
        *,
        default_branch: str = "main",
        files: Mapping[str, str | bytes] | None = None,
        collaborators: Mapping[str, str] | None = None,
        private: bool = True,
        owner_type: str = "Organization",
    ) -> Repo:
        """A repository with a first commit; owner and collaborators are made when missing."""
        owner, _, short = name.partition("/")
        with self._act():
            now = self.state.now()
            path = self._root / "repositories" / f"{owner}/{short}.git"
            repo = Repo(
                self.state.next_id(), self.ensure_owner(owner, owner_type), short, path, default_branch, private, now, now
            )
            git.init(path, default_branch)
            install_hook(repo)
            sha = git.commit_files(
                path, None, files or {"README.md": f"# {short}\n"}, "First commit", pull_acts.person(repo.owner, now)
            )
            git.update_ref(path, f"refs/heads/{default_branch}", sha)
            self.state.world.repos[name.lower()] = repo
            for login, role in (collaborators or {}).items():
                self._let_in(repo, login, role)
        return repo

    def set_permission(self, name: str, login: str, role: str) -> None:
        """read, triage, write, maintain, admin; `none` takes a collaborator out."""
        with self._act():
            self._let_in(self.repo(name), login, role)

    def _let_in(self, repo: Repo, login: str, role: str) -> None:
        if role not in LEVELS:
            raise ValueError(f"{role} is none of {LEVELS}")
        self.ensure_owner(login, "User")
        repo.collaborators[login.lower()] = role
        if role == "none":
            del repo.collaborators[login.lower()]

    def rename_repo(self, name: str, new: str) -> None:
        """From now on the old address answers 301; git goes on with both."""
        with self._act():
            repo = self.state.world.repos.pop(name.lower())
            repo.name = new
            self.state.world.repos[repo.full_name.lower()] = repo
            self.state.world.renamed[name.lower()] = repo.full_name.lower()

    def rate_limit(self, *, limit: int = 5000, remaining: int = 5000, reset_in: float = 3600) -> None:
        """Sets the primary limit; `reset_in` is seconds from now."""
        self.hub.limits.set(limit, remaining, reset_in)

    def stale_lists(self, seconds: float) -> None:
        """List endpoints answer as of that long ago; 0 ends it. History is kept from the first call on."""
        with self.state.lock:
            self._history.lag(seconds)

    def keep_history(self) -> None:
        """Keeps history without making lists stale, for faults of the kind `stale`."""
        with self.state.lock:
            self._history.keep()

    def between(self, act: Act | None) -> None:
        """Has `act(operation id, number)` called before each request (REST, GraphQL, git) is answered; None ends it.

        Numbers begin at 1 with this call. The function may use everything here; the answer then tells the world that it left.
        """
        self._meanwhile.set(act)

    def save(self) -> Saved:
        """The world and its branches as they are now; CI must be idle."""
        return save(self.state)

    def load(self, saved: Saved) -> None:
        """Makes the world what it was when it was saved; what was got from it since (issues, boards) is of no use any more."""
        load(self.state, saved)

    def ci_idle(self, timeout: float = 30) -> bool:
        """Waits until no CI job is queued or running; False when the time (seconds) is up before."""
        return self.hub.ci.wait_idle(timeout)

    @property
    def ci_enabled(self) -> bool:
        """Whether pushes start CI."""
        return self.hub.ci.enabled

    @ci_enabled.setter
    def ci_enabled(self, enabled: bool) -> None:
        self.hub.ci.enabled = enabled

    def ci_judge(self, judge: Judge | None) -> None:
        """From now on jobs are not run: `judge(repository, commit)` tells at once how one ends, None leaves it queued."""
        self.hub.ci.judge = judge

    @property
    def ci_delay(self) -> float:
        """Seconds that a job stays queued."""
        return self.hub.ci.delay

    @ci_delay.setter
    def ci_delay(self, seconds: float) -> None:
        self.hub.ci.delay = seconds
