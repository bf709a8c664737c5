"""The agents understand the prompt that agents really get, and leave results that are really understood."""

import pytest

from orchestrator.mailbox import contract, results
from orchestrator.model.result import AgentResult, InvalidResult, Status
from orchestrator.prompts.hygiene import fence
from orchestrator.prompts.render import render
from tests.sandbox.agents.conftest import Play, Played

WORD = "0123456789abcdef0123456789abcdef"
ISSUE = "second agent: partial\nwrite a.py: broken\non failure replace a.py: broken => mended"
EARLIER = "## Attempt 1 · first · blocked · missing_credentials · 2026-11-21T09:41:10Z\nSTATUS: blocked"


def prompt(goal: str = ISSUE, check: str = "", earlier: str = "") -> str:
    return render(
        "task.md",
        workdir="/copy",
        attempt=2 if earlier else 1,
        word=WORD,
        request=[fence("Make it so", "title", WORD), fence(goal, "goal", WORD)],
        checks=[fence(check, "check unit", WORD)] if check else [],
        conflicts=None,
        earlier=[fence(earlier, "newest attempt", WORD)] if earlier else [],
        documents=[],
        form=contract.form().strip("\n"),
        work="1. Do it.",
    )


def claimed(played: Played) -> Status:
    parsed = results.parse((played.copy / ".agent_result.md").read_bytes())
    assert isinstance(parsed, AgentResult), parsed
    return parsed.status


def test_the_script_of_a_fenced_issue_is_followed(play: Play) -> None:
    assert play("complete", prompt()).names() == {"a.py"}


def test_a_prompt_with_failed_checks_leads_to_the_repair(play: Play) -> None:
    assert play("complete", prompt(check="boom")).read("a.py") == "mended\n"
    assert play("complete", prompt(goal=f"{ISSUE}\n# Checks that failed\nboom")).read("a.py") == "broken\n"


def test_a_prompt_with_earlier_attempts_lets_credential_complete(play: Play) -> None:
    assert claimed(play("credential", prompt())) is Status.BLOCKED
    assert claimed(play("credential", prompt(earlier=EARLIER))) is Status.COMPLETE


def test_the_goal_of_a_fenced_issue_becomes_the_note(play: Play) -> None:
    assert play("complete", prompt(goal="Make it faster")).read("NOTES.md") == "- Make it faster\n"


def test_parts_are_given_by_a_fenced_issue(play: Play) -> None:
    assert claimed(play("scripted", prompt(), "--name", "second")) is Status.PARTIAL
    assert claimed(play("scripted", prompt(), "--name", "third")) is Status.COMPLETE


def test_the_form_handed_back_is_known_as_an_echo(play: Play) -> None:
    echoed = play("echo", prompt(earlier=EARLIER)).result
    assert echoed.strip() == contract.form().strip()
    parsed = results.parse(echoed.encode())
    assert isinstance(parsed, InvalidResult)
    assert parsed.reason == "template_echo"


@pytest.mark.parametrize(
    ("agent", "status"),
    [("partial", Status.PARTIAL), ("blocked", Status.BLOCKED), ("lie", Status.COMPLETE), ("bad_utf8", Status.COMPLETE)],
)
def test_what_an_agent_claims_is_understood(play: Play, agent: str, status: Status) -> None:
    assert claimed(play(agent, prompt())) is status
