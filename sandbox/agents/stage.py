"""Gives an executable its behaviour, its prompt and its flags."""

import argparse
import io
import json
import random
import sys
from pathlib import Path

from sandbox.agents import prompt as reading
from sandbox.agents.acting import Actor, read_prompt
from sandbox.agents.behaviours import BEHAVIOURS

SCRIPTED = "scripted"
UNREADING = {"deaf"}


def perform(executable: str, words: list[str]) -> int:
    """Play the agent of that name with these arguments in the current folder; give its exit status."""
    told = _arguments(executable, words)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # whatever the locale says
    prompt = "" if executable in UNREADING else read_prompt()
    actor = Actor(prompt, told.pause, told.megabytes, told.result_kilobytes, told.lifetime)
    status = BEHAVIOURS[_part(executable, told.name, prompt)](actor)
    dollars = reading.dollars(prompt, told.name)
    if dollars is not None:
        _tell_cost(dollars, 10_000)
    elif told.cost:
        tokens = random.randint(1_000, 100_000)
        _tell_cost(round(told.cost * tokens / 100_000, 6), tokens)
    return status


def _part(executable: str, name: str, prompt: str) -> str:
    if executable != SCRIPTED:
        return executable
    return reading.part(prompt, name, frozenset(BEHAVIOURS)) or "complete"


def _tell_cost(dollars: float, tokens: int) -> None:
    """Print the event with which claude ends a run: what it cost, and its tokens."""
    event = {
        "type": "result",
        "subtype": "success",
        "is_error": False,
        "total_cost_usd": dollars,
        "usage": {"input_tokens": tokens, "output_tokens": tokens // 10, "cache_read_input_tokens": tokens // 2},
    }
    print(json.dumps(event), flush=True)


def _arguments(executable: str, words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=executable,
        description="A scripted agent: reads its prompt on stdin and works in the current folder.",
        epilog=f"example:  echo 'append NOTES.md: hello' | {Path(__file__).parent.name}/{executable} --pause 0.5",
    )
    parser.add_argument("--pause", type=float, default=0.0, metavar="SECONDS", help="pause after each step (default: 0)")
    parser.add_argument("--name", default="", help="scripted: the name that `NAME agent: BEHAVIOUR` in the prompt means")
    parser.add_argument("--megabytes", type=float, default=200.0, help="huge: size of stdout (default: 200)")
    parser.add_argument("--result-kilobytes", type=int, default=1024, help="huge: size of the result (default: 1024)")
    parser.add_argument("--lifetime", type=float, default=600.0, metavar="SECONDS", help="daemon: its life (default: 600)")
    parser.add_argument("--cost", type=float, default=0.0, metavar="MOST", help="say at the end what it cost, at most so many $")
    return parser.parse_args(words)
