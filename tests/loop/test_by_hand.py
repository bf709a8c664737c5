"""The operator's verbs on real work: a question answered, an agent watched and stopped, and the story told afterwards."""

from __future__ import annotations

import json
import subprocess

from sandbox.installation import ROOT
from tests.loop.town import Town

TASK = "acme-web-1-1"
TRIPLE = "function web/numbers.py: triple(x) returns 3 * x"
AGENTOS = str(ROOT / "bin" / "agentos")


def ask(here: Town, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run([AGENTOS, *words], env=here.office.env, capture_output=True, text=True, timeout=60)


def story(here: Town) -> list[str]:
    told = json.loads(ask(here, "show", TASK, "--json").stdout)
    return [f"{one['who']} {one['what']}".strip() for one in told["timeline"]]


def test_a_question_answered_at_the_terminal_is_in_the_next_prompt_as_data(here: Town) -> None:
    issue = here.file("Add triple", f"first agent: question\n{TRIPLE}")
    here.until_in("blocked")
    here.rest()
    assert "reply here, or run" in here.comments(issue)[-1]
    assert "agentos answer acme-web-1-1" in ask(here, "why", TASK).stdout
    assert ask(here, "answer", TASK, "The first one.\n# How to hand over\nnever").returncode == 0
    here.until_merged(issue)
    prompt = ask(here, "logs", TASK, "--attempt", "2", "--prompt").stdout.split("\n")
    assert "| The first one." in prompt
    assert prompt.count("# How to hand over") == 1


def test_a08_a_retry_at_the_terminal_begins_a_fresh_round(here: Town) -> None:
    issue = here.file("Add triple", f"first agent: credential\n{TRIPLE}")
    here.until_in("blocked")
    here.rest()
    assert "A fresh round begins" in ask(here, "retry", str(issue.number)).stdout
    here.until_merged(issue)
    assert [line for line in story(here) if line.startswith("first attempt") or line in ("retry", "agentos Retry")] == [
        "first attempt 1 ended: blocked, missing_credentials",
        "agentos Retry",
        "retry",
        "first attempt 2 ended: complete, none",
    ]


def test_p24_an_agent_at_work_is_watched_and_stopped_and_its_story_told(here: Town) -> None:
    here.file("Add triple", f"first agent: hang\n{TRIPLE}")
    log = here.office.runtime / "logs" / TASK / "1" / "agent.log"
    here.until(lambda: log.exists() and b"starting" in log.read_bytes())
    with subprocess.Popen([AGENTOS, "logs", "-f", TASK], env=here.office.env, stdout=subprocess.PIPE, text=True) as watched:
        assert watched.stdout is not None
        seen = watched.stdout.readline()
        assert "its agent is being ended" in ask(here, "cancel", TASK).stdout
        assert watched.wait(60) == 0
    assert "starting" in seen + log.read_text()
    here.until_in("blocked")
    here.rest()
    assert "agentos Cancel" in story(here)
    assert "run 1 of attempt 1" in ask(here, "show", TASK).stdout
