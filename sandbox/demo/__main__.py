"""bin/demo: from Ready to merged on this machine, without an account, a key or a network."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from sandbox.demo.ending import summary
from sandbox.demo.office import CHAT, ROOT, Office, furnish
from sandbox.demo.play import PATIENCE_SECONDS, Play, TookTooLong
from sandbox.demo.shop import FILES, REPO
from sandbox.demo.story import Story
from sandbox.github import GitHub
from sandbox.telegram import Telegram

FOLDER = ROOT / ".demo"
REAL_AGENT_PATIENCE_SECONDS = 3600.0


def main() -> int:
    asked = arguments().parse_args()
    folder = Path(asked.folder).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    with GitHub(folder / "github") as github, Telegram() as telegram:
        telegram.add_chat(CHAT)
        play = stage(folder, github, telegram, asked.agent)
        try:
            play.run(REAL_AGENT_PATIENCE_SECONDS if asked.agent else PATIENCE_SECONDS)
        except TookTooLong as trouble:
            print(f"The demo did not come to its end: {trouble}", file=sys.stderr)
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


def keep(play: Play, github: GitHub, telegram: Telegram) -> None:
    """Go on ticking until the person ends it."""
    settings = " ".join(f"{name}={value}" for name, value in settings_of(play.office).items())
    print(f"\nIt goes on running; end it with Ctrl-C. GitHub: {github.api_url}\n  {settings} bin/agentos status")
    try:
        while True:
            play.tick()
            time.sleep(2)
    except KeyboardInterrupt:
        print("ended")


def settings_of(office: Office) -> dict[str, str]:
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
