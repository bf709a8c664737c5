"""Loads config.yaml: every mistake at once, every level resolved, nothing remembered from one load to the next."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from orchestrator.config import remembered
from orchestrator.config.checks import broken_rules
from orchestrator.config.errors import ConfigError, ConfigErrors, Mistake, dotted
from orchestrator.config.levels import Level, Written, resolved
from orchestrator.config.resolve import Config, Explained
from orchestrator.config.schema import Settings, default_agents
from orchestrator.system import safe_yaml
from orchestrator.system.safe_yaml import BadYaml, Mapping_, Node, Scalar, Sequence_

__all__ = ["Config", "ConfigError", "ConfigErrors", "Explained", "Level", "load"]

MAX_BYTES = 262_144
MAX_DEPTH = 12


def load(path: Path, *, env: Mapping[str, str]) -> Config:
    """The configuration in `path`; `~` is the HOME of `env`. Raises ConfigErrors with every mistake of the file."""
    written = _parsed(path, env)
    settings = _settings(path, written, env)
    folder = _folder(path)
    return Config(
        settings=settings,
        folder=folder,
        runtime=_absolute(settings.runtime_dir, folder, env),
        worktrees=_absolute(settings.worktrees_dir, folder, env),
        repos={repo.github_repo: name for name, project in settings.github_projects.items() for repo in project.repos},
        agents={**default_agents(), **settings.agents},
        written=written,
    )


def _parsed(path: Path, env: Mapping[str, str]) -> Mapping_:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _alone(path, None, "is missing; copy example.config.yaml there") from None
    except OSError as error:
        raise _alone(path, None, f"cannot be read: {error.strerror}") from None
    kept = remembered.place(content, env)
    before = remembered.find(kept)
    if before is not None:
        return before
    try:
        written = safe_yaml.parse(content, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, keep_repeats=True)
    except BadYaml as bad:
        if bad.problem == "is empty":
            raise _alone(path, None, "is empty; copy example.config.yaml there") from None
        raise _alone(path, bad.line, f"column {bad.column}: {bad.problem}") from None
    remembered.keep(kept, written)
    return written


def _settings(path: Path, written: Mapping_, env: Mapping[str, str]) -> Settings:
    plain, refusal = _judged(written)
    found = [*(_mistakes(written) if plain is None else ()), *broken_rules(written)]
    if found:
        raise ConfigErrors(ConfigError(str(path), line, dotted(key), message) for line, key, message in found)
    if plain is None:
        raise _alone(path, None, f"is refused: {refusal}")
    return msgspec.convert(_with_whole_paths(resolved(plain), path, env), Settings)


def _mistakes(written: Mapping_) -> list[Mistake]:
    from orchestrator.config.validate import mistakes  # a right file, which it is every minute, does not pay for it

    return mistakes(written)


def _judged(written: Mapping_) -> tuple[Written | None, str]:
    """The file as dicts and lists if it fits the declaration, else None and why.

    msgspec judges in microseconds; the walk that finds every mistake with its line costs 10 ms and runs only after a refusal.
    """
    try:
        plain: Any = safe_yaml.to_plain(written)
        msgspec.convert(plain, Settings)
    except (BadYaml, msgspec.ValidationError) as error:
        return None, str(error)
    return (None, "a key is written twice") if _has_repeats(written) else (plain, "")


def _has_repeats(node: Node) -> bool:
    match node:
        case Mapping_():
            return bool(node.repeats) or any(_has_repeats(entry.value) for entry in node.entries.values())
        case Sequence_():
            return any(map(_has_repeats, node.items))
        case Scalar():
            return False


def _with_whole_paths(written: Written, path: Path, env: Mapping[str, str]) -> Written:
    """Paths to files of this machine made absolute, so that nobody depends on the folder that cron starts in."""
    folder, whole = _folder(path), dict(written)
    for group in ("github", "telegram"):
        if token_file := whole.get(group, {}).get("token_file"):
            whole[group] = {**whole[group], "token_file": str(_absolute(token_file, folder, env))}
    if readable := whole.get("sandbox", {}).get("read_only_paths"):
        whole["sandbox"] = {**whole["sandbox"], "read_only_paths": [str(_absolute(one, folder, env)) for one in readable]}
    return whole


def _folder(path: Path) -> Path:
    return Path(os.path.abspath(path)).parent


def _absolute(written: str, folder: Path, env: Mapping[str, str]) -> Path:
    if written == "~" or written.startswith("~/"):
        written = env.get("HOME", "~") + written[1:]
    return Path(os.path.normpath(folder / Path(written).expanduser()))


def _alone(path: Path, line: int | None, message: str) -> ConfigErrors:
    return ConfigErrors([ConfigError(str(path), line, "", message)])
