"""`agentos doctor`: looks at everything an installation needs and goes on whatever it finds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from orchestrator.cli import exits
from orchestrator.cli.doctor import agents, crontab, folders, hub, machine
from orchestrator.cli.doctor.findings import Finding, Standing, lines, missing, ok
from orchestrator.cli.office import Desk, Office, Said
from orchestrator.cli.paper import Paper
from orchestrator.config.errors import ConfigErrors
from orchestrator.config.schema import SandboxMode

SUBJECT = "configuration"


def run(desk: Desk, paper: Paper, *, as_json: bool) -> Said:
    """Answer `agentos doctor`."""
    found = look(desk)
    code = exits.NO if any(one.standing is Standing.MISSING for one in found) else exits.OK
    if as_json:
        return Said(code, msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return Said(code, "\n".join(lines(found, paper)))


def look(desk: Desk) -> list[Finding]:
    """Every finding; without a configuration those of the machine alone."""
    office, told = opened(desk)
    runtime = office.config.runtime if office else desk.runtime
    is_contained = office is None or office.config.settings.sandbox.mode is SandboxMode.BUBBLEWRAP
    found = [
        *machine.look(desk.env, runtime, is_contained=is_contained),
        *told,
        *folders.look(runtime),
        *crontab.look(desk, runtime),
    ]
    if office is not None:
        found += [*agents.look(office), *hub.look(office), *alerts(office)]
    return found


def opened(desk: Desk) -> tuple[Office | None, list[Finding]]:
    """The configured installation, or each mistake of its file."""
    try:
        office = desk.open_office()
    except ConfigErrors as errors:
        return None, [broken(desk.config_file, str(error), desk.root) for error in errors.errors]
    repos = ", ".join(office.config.repos)
    return office, [ok(SUBJECT, f"{desk.config_file}: {repos}")]


def broken(file: Path, problem: str, root: Path) -> Finding:
    """A mistake of the file, or that there is none."""
    if not file.exists():
        fix = f"cp {root}/example.config.yaml {file}, then change the places marked CHANGE"
        return missing(SUBJECT, f"{file} is missing", fix)
    return missing(SUBJECT, problem, "correct it; docs/configuration.md tells of every key. What depends on it is not looked at")


def alerts(office: Office) -> list[Finding]:
    """Whether messages reach a person."""
    settings, subject = office.config.settings.telegram, "telegram"
    waits = f"alerts wait in {office.config.runtime}/outbox and reach nobody"
    fix = (
        "make a bot with @BotFather, set telegram.chat_id in config.yaml, and put the token into\n"
        f"{settings.token_env} or into a file of mode 0600 named by telegram.token_file"
    )
    try:
        token = office.telegram_token()
    except ConfigErrors as errors:
        return [missing(subject, str(errors), fix)]
    if settings.chat_id is None or token is None:
        lacks = "no chat is set" if settings.chat_id is None else "no token is found"
        return [Finding(subject, Standing.WARNING, f"{lacks}: {waits}", fix)]
    return [ok(subject, f"chat {settings.chat_id}, token found")]
