"""What an agent sees: its program, its working copy, its home and its variables; everything else is absent."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.agents import door
from orchestrator.adapters.agents.fence import Fence, fence
from orchestrator.adapters.agents.runner import Start
from orchestrator.config.schema import AgentEntry, Network, Sandbox, SandboxMode
from orchestrator.ports import AgentOrder
from orchestrator.system import bubblewrap

_USER_FOLDERS = (".local/bin", ".npm-global/bin", "bin", ".bun/bin", ".volta/bin")
_HOLDER = str(Path(__file__).with_name("holder.py"))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to run, whoever asked for it.

    `programs` are the paths that it needs besides /usr, `variables` what it sees besides the fixed ones, `home` a folder
    of ours that becomes its home, `hosts` what `network: model-only` lets it reach.
    """

    command: Sequence[str]
    programs: Sequence[Path]
    task_id: str
    workdir: Path
    objects: Path
    home: Path
    lock_fd: int
    variables: Mapping[str, str]
    network: Network
    memory_mib: int
    hosts: Sequence[str] = ()


def place_of(settings: Sandbox, env: Mapping[str, str], read_only: Sequence[Path] = ()) -> Place:
    """This machine, with the folders of the settings and `read_only` that exist."""
    home = Path(env.get("HOME") or Path.home())
    listed = [home / path.removeprefix("~/") for path in settings.read_only_paths]
    return Place(env=env, home=home, read_only=[path for path in (*listed, *read_only) if path.exists()])


def search_path(place: Place) -> str:
    """PATH, then the folders in which a user's own programs lie: cron's PATH knows none of them."""
    nodes = sorted((place.home / ".nvm/versions/node").glob("*/bin"), reverse=True)
    user = [str(place.home / folder) for folder in _USER_FOLDERS]
    return os.pathsep.join(dict.fromkeys([*place.env.get("PATH", os.defpath).split(os.pathsep), *user, *map(str, nodes)]))


def start_of(work: Work, place: Place, mode: SandboxMode) -> Start:
    """How to start it here: inside bubblewrap, or with nothing around it but a keeper."""
    return _sandboxed(work, place) if mode is SandboxMode.BUBBLEWRAP else _unsandboxed(work, place)


def agent_work(order: AgentOrder, entry: AgentEntry, place: Place, own_home: Path) -> Work:
    """An agent's run: its variables are those that the configuration sets, and those that it names, when they exist."""
    named = {name: place.env[name] for name in entry.env if name in place.env}
    return Work(
        command=_located(entry.command, place),
        programs=_programs(entry, place),
        task_id=order.task_id,
        workdir=order.workdir,
        objects=order.objects,
        home=own_home,
        lock_fd=order.lock_fd,
        variables={**entry.set_env, **named},
        network=entry.network,
        memory_mib=entry.max_memory_mib,
        hosts=entry.allowed_hosts,
    )


def _sandboxed(work: Work, place: Place) -> Start:
    """Inside bubblewrap, with the lock in the hands of a holder outside.

    Its variables are the environment that bubblewrap itself is started with: on the command line every user of the
    machine could read them, and bubblewrap's own environment can be read from inside. The working copy is at the same
    path inside as outside.
    """
    told, tell = os.pipe()
    way = door.door(work.hosts) if work.network is Network.MODEL_ONLY and work.hosts else None
    argv = bubblewrap.command(
        door.through(way, work.command) if way else work.command,
        workdir=str(work.workdir),
        read_only=[*work.programs, *place.read_only, work.objects, *(door.shown() if way else [])],
        writable=[work.workdir],
        env=None,
        network=work.network is Network.FULL,
        home=work.home,
        info_fd=tell,
    )
    env = _environment(work, path=_inner_path(work.programs, place), home=bubblewrap.HOME, scratch="/tmp")  # noqa: S108 - the sandbox's own
    holder = [sys.executable, "-I", "-S", _HOLDER, str(os.getpid()), str(work.lock_fd)]
    own, argv = _fenced(work, argv)
    return Start(
        argv=[*holder, *argv], env=env, folder=Path("/"), inherited=(work.lock_fd,), info=(told, tell), door=way, fence=own
    )


def _unsandboxed(work: Work, place: Place) -> Start:
    """With nothing around it but a keeper that ends what it leaves behind."""
    scratch = work.home / "tmp"
    scratch.mkdir(mode=0o700, exist_ok=True)
    keeper = [sys.executable, "-I", _KEEPER, str(os.getpid())]
    own, argv = _fenced(work, [*bubblewrap.bounded(), *keeper, *work.command])
    env = _environment(work, path=search_path(place), home=str(work.home), scratch=str(scratch))
    return Start(argv=argv, env=env, folder=work.workdir, inherited=(work.lock_fd,), fence=own)


def _fenced(work: Work, argv: Sequence[str]) -> tuple[Fence | None, list[str]]:
    """The run's cgroup where there is one, and the command that joins it."""
    own = fence(work.memory_mib)
    return own, own.around(argv) if own else list(argv)


def _environment(work: Work, *, path: str, home: str, scratch: str) -> dict[str, str]:
    """The whole environment: nothing of ours but what is named here."""
    own = {"PATH": path, "HOME": home, "TMPDIR": scratch, "AGENTOS_TASK": work.task_id}
    return {**_FIXED, **own, **work.variables}


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
