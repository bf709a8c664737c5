"""Where a GitHub lives: from the configured REST address to GraphQL, web and git, for github.com and for Enterprise Server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

SERVER_API = "/api/v3"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The bases of one GitHub, without a slash at the end; `is_loopback` is true for a stand-in on this machine."""

    api: str
    graphql: str
    web: str
    is_loopback: bool


def addresses(api_url: str) -> Addresses:
    """All bases of the GitHub whose REST address this is. Raises ValueError with a sentence for the person.

    github.com and data residency put the API on `api.HOST`; Enterprise Server puts it under `https://HOST/api/v3`
    (https://docs.github.com/en/enterprise-server/rest/quickstart, https://docs.github.com/en/graphql/guides/forming-calls-with-graphql).
    """
    given = api_url.rstrip("/")
    parts = urlsplit(given)
    here = _is_loopback(parts.hostname or "")
    _check(given, parts, here)
    origin = f"{parts.scheme}://{parts.netloc}"
    if parts.path == SERVER_API:
        return Addresses(given, f"{origin}/api/graphql", origin, here)
    if parts.path == "" and parts.netloc.startswith("api."):
        return Addresses(given, f"{given}/graphql", f"{parts.scheme}://{parts.netloc.removeprefix('api.')}", here)
    if parts.path == "" and here:
        return Addresses(given, f"{given}/graphql", origin, here)
    raise ValueError(f"{api_url} is no address of GitHub's API: https://api.github.com, or https://HOST{SERVER_API} for a server")


def git_url(api_url: str, repo: str) -> str:
    """The address that git clones `owner/name` from and pushes it to. Raises ValueError as `addresses` does."""
    return f"{addresses(api_url).web}/{quote(repo)}.git"


def _check(given: str, parts: SplitResult, here: bool) -> None:
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{given} is no web address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("github.api_url must not hold a name or password; give the token by environment variable or file")
    if parts.scheme == "http" and not here:
        raise ValueError(f"{given} is not encrypted; plain http is for loopback only")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
