"""The limits of a run as its order has them: how long, how much of the machine, and the signs that end it early."""

from __future__ import annotations

from pathlib import Path

from orchestrator.adapters.agents import signs
from orchestrator.adapters.agents.runner import Limits
from orchestrator.adapters.agents.watchdog import Bounds
from orchestrator.ports import AgentOrder, CommandOrder


def agent_limits(order: AgentOrder, *, home: Path, memory_mib: int, wall_seconds: float) -> Limits:
    """Those of an agent whose home is `home`; memory and time may be its model's rather than the order's own."""
    return Limits(
        first_byte=order.first_byte_seconds,
        silence=order.silence_seconds,
        wall=wall_seconds,
        bounds=_bounds(order, order.folder, home, memory_mib),
        is_finished=signs.left_result(order.workdir),
    )


def command_limits(order: CommandOrder) -> Limits:
    """Those of a repository's own command, which may be quiet for all of its time."""
    bounds = _bounds(order, order.log.parent, order.home, order.max_memory_mib)
    return Limits(first_byte=order.seconds, silence=order.seconds, wall=order.seconds, bounds=bounds)


def _bounds(order: AgentOrder | CommandOrder, folder: Path, home: Path, memory_mib: int) -> Bounds:
    return Bounds(
        memory_mib=memory_mib,
        folders=(order.workdir, home),
        largest_mib=order.largest_mib,
        spare_disk_mib=order.spare_disk_mib,
        is_cancelled=signs.cancelled(folder, order.task_id, order.task_file),
    )
