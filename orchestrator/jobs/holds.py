"""Agents on hold: an account without quota rests until its provider's reset time, whatever the task (P6)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from orchestrator.jobs.act import act
from orchestrator.jobs.world import World
from orchestrator.model.step import Tell
from orchestrator.system import files


def hold(name: str, until: datetime, world: World) -> None:
    """Put an agent on hold and tell the person once; the file may be deleted at any time to try at once."""
    text = json.dumps({"until": until.isoformat()}) + "\n"
    files.publish(_file(name, world.state), text.encode())
    told = f"{name} has no quota until {until:%Y-%m-%d %H:%M} UTC. Others go on for it, and no attempt is used."
    act([Tell(key=f"no-quota-{name}-{until:%Y-%m-%dT%H}", severity="warning", text=told)], world)


def held_until(name: str, world: World) -> datetime | None:
    """The end of an agent's hold, also one that is past; None without a hold. A spoiled file holds nobody."""
    try:
        until = datetime.fromisoformat(json.loads(_file(name, world.state).read_bytes())["until"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return until if until.tzinfo is not None else None


def _file(name: str, state: Path) -> Path:
    return state / "agents" / f"{name}.hold"
