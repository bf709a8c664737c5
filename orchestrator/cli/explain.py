"""`agentos config explain`: what a setting is worth for a repository, and which level of the file said so."""

from __future__ import annotations

import msgspec

from orchestrator.cli import exits
from orchestrator.cli.office import Office, Said
from orchestrator.cli.references import Unclear, configured, only_repo


def run(office: Office, key: str, repo: str | None) -> Said:
    """Print value and level. Raises Unclear for a repository or a key that does not exist."""
    known = tuple(office.config.repos)
    place = configured(repo, known) if repo else only_repo(known, "--repo {repo}")
    try:
        explained = office.config.explain(key, place)
    except KeyError as problem:
        told = str(problem.args[0])
        raise Unclear(f"{told}{'' if told.endswith('?') else '.'} Every setting is in docs/configuration.md.") from None
    value = msgspec.json.encode(explained.value).decode()
    line = "" if explained.line is None else f", line {explained.line} of config.yaml"
    return Said(exits.OK, f"{key} = {value}\nfor {place}, from level {explained.level}{line}")
