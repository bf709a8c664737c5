"""Chooses where an agent's model is to be had: the first provider whose key is there and who has not just refused it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.adapters.agents import keyfile, placeholders
from orchestrator.adapters.agents.dialects.speaking import Endpoint
from orchestrator.config.schema import AgentEntry, Provider
from orchestrator.model.agent import Failure
from orchestrator.system import files

_PAUSE = timedelta(hours=1)
"""How long a provider rests that did not say when it serves again, or that refused the key."""
_REFUSALS = {Failure.QUOTA: "had no quota", Failure.UNAUTHORIZED: "refused the key"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The provider to use with its key (None: there is none), where the key comes from, and why each other was skipped."""

    endpoint: Endpoint | None
    source: str
    skipped: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """The providers of one agent. `folder` is that of config.yaml, `holds` the folder of the hold files."""

    agent: str
    listed: Sequence[Provider]
    env: Mapping[str, str]
    folder: Path
    holds: Path

    def choice(self, now: datetime) -> Choice:
        """The first provider that can be used now. Skipping one costs nothing."""
        skipped: list[str] = []
        for provider in self.listed:
            try:
                key, source = _key(provider, self.env, self.folder)
            except keyfile.Unusable as problem:
                skipped.append(f"{provider.name}: {problem}")
                continue
            if (held := self._held(provider, now)) is None:
                return Choice(endpoint=Endpoint(provider=provider, key=key), source=source, skipped=skipped)
            skipped.append(f"{provider.name}: {held}")
        return Choice(endpoint=None, source="", skipped=skipped)

    def hold(self, provider: str, failure: Failure, until: datetime | None, now: datetime) -> bool:
        """Let a provider rest that had no quota or refused the key, so that the next run asks another; whether it rests.

        The file may be deleted at any time.
        """
        if failure not in _REFUSALS:
            return False
        told = {"until": (until or now + _PAUSE).isoformat(), "why": _REFUSALS[failure]}
        files.publish(self._hold_file(provider), json.dumps(told).encode() + b"\n")
        return True

    def _held(self, provider: Provider, now: datetime) -> str | None:
        """Why a provider rests, None when it does not; a spoiled file holds nobody."""
        path = self._hold_file(provider.name)
        try:
            told = json.loads(path.read_bytes())
            until = datetime.fromisoformat(told["until"])
            held = until > now
        except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
            return None
        why = told.get("why") if told.get("why") in _REFUSALS.values() else "was put on hold"
        return f"{why}; it rests until {until:%Y-%m-%d %H:%M} UTC or until {path} is deleted" if held else None

    def _hold_file(self, provider: str) -> Path:
        return self.holds / f"{self.agent}.{provider}.hold"


def secrets(entries: Mapping[str, AgentEntry], env: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Every key that the entries' providers have, from variables and files alike, for whoever must hide them."""
    for provider in (provider for entry in entries.values() for provider in entry.providers):
        found = [env.get(provider.credential_env, "")]
        if provider.credential_file and provider.credential_key:
            with suppress(keyfile.Unusable):
                found.append(keyfile.key_in(_path(provider.credential_file, env, folder), provider.credential_key))
        yield from (value for value in found if value and not placeholders.stands_for(value))


def hosts_for(entry: AgentEntry, provider: Provider | None) -> list[str]:
    """What the entry may reach: its own hosts and the provider's, `:PORT` behind it where it is not that of https."""
    own = [] if provider is None else _host(provider.base_url)
    return list(dict.fromkeys([*entry.allowed_hosts, *own]))


def _host(url: str) -> list[str]:
    """The host of an address; none for one that is no address, which then cannot be reached."""
    try:
        address = urlsplit(url)
        port = address.port or (443 if address.scheme == "https" else 80)
    except ValueError:
        return []
    return [f"{address.hostname}{'' if port == 443 else f':{port}'}"] if address.hostname else []


def _key(provider: Provider, env: Mapping[str, str], folder: Path) -> tuple[str, str]:
    """The key and where it comes from: the variable, else the file. Raises Unusable with why neither has one."""
    variable = env.get(provider.credential_env, "").strip()
    fault = placeholders.fault(variable) if variable else "is not set"
    if fault is None:
        return variable, provider.credential_env
    told = f"{provider.credential_env} {fault}"
    if not provider.credential_file or not provider.credential_key:
        raise keyfile.Unusable(told)
    path = _path(provider.credential_file, env, folder)
    try:
        held = keyfile.key_in(path, provider.credential_key)
    except keyfile.Unusable as problem:
        raise keyfile.Unusable(f"{told}, and {problem}") from None
    if fault := placeholders.fault(held):
        raise keyfile.Unusable(f"{told}, and {provider.credential_key} in {path} {fault}")
    return held, f"{provider.credential_key} in {path}"


def _path(written: str, env: Mapping[str, str], folder: Path) -> Path:
    if written.startswith("~/"):
        written = env.get("HOME", "~") + written[1:]
    return Path(os.path.normpath(folder / written))
