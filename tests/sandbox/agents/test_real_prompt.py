"""The agents understand the prompt that agents really get, and leave results that are really understood."""

from pathlib import PurePath

import pytest

from orchestrator.config.schema import Prompt
from orchestrator.mailbox import contract, results
from orchestrator.model.result import AgentResult, InvalidResult, Status
from orchestrator.model.task import Attempt
from orchestrator.prompts.compose import PromptParts, compose
from tests import make
from tests.sandbox.agents.conftest import Play, Played

ISSUE = "second agent: partial\nwrite a.py: broken\non failure replace a.py: broken => mended"
EARLIER = "STATUS: blocked"


def prompt(goal: str = ISSUE, check: str = "", earlier: str = "") -> str:
    before = [Attempt(number=1, agent="first", status="blocked", blocker="missing_credentials", at=make.NOON, text=earlier)]
    parts = PromptParts(
        task=make.task(title="Make it so", goal=goal),
        attempt=2 if earlier else 1,
        workdir=PurePath("/copy"),
        form=contract.form(),
        limits=Prompt(),
        earlier=before if earlier else [],
        failed_checks={"unit": check} if check else {},
    )
    return compose(parts).text


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
