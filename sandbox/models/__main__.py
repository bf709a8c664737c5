"""Runs the stand-in by itself: its address and key on stdout, then one line for each request."""

import argparse
import json
import os
import signal
import threading

from sandbox.models.script import Behaviour, Script
from sandbox.models.server import Models

EXAMPLE = """\
example:
  python -m sandbox.models --behaviour overloaded --refusals 2
  prints  {"url": "http://127.0.0.1:40001", "key": "made-up-..."}   (worth nothing elsewhere)
  then one JSON line for each request. SIGTERM or Ctrl-C ends it.
"""
_LOOK_SECONDS = 0.1


def main() -> int:
    """Serve until told to end."""
    told = _arguments()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    script = Script(behaviour=Behaviour(told.behaviour), refusals=told.refusals, retry_after=told.retry_after)
    key = os.environ[told.key_env] if told.key_env else None
    with Models(script, port=told.port, key=key) as models:
        print(json.dumps({"url": models.url, "key": models.key}), flush=True)
        _report(models, ending)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.models",
        description="A stand-in for the providers of models on 127.0.0.1.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--behaviour", choices=[str(each) for each in Behaviour], default="complete", help="(default: complete)")
    parser.add_argument("--refusals", type=int, metavar="N", help="a refusing provider refuses so many times (default: always)")
    parser.add_argument("--retry-after", type=int, default=3600, metavar="SECONDS", help="what quota names (default: 3600)")
    parser.add_argument("--key-env", metavar="NAME", help="environment variable that holds the key (default: made up)")
    return parser.parse_args()


def _report(models: Models, ending: threading.Event) -> None:
    """Print each request once it is answered, in their order; one that hangs holds up none of the others."""
    printed: set[int] = set()
    while not ending.wait(_LOOK_SECONDS):
        for request in models.ledger:
            if request.status is not None and request.n not in printed:
                printed.add(request.n)
                print(json.dumps({"kind": request.kind, "path": request.path, "status": request.status}), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
