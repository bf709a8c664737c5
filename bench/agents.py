"""What the real agents' programs cost here, and what each trouble of a provider turns into.

Each program runs in the sandbox as always, against a scripted model on this machine (sandbox/models). Exit code 1 when one of
them did not do its work, or a trouble turned into something else than it should.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import TracebackType

import psutil

from bench import clis
from orchestrator.config.agents import default_agents
from orchestrator.model.agent import AgentRun, Failure, RunEnd
from sandbox.installation import ROOT
from sandbox.models import Behaviour, Models, Script

PAGE = ROOT / "docs" / "agents.md"
BEGIN, END = "<!-- table: python -m bench.agents --write -->", "<!-- end of table -->"
RUNS = 3
TURNS, WALL_SECONDS, SILENCE_SECONDS = 5, 10, 15
"""Limits of the endless loop (turns where the program can be told, else time) and of the server that hangs."""

TROUBLES = (
    Behaviour.UNAUTHORIZED,
    Behaviour.QUOTA,
    Behaviour.OVERLOADED,
    Behaviour.ENDLESS_TOOLS,
    Behaviour.DENIED_TOOL,
    Behaviour.HANG,
)
SHOULD: Mapping[Behaviour, str] = {
    Behaviour.UNAUTHORIZED: Failure.UNAUTHORIZED,
    Behaviour.QUOTA: Failure.QUOTA,
    Behaviour.OVERLOADED: Failure.OVERLOADED,
    Behaviour.ENDLESS_TOOLS: Failure.TOO_MANY_TURNS,
    Behaviour.DENIED_TOOL: Failure.TOOL_DENIED,
    Behaviour.HANG: RunEnd.FELL_SILENT,
}
WITHOUT_TURNS = {"codex"}
"""Programs that know no limit of turns: there time ends a loop."""

SILENT_ON_TOOLS = {"codex"}
"""Programs whose events do not say that a tool is unknown: there only the missing result tells."""


@dataclass(frozen=True)
class Ended:
    """What a trouble turned into, and after how many seconds."""

    as_what: str
    seconds: float


@dataclass(frozen=True)
class Row:
    """One agent: its program's version, the median seconds of a small task, the most memory of the whole tree, its troubles."""

    agent: str
    version: str
    seconds: float
    peak_mb: float
    troubles: Mapping[str, Ended]
    wrong: Sequence[str]


class Peak:
    """Adds up the memory of all our descendants again and again; a page that several share is divided among them."""

    def __init__(self) -> None:
        self.bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        us = psutil.Process()
        while not self._ended.wait(0.05):
            self.bytes = max(self.bytes, sum(_memory(each.pid) for each in us.children(recursive=True)))


def _memory(number: int) -> int:
    """The process's proportional share of memory in bytes (proc(5), smaps_rollup); 0 once it is gone."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether all turned into what it should."""
    parser = argparse.ArgumentParser(prog="python -m bench.agents", description=__doc__)
    parser.add_argument("--agent", choices=clis.NAMES, action="append", help="only this one (may be said again)")
    parser.add_argument("--json", action="store_true", help="the rows as JSON in place of the table")
    parser.add_argument("--write", action="store_true", help="put the table of all agents into docs/agents.md")
    told = parser.parse_args(argv)
    if told.write and told.agent:
        parser.error("--write takes the table of all agents")
    clis.install()
    rows = [row(name) for name in told.agent or clis.NAMES]
    print(json.dumps([asdict(each) for each in rows], indent=2) if told.json else table(rows))
    if told.write:
        write(table(rows))
    return 1 if any(each.wrong for each in rows) else 0


def row(name: str) -> Row:
    """Run one agent through everything."""
    wrong = []
    with Peak() as peak:
        runs = [run_on(name, Behaviour.COMPLETE) for _ in range(RUNS)]
    if not all(is_done for _, is_done in runs):
        wrong.append(str(Behaviour.COMPLETE))
    troubles = {}
    for behaviour in TROUBLES:
        run, is_done = run_on(name, behaviour)
        troubles[str(behaviour)] = Ended(turned_into(run), run.seconds)
        if is_done or turned_into(run) != should(name, behaviour):
            wrong.append(str(behaviour))
    seconds = median(run.seconds for run, _ in runs)
    return Row(name, clis.version(name), seconds, peak.bytes / 1e6, troubles, wrong)


def run_on(name: str, behaviour: Behaviour) -> tuple[AgentRun, bool]:
    """One run on a desk of its own, and whether the work was done."""
    with tempfile.TemporaryDirectory() as folder, Models(Script(behaviour=behaviour)) as models:
        desk = clis.desk(Path(folder, "desk"))
        is_loop, is_hang = behaviour is Behaviour.ENDLESS_TOOLS, behaviour is Behaviour.HANG
        run = desk.run(
            name,
            models,
            changes={"max_turns": TURNS} if is_loop else None,
            wall_seconds=WALL_SECONDS if is_loop and name in WITHOUT_TURNS else 120,
            silence_seconds=SILENCE_SECONDS if is_hang else 60,
        )
        os.close(desk.lock_fd)
        return run, desk.is_done


def turned_into(run: AgentRun) -> str:
    """The failure that was told, else how the process came to its end; `exited` is then a run without a result."""
    return str(run.end if run.failure is Failure.NONE else run.failure)


def should(name: str, behaviour: Behaviour) -> str:
    """What the trouble should turn into."""
    if behaviour is Behaviour.ENDLESS_TOOLS and name in WITHOUT_TURNS:
        return str(RunEnd.TIMED_OUT)
    if behaviour is Behaviour.DENIED_TOOL and name in SILENT_ON_TOOLS:
        return str(RunEnd.EXITED)
    return str(SHOULD[behaviour])


def table(rows: Sequence[Row]) -> str:
    """The rows as markdown, with the day and the machine."""
    heads = ["agent", "program", "a small task", "most memory", "401", "429", "overload", "endless loop", "unknown tool", "hang"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for each in rows:
        ends = [f"{end.as_what}, {end.seconds:.1f} s" for end in each.troubles.values()]
        program = f"{default_agents()[each.agent].command[0]} {each.version}"
        lines.append(f"| {' | '.join([each.agent, program, f'{each.seconds:.1f} s', f'{each.peak_mb:.0f} MB', *ends])} |")
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    machine = f"{platform.system()} {platform.machine()}, {load}, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"{datetime.now(UTC):%Y-%m-%d}, {machine}."])


def write(text: str, page: Path = PAGE) -> None:
    """Put the table between its marks in the page."""
    before, rest = page.read_text().split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
