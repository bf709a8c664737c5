"""Starts the stand-in alone: `python -m sandbox.github --root DIR [--port N] [--seed seed.yaml]`."""

import argparse
import json
import signal
import threading
from pathlib import Path

from sandbox.github.seed import plant
from sandbox.github.server import GitHub

EXAMPLE = """example:
  python -m sandbox.github --root /tmp/github --port 8090 --seed seed.yaml
  seed.yaml:
    users: {alice: User, agent-bot: User}
    tokens: {agent-bot: [repo, project]}
    repos:
      acme/web: {files: {README.md: hello}, collaborators: {agent-bot: write, alice: admin}}
    projects:
      - {owner: acme}
    issues:
      - {repo: acme/web, title: Fix login, body: It loops., author: alice, labels: [bug], status: Ready}
"""


def main() -> None:
    """Prints the addresses and tokens as JSON, then serves until it is told to stop (SIGINT, SIGTERM)."""
    parser = argparse.ArgumentParser(
        "python -m sandbox.github", description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, required=True, help="a folder of its own for repositories and CI scratch")
    parser.add_argument("--port", type=int, default=0, help="a free port is chosen when it is not given")
    parser.add_argument("--seed", type=Path, help="a YAML file with users, tokens, repos, projects and issues to begin with")
    asked = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with GitHub(asked.root, asked.port) as github:
        tokens = plant(github, asked.seed.read_text()) if asked.seed else {}
        urls = {"api_url": github.api_url, "graphql_url": github.graphql_url, "web_url": github.web_url}
        print(json.dumps({**urls, "tokens": tokens}), flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
