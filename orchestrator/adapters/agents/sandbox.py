"""What an agent sees: its program, its working copy, its home and its variables; everything else is absent."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.agents.runner import Start
from orchestrator.config.schema import AgentEntry, Network
from orchestrator.ports import AgentOrder
from orchestrator.system import bubblewrap

_USER_FOLDERS = (".local/bin", ".npm-global/bin", "bin", ".bun/bin", ".volta/bin")
_KEEPER = str(Path(__file__).with_name("keeper.py"))
_FIXED = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "TERM": "dumb",
    "CI": "1",
    "NO_COLOR": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The machine as the adapter knows it: our environment, the user's home, and what agents may read besides."""

    env: Mapping[str, str]
    home: Path
    read_only: Sequence[Path]


def search_path(place: Place) -> str:
    """PATH, then the folders in which a user's own programs lie: cron's PATH knows none of them."""
    nodes = sorted((place.home / ".nvm/versions/node").glob("*/bin"), reverse=True)
    user = [str(place.home / folder) for folder in _USER_FOLDERS]
    return os.pathsep.join(dict.fromkeys([*place.env.get("PATH", os.defpath).split(os.pathsep), *user, *map(str, nodes)]))


def sandboxed(order: AgentOrder, entry: AgentEntry, place: Place, own_home: Path) -> Start:
    """How to start the agent inside bubblewrap.

    Its variables are the environment that bubblewrap itself is started with: on the command line every user of the
    machine could read them, and bubblewrap's own environment can be read from inside. The working copy is at the same
    path inside as outside.
    """
    programs = _programs(entry, place)
    told, tell = os.pipe()
    argv = bubblewrap.command(
        _located(entry.command, place),
        workdir=str(order.workdir),
        read_only=[*programs, *place.read_only, order.objects],
        writable=[order.workdir],
        env=None,
        network=entry.network is Network.FULL,
        lock_fd=order.lock_fd,
        home=own_home,
        info_fd=tell,
    )
    env = variables(order, entry, place, path=_inner_path(programs, place), home=bubblewrap.HOME, scratch="/tmp")  # noqa: S108 - the sandbox's own
    return Start(argv=argv, env=env, folder=Path("/"), inherited=(order.lock_fd,), info=(told, tell))


def unsandboxed(order: AgentOrder, entry: AgentEntry, place: Place, own_home: Path) -> Start:
    """How to start the agent with nothing around it but a keeper that ends what it leaves behind."""
    scratch = own_home / "tmp"
    scratch.mkdir(mode=0o700)
    keeper = [sys.executable, "-I", _KEEPER, str(os.getpid())]
    argv = [*bubblewrap.bounded(), *keeper, *_located(entry.command, place)]
    env = variables(order, entry, place, path=search_path(place), home=str(own_home), scratch=str(scratch))
    return Start(argv=argv, env=env, folder=order.workdir, inherited=(order.lock_fd,))


def variables(order: AgentOrder, entry: AgentEntry, place: Place, *, path: str, home: str, scratch: str) -> dict[str, str]:
    """The agent's whole environment: fixed ones, those the configuration sets, and those it names, when they exist."""
    named = {name: place.env[name] for name in entry.env if name in place.env}
    own = {"PATH": path, "HOME": home, "TMPDIR": scratch, "AGENTOS_TASK": order.task_id}
    return {**_FIXED, **own, **entry.set_env, **named}


def _located(command: Sequence[str], place: Place) -> list[str]:
    """The command with its program as a full path, so that inside and outside mean the same one."""
    program = shutil.which(command[0], path=search_path(place)) or command[0]
    return [os.path.abspath(program) if os.sep in program else program, *command[1:]]


def _programs(entry: AgentEntry, place: Place) -> list[Path]:
    """The program with all it needs, and the files that its arguments name by full path."""
    named = [Path(word) for word in entry.command[1:] if os.path.isabs(word) and os.path.isfile(word)]
    return [*bubblewrap.program_paths(entry.command[0], search_path(place)), *named]


def _inner_path(programs: Sequence[Path], place: Place) -> str:
    """The folders of PATH that are shown at least in part, and the system's."""
    shown = {str(program.parent) for program in programs}
    own = [folder for folder in search_path(place).split(os.pathsep) if folder in shown]
    extra = [str(folder / "bin") for folder in place.read_only if (folder / "bin").is_dir()]
    return os.pathsep.join(dict.fromkeys([*own, *extra, *bubblewrap.SYSTEM_PATH.split(os.pathsep)]))
