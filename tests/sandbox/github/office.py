"""A small company on the stand-in: one repository, one board, four accounts, and a client for each."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from sandbox.github import GitHub
from sandbox.github.state import Issue, Project

REPO = "acme/web"
CI = "name: CI\non: push\njobs:\n  tests:\n    steps:\n      - run: test -f README.md && echo all is well\n"


class Client:
    """REST, GraphQL and git as one account."""

    def __init__(self, github: GitHub, token: str) -> None:
        self.github = github
        self.token = token
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        address = path if path.startswith("http") else f"{self.github.api_url}{path}"
        return self.session.request(method, address, json=body, allow_redirects=False, timeout=20, **options)

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def query(self, text: str, **variables: Any) -> Any:
        """The JSON of a GraphQL request."""
        return self("POST", self.github.graphql_url, {"query": text, "variables": variables}).json()

    def git(self, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
        """Git in a folder, with this account's credentials in the environment."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic(self.token)}",
        }
        for who in ("AUTHOR", "COMMITTER"):
            env |= {f"GIT_{who}_NAME": "agent-bot", f"GIT_{who}_EMAIL": "agent-bot@example.com"}
        return subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, text=True, timeout=60)

    def clone(self, folder: Path, repo: str = REPO) -> Path:
        """A fresh clone."""
        folder.mkdir(parents=True)
        done = self.git(folder, "clone", "--quiet", f"{self.github.web_url}/{repo}.git", "work")
        assert done.returncode == 0, done.stderr
        return folder / "work"

    def commit(self, work: Path, files: Mapping[str, str], message: str = "Change") -> str:
        """Writes files and commits them; returns the sha."""
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text)
        self.git(work, "add", "--all")
        self.git(work, "commit", "--quiet", "-m", message)
        return self.git(work, "rev-parse", "HEAD").stdout.strip()


def basic(token: str) -> str:
    """A token as the password of Basic authentication."""
    return requests.auth._basic_auth_str("x-access-token", token).removeprefix("Basic ")


class Office:
    """The company: alice administers, agent-bot writes, tina triages, mallory is nobody."""

    def __init__(self, github: GitHub) -> None:
        self.github = github
        roles = {"alice": "admin", "agent-bot": "write", "tina": "triage", "reader": "read"}
        github.add_repo(REPO, files={"README.md": "one\ntwo\nthree\n"}, collaborators=roles)
        self.alice, self.bot, self.tina, self.reader, self.mallory = (
            Client(github, github.add_token(login)) for login in ("alice", "agent-bot", "tina", "reader", "mallory")
        )

    def close(self) -> None:
        """Ends the clients' connections."""
        for client in (self.alice, self.bot, self.tina, self.reader, self.mallory):
            client.session.close()

    def issue(self, title: str = "Fix login", **more: Any) -> Issue:
        """An issue by alice."""
        return self.github.add_issue(REPO, title=title, **{"author": "alice", **more})

    def board(self) -> Project:
        """A board of the organization."""
        return self.github.add_project("acme")

    def pull(self, branch: str = "agent/1-x", files: Mapping[str, str] | None = None, **more: Any) -> int:
        """The number of a pull request by agent-bot with one commit."""
        self.github.push_commit(REPO, branch, files or {f"{branch}.txt": "new\n"}, "agent-bot", f"Work on {branch}")
        body = {"title": f"Do {branch}", "head": branch, "base": "main", **more}
        answer = self.bot("POST", f"/repos/{REPO}/pulls", body)
        assert answer.status_code == 201, answer.text
        number: int = answer.json()["number"]
        return number

    def merge(self, number: int, **body: Any) -> requests.Response:
        """agent-bot merges."""
        return self.bot("PUT", f"/repos/{REPO}/pulls/{number}/merge", body)
