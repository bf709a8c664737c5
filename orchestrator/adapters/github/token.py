"""Where GitHub's token comes from: the environment, a file, or the `gh` command. It is in no argument and no log."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from orchestrator.adapters.github.addresses import addresses
from orchestrator.config.schema import GitHubAccess
from orchestrator.config.secrets import read_secret

GH_SECONDS = 10.0
GH_SEES = ("PATH", "HOME", "XDG_CONFIG_HOME", "GH_CONFIG_DIR", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
"""What `gh` needs to find its login, which may lie in the desktop's key ring; nothing else of the environment is handed on."""


def find_token(access: GitHubAccess, env: Mapping[str, str]) -> str | None:
    """The token, None when there is none. Raises what `read_secret` raises for a file that others can read."""
    token = read_secret(access.token_env, access.token_file, env)
    if token is None and access.use_gh_cli:
        token = _from_gh(access, env)
    return token or None


def _from_gh(access: GitHubAccess, env: Mapping[str, str]) -> str | None:
    host = urlsplit(addresses(access.api_url).web).netloc
    seen = {name: env[name] for name in GH_SEES if name in env}
    from orchestrator.system import processes  # a token that is given costs no process

    try:
        finished = processes.run(["gh", "auth", "token", "--hostname", host], env=seen, timeout=GH_SECONDS, limit=10_000)
    except (FileNotFoundError, processes.TimedOut):
        return None
    return finished.out.decode(errors="replace").strip() if finished.code == 0 else None
