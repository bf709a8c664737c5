"""Each real program, contained as always, does its work with nothing of the network but its model."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from bench import clis
from bench.clis import KEY, MODEL, NAMES, PRICE, Desk
from orchestrator.config.agents import AgentEntry, Provider, Scale, default_agents
from orchestrator.mailbox import results
from orchestrator.model.agent import CostSource, Effort, Failure, RunEnd
from orchestrator.model.result import AgentResult, Status
from orchestrator.model.task import Complexity
from sandbox.models import Behaviour, Models, Script
from sandbox.models.script import LEAVE_RESULT

# Three answers: the edit, the result file, the end (sandbox/models/words.py, Tokens).
TOKENS = (3 * 1200, 3 * 40, 3 * 300)
COST = (3 * 900 * PRICE.input + 3 * 300 * 0.5 + 3 * 40 * PRICE.output) / 1e6


@pytest.mark.parametrize("name", NAMES)
def test_the_real_program_does_the_work_and_its_usage_is_told_to_the_token(name: str, desk: Desk, models: Models) -> None:
    run = desk.run(name, models)
    assert (run.end, run.exit_code, run.failure, run.reason) == (RunEnd.EXITED, 0, Failure.NONE, "")
    assert desk.is_done
    assert status_of(desk) is Status.COMPLETE
    assert (run.usage.tokens_in, run.usage.tokens_out, run.usage.tokens_cached) == TOKENS
    assert run.usage.cost_usd == pytest.approx(COST)
    assert run.usage.cost_source is CostSource.ESTIMATED
    assert (run.model, run.provider) == (MODEL, "standin")
    assert {request.ask.model for request in models.ledger if request.ask} == {MODEL}
    assert run.session
    assert run.session in desk.log
    assert models.key not in desk.log
    assert desk.leftovers() == []


def status_of(desk: Desk) -> Status:
    """What the result file claims, read as the worker reads it."""
    content = results.read(desk.work)
    assert isinstance(content, bytes)
    result = results.parse(content)
    assert isinstance(result, AgentResult)
    return result.status


def own_entry(name: str, models: Models) -> tuple[AgentEntry, str]:
    """The entry without a provider, and the variable of its key: how most people sign in."""
    variable = {"claude": "ANTHROPIC_API_KEY", "codex": "OPENAI_API_KEY", "gemini": "GEMINI_API_KEY"}[name]
    address = {"claude": "ANTHROPIC_BASE_URL", "gemini": "GOOGLE_GEMINI_BASE_URL", "codex": "UNUSED"}[name]
    entry = default_agents()[name]
    told = msgspec.structs.replace(
        entry, set_env={**entry.set_env, address: models.url}, allowed_hosts=[f"127.0.0.1:{models.port}"]
    )
    return told, variable


@pytest.mark.parametrize("name", ["codex", "claude", "gemini"])
def test_a_key_in_the_environment_is_enough_to_sign_in(name: str, desk: Desk, models: Models) -> None:
    (desk.home / ".codex").mkdir()
    (desk.home / ".codex" / "config.toml").write_text(f'openai_base_url = "{models.url}/v1"\n')
    entry, variable = own_entry(name, models)
    run = desk.agent(name, entry, {variable: models.key}).run(desk.order())
    assert (run.failure, run.provider, desk.is_done) == (Failure.NONE, None, True)
    assert run.usage.tokens_cached in (900, 1200)  # gemini without a model of its own asks another one which to take


def test_claude_s_own_list_price_is_the_cost_of_its_own_model(desk: Desk, models: Models) -> None:
    entry, variable = own_entry("claude", models)
    run = desk.agent("claude", entry, {variable: models.key}).run(desk.order())
    assert run.usage.cost_source is CostSource.REPORTED
    assert run.usage.cost_usd == pytest.approx(0.01338)
    assert run.model
    assert run.model.startswith("claude-")


def test_p5_a_model_without_a_price_costs_an_unknown_sum(desk: Desk, models: Models) -> None:
    agent = desk.agent("deepseek", clis.entry("deepseek", models), {KEY: models.key})
    run = agent.run(desk.order())
    assert (run.usage.tokens_in, run.usage.cost_usd, run.usage.cost_source) == (3600, None, CostSource.UNKNOWN)


@pytest.mark.parametrize(
    ("name", "model", "effort"), [("codex", "gpt-6.1-sol", Effort.HIGH), ("claude", "claude-opus-4-6", Effort.LOW)]
)
def test_the_model_and_the_effort_of_the_task_s_size_are_asked_for(
    name: str, model: str, effort: Effort, desk: Desk, models: Models
) -> None:
    (desk.home / ".codex").mkdir()
    (desk.home / ".codex" / "config.toml").write_text(f'openai_base_url = "{models.url}/v1"\n')
    entry, variable = own_entry(name, models)
    scale = Scale(model=model, effort=effort)
    agent = desk.agent(name, msgspec.structs.replace(entry, sizes={Complexity.LARGE: scale}), {variable: models.key})
    run = agent.run(desk.order(complexity=Complexity.LARGE))
    assert {(request.ask.model, request.ask.effort) for request in models.ledger if request.ask} == {(model, effort)}
    assert run.model == model


def test_what_the_agent_starts_reaches_nothing_but_the_model(desk: Desk, models: Models) -> None:
    with Models() as other:
        models.play(Script(commands=[f"git ls-remote {other.url}/x.git; echo $? >> NOTES.md", LEAVE_RESULT]))
        desk.run("claude", models)
        assert (desk.work / "NOTES.md").read_text() == "# Notes\n128\n"
        assert list(other.ledger) == []


def test_f17_a_provider_without_quota_rests_and_the_next_one_serves(desk: Desk, models: Models) -> None:
    with Models(Script(behaviour=Behaviour.QUOTA), key=models.key) as first:
        providers = [
            Provider(name=name, base_url=f"{each.url}/api", credential_env=KEY, model=MODEL)
            for name, each in (("first", first), ("second", models))
        ]
        agent = desk.agent("deepseek", clis.entry("deepseek", models, providers=providers), {KEY: models.key})
        runs = [agent.run(desk.order(attempt=number)) for number in (1, 2)]
    assert [(run.provider, run.failure) for run in runs] == [("first", Failure.QUOTA), ("second", Failure.NONE)]
    assert desk.is_done


@pytest.mark.parametrize("name", ["codex", "claude"])
def test_an_overload_that_passes_is_no_failure(name: str, desk: Desk, models: Models) -> None:
    models.play(Script(behaviour=Behaviour.OVERLOADED, refusals=1))
    run = desk.run(name, models)
    assert (run.failure, desk.is_done, run.usage.tokens_in) == (Failure.NONE, True, 3600)


def test_nothing_is_written_but_the_working_copy_and_the_log(desk: Desk, models: Models) -> None:
    before = {path for path in desk.folder.rglob("*") if "work" not in path.parts}
    desk.run("claude", models)
    after = {path for path in desk.folder.rglob("*") if "work" not in path.parts}
    assert {str(Path(os.path.relpath(path, desk.folder))) for path in after - before} == {
        "logs/agent.log",
        "logs/prompt.md",
        "state/homes",
    }
