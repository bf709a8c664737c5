from __future__ import annotations

import time
from pathlib import Path

import pytest

from orchestrator.adapters.github import token as tokens
from orchestrator.adapters.github.token import find_token
from orchestrator.config.schema import GitHubAccess

SAYS_TOKEN = 'echo "$@" > "$HOME/argv"; env > "$HOME/seen"; echo ghp_from_gh'


def gh(folder: Path, script: str) -> dict[str, str]:
    """An environment in which `gh` is this script."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder)}


def secret(folder: Path, mode: int = 0o600) -> str:
    path = folder / "token"
    path.write_text("ghp_from_file\n")
    path.chmod(mode)
    return str(path)


def test_the_environment_comes_before_the_file_and_the_file_before_gh(tmp_path: Path) -> None:
    env = gh(tmp_path, SAYS_TOKEN)
    access = GitHubAccess(token_file=secret(tmp_path))
    assert find_token(access, {**env, "GITHUB_TOKEN": "ghp_from_env"}) == "ghp_from_env"
    assert find_token(access, env) == "ghp_from_file"
    assert find_token(GitHubAccess(), env) == "ghp_from_gh"


def test_the_variable_is_the_one_that_is_configured() -> None:
    access = GitHubAccess(token_env="OUR_TOKEN", use_gh_cli=False)
    assert find_token(access, {"OUR_TOKEN": "ours", "GITHUB_TOKEN": "theirs"}) == "ours"


def test_s81_a_token_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="token") as refused:
        find_token(GitHubAccess(token_file=secret(tmp_path, 0o644)), {})
    assert "ghp_from_file" not in str(refused.value)


@pytest.mark.parametrize(
    ("api_url", "host"),
    [("https://api.github.com", "github.com"), ("https://ghe.acme.example:8443/api/v3", "ghe.acme.example:8443")],
)
def test_gh_is_asked_for_the_host_that_is_configured(api_url: str, host: str, tmp_path: Path) -> None:
    assert find_token(GitHubAccess(api_url=api_url), gh(tmp_path, SAYS_TOKEN)) == "ghp_from_gh"
    assert (tmp_path / "argv").read_text() == f"auth token --hostname {host}\n"


def test_s81_gh_sees_nothing_of_the_environment_but_what_it_needs(tmp_path: Path) -> None:
    env = {**gh(tmp_path, SAYS_TOKEN), "ANTHROPIC_API_KEY": "secret", "TELEGRAM_BOT_TOKEN": "secret", "XDG_CONFIG_HOME": "/x"}
    find_token(GitHubAccess(), env)
    names = {line.split("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH", "HOME", "XDG_CONFIG_HOME"}


@pytest.mark.parametrize("script", ["echo no login >&2; exit 1", "exit 0", "echo"])
def test_a_gh_without_a_login_gives_no_token(script: str, tmp_path: Path) -> None:
    assert find_token(GitHubAccess(), gh(tmp_path, script)) is None


def test_no_gh_gives_no_token(tmp_path: Path) -> None:
    assert find_token(GitHubAccess(), {"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None


def test_a_gh_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "GH_SECONDS", 0.3)
    began = time.monotonic()
    assert find_token(GitHubAccess(), gh(tmp_path, "sleep 60")) is None
    assert time.monotonic() - began < 30


def test_gh_is_left_alone_when_it_may_not_be_asked(tmp_path: Path) -> None:
    assert find_token(GitHubAccess(use_gh_cli=False), gh(tmp_path, SAYS_TOKEN)) is None
    assert not (tmp_path / "argv").exists()
