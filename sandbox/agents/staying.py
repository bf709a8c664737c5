"""The agents that stay: two that never end, and one that leaves a daemon behind."""

import os
import time
from pathlib import Path

from sandbox.agents.acting import Actor

HEARTBEAT = Path("heartbeat.txt")
DAEMON_PID = Path("daemon.pid")


def hang(actor: Actor) -> int:
    actor.tell("starting")
    return silent(actor)


def silent(actor: Actor) -> int:
    while True:
        time.sleep(3600)


def daemon(actor: Actor) -> int:
    """Do the work and end, leaving a daemon of another session that writes on; it keeps stdout open."""
    _daemonise(actor.lifetime)
    actor.finish(actor.work())
    return 0


def _daemonise(lifetime: float) -> None:
    """Fork twice, so that the daemon has no parent, session or terminal in common with the agent."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    DAEMON_PID.write_text(f"{os.getpid()}\n")
    _beat(time.monotonic() + lifetime)
    os._exit(0)


def _beat(until: float) -> None:
    """Write on until the time is over or the working copy is gone."""
    while time.monotonic() < until and DAEMON_PID.exists():
        with HEARTBEAT.open("a") as heartbeat:
            heartbeat.write(f"still here at {time.monotonic():.1f}\n")
        time.sleep(0.1)
