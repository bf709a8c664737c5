"""Agents on hold: one whose account or provider does not let it work rests until a time, whatever the task (P6)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.model.step import Tell
from orchestrator.rules.availability import Hold
from orchestrator.system import files

NO_QUOTA = "has no quota"


def hold(name: str, until: datetime, world: World, why: str = NO_QUOTA) -> None:
    """Put an agent on hold and tell the person once; the file may be deleted at any time to try at once."""
    text = json.dumps({"until": until.isoformat(), "why": why}) + "\n"
    files.publish(_file(name, world.state), text.encode())
    told = f"{name} {why}: it rests until {until:%Y-%m-%d %H:%M} UTC. Others go on for it, and no attempt is used."
    when = f"{until:%Y-%m-%dT%H}" if why == NO_QUOTA else f"{world.now():%Y-%m-%d}"
    act([Tell(key=f"{why.replace(' ', '-')}-{name}-{when}", severity="warning", text=told)], world)


def held(name: str, world: World) -> Hold | None:
    """An agent's hold, also one that is past; None without any. A spoiled file holds nobody."""
    try:
        found = json.loads(_file(name, world.state).read_bytes())
        until, why = datetime.fromisoformat(found["until"]), str(found.get("why", NO_QUOTA))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Hold(why, until) if until.tzinfo is not None else None


def _file(name: str, state: Path) -> Path:
    return state / "agents" / f"{name}.hold"
