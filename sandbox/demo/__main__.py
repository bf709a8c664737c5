"""bin/demo: from Ready to merged on this machine, without an account, a key or a network."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from sandbox.demo.ending import summary
from sandbox.demo.play import PATIENCE_SECONDS, Play, TookTooLong
from sandbox.demo.shop import FILES, REPO
from sandbox.demo.story import Story
from sandbox.github import GitHub
from sandbox.installation import CHAT, ROOT, Installation, install, settings, with_scripted_agents
from sandbox.telegram import Telegram

FOLDER = ROOT / ".demo"
CREDENTIALS = ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "OPENAI_API_KEY", "GEMINI_API_KEY")
"""What a real agent may want from this person's environment."""

REAL_AGENT_PATIENCE_SECONDS = 3600.0


def main() -> int:
    asked = arguments().parse_args()
    if asked.agent and shutil.which(asked.agent) is None:
        print(f"{asked.agent} is not on PATH; install it and log in, or play the demo without --agent", file=sys.stderr)
        return 1
    folder = Path(asked.folder).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    with GitHub(folder / "github") as github, Telegram() as telegram:
        telegram.add_chat(CHAT)
        play = stage(folder, github, telegram, asked.agent)
        try:
            play.run(REAL_AGENT_PATIENCE_SECONDS if asked.agent else PATIENCE_SECONDS)
        except TookTooLong as trouble:
            print(f"The demo did not come to its end: {trouble}", *github.problems, sep="\n  ", file=sys.stderr)
            return 1
        print(summary(play.office, github, telegram))
        if github.problems:
            print("The stand-in for GitHub had problems:", *github.problems, sep="\n  ", file=sys.stderr)
            return 1
        if asked.keep:
            keep(play, github, telegram)
    return 0


def stage(folder: Path, github: GitHub, telegram: Telegram, agent: str | None) -> Play:
    """Repository, board, people and installation."""
    github.add_repo(REPO, files=FILES, collaborators={"agent-bot": "write", "alice": "admin"})
    github.protect(REPO, "main", required_checks=("tests",))
    token, board = github.add_token("agent-bot"), github.add_project("acme")
    office = furnish(folder, github, telegram, board.number, token, agent)
    story = Story(office.runtime / "events")
    story.say("", f"GitHub stand-in at {github.web_url}, installation in {folder}")
    return Play(github, board, office, story)


def furnish(folder: Path, github: GitHub, telegram: Telegram, board: int, token: str, agent: str | None) -> Installation:
    """The installation: scripted agents under cron's bare environment, or a real one with this person's login."""
    chain = (agent,) if agent else ("first", "second")
    told = settings(github, telegram, repos={REPO: {}}, board=board, chain=chain)
    told |= {"max_parallel_workers": 2, "max_workers_per_repo": 2}
    own = {name: os.environ[name] for name in ("HOME", "PATH", *CREDENTIALS) if name in os.environ} if agent else {}
    if agent is None:
        told = with_scripted_agents(told, chain, "--pause", "0.2")
    return install(folder, told, {"github.token": token, "telegram.token": telegram.token}, own)


def keep(play: Play, github: GitHub, telegram: Telegram) -> None:
    """Go on ticking until the person ends it."""
    places = " ".join(f"{name}={value}" for name, value in places_of(play.office).items())
    print(f"\nIt goes on running; end it with Ctrl-C. GitHub: {github.api_url}\n  {places} bin/agentos status")
    try:
        while True:
            play.tick([])
            time.sleep(2)
    except KeyboardInterrupt:
        print("ended")


def places_of(office: Installation) -> dict[str, str]:
    """What bin/agentos needs to see the demo's installation instead of yours."""
    return {name: office.env[name] for name in ("AGENTOS_CONFIG", "AGENTOS_RUNTIME")}


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="Plays the whole loop on real input against local stand-ins: issue, Ready, agent, pull request, CI, merge.",
        epilog="example: bin/demo --keep   leaves everything running, to poke at",
    )
    parser.add_argument("--keep", action="store_true", help="go on running until Ctrl-C")
    parser.add_argument(
        "--agent", metavar="NAME", help="use an installed agent (claude, codex, gemini) instead of the scripted ones"
    )
    parser.add_argument("--folder", default=str(FOLDER), help="where everything is made (default: .demo in the checkout)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
