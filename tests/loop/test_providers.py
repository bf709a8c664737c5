"""An agent with several providers goes on with the next one when the first refuses its key."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from sandbox.installation import SCRIPTED
from tests.loop.town import Town

REFUSED = "API Error: 401 Unauthorized: invalid API key"


def with_two_providers(here: Town) -> None:
    """Give the agent two providers with keys in a file; the first one refuses its key."""
    keys = here.office.folder / "secrets.json"
    keys.touch(mode=0o600)
    keys.write_text(json.dumps({"one": "key-of-the-first-1234567890", "two": "key-of-the-second-1234567890"}))
    play = f'case "$AGENTOS_PROVIDER" in one) echo "{REFUSED}"; exit 1 ;; esac; exec {shlex.quote(str(SCRIPTED))} --name first'
    listed = [
        {"name": name, "base_url": f"http://127.0.0.1:{port}", "credential_env": f"KEY_{name}", "credential_file": "secrets.json",
         "credential_key": name}
        for name, port in (("one", 1), ("two", 2))
    ]  # fmt: skip
    agent = {"command": ["/bin/sh", "-c", play], "network": "none", "providers": listed}
    file = here.office.folder / "config.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), "agents": {"first": agent}}))


def test_p6_a_provider_that_refuses_its_key_rests_and_the_agent_goes_on_with_its_next_one(settle: Callable[..., Town]) -> None:
    here = settle(chain=("first",))
    with_two_providers(here)
    here.until_merged(here.file("Say hello", "append README.md: hello"))
    story = here.office.letters("done")[0].read_text()
    assert "agents_tried: [first, first]" in story
    assert "max_attempts: 5" in story
    here.until(lambda: "its provider one refuses its key" in here.messages())
    holds = sorted(path.name for path in (here.office.runtime / "state" / "agents").glob("*.hold"))
    assert holds == ["first.one.hold"]
