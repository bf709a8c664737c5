"""Runs a repository's own commands (setup, build, checks) as contained as an agent, and without any credential."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from orchestrator.adapters.agents import runner
from orchestrator.adapters.agents.limits import command_limits
from orchestrator.adapters.agents.log import Log
from orchestrator.adapters.agents.runner import Ended
from orchestrator.adapters.agents.sandbox import Place, Work, place_of, search_path, start_of
from orchestrator.config.schema import Network, Sandbox
from orchestrator.model.agent import CommandRun
from orchestrator.ports import CommandOrder
from orchestrator.system import bubblewrap

TAIL_BYTES = 8192
_WORD = re.compile(r"[^\s;&|()<>`$\"'{}=]+")
_CALLED_BY_SCRIPTS = ("python3", "python", "node")
"""What a repository's scripts and makefiles start by name; they often live outside /usr."""


class SandboxedWorkbench:
    """Fulfils `ports.Workbench`: `sh -c` in the agents' sandbox, or beside the keeper where agents run without one."""

    def __init__(self, *, sandbox: Sandbox, env: Mapping[str, str]) -> None:
        self._mode = sandbox.mode
        self._place = place_of(sandbox, env)

    def run(self, order: CommandOrder) -> CommandRun:
        """Run the command to its end; when this returns nothing of it is left. Call it from the main thread.

        It reads nothing: its input is empty. Raises OSError when our own files cannot be written.
        """
        order.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Log(order.log) as log:
            log.note(f"$ {order.command}")
            ended = runner.run(start_of(_work(order, self._place), self._place, self._mode), b"", log, command_limits(order))
            log.note(_told(ended))
        return CommandRun(
            end=ended.end,
            exit_code=ended.exit_code,
            seconds=ended.seconds,
            tail=bytes(log.kept)[-TAIL_BYTES:].decode(errors="replace"),
        )


def _work(order: CommandOrder, place: Place) -> Work:
    return Work(
        command=["/bin/sh", "-c", order.command],
        programs=list(_programs(order.command, place)),
        task_id=order.task_id,
        workdir=order.workdir,
        objects=order.objects,
        home=order.home,
        lock_fd=order.lock_fd,
        variables={},
        network=Network.MODEL_ONLY if order.hosts else Network.NONE,
        memory_mib=order.max_memory_mib,
        hosts=order.hosts,
    )


def _programs(command: str, place: Place) -> Iterator[Path]:
    """What the words of the command resolve to on the search path.

    Only bare names are looked for: a path could name any file of ours, and a script of the working copy any interpreter.
    """
    words = [word for word in _WORD.findall(command) if os.sep not in word]
    for word in dict.fromkeys([*words, *_CALLED_BY_SCRIPTS]):
        yield from bubblewrap.program_paths(word, search_path(place))


def _told(ended: Ended) -> str:
    """The log's last line."""
    status = "" if ended.exit_code is None else f" with status {ended.exit_code}"
    return f"{ended.end}{status} after {ended.seconds:.1f} s"
