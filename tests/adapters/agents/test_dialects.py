"""Model, effort, turns and provider are told to each program in its own words, where it understands them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.agents.dialects import gemini_settings
from orchestrator.adapters.agents.dialects.known import DIALECTS
from orchestrator.adapters.agents.dialects.speaking import Endpoint, Spoken, Wish, option, with_words
from orchestrator.config.schema import AgentKind, Provider, Scale, default_agents
from orchestrator.model.agent import Effort

SCALE = Scale(model="m-1", effort=Effort.HIGH, max_turns=30)
APART = "--setting-sources user"
KEY = "sk-or-v1-" + "4f9a2b7c" * 4
SHOP = Provider(name="shop-1", base_url="https://llm.example/api", credential_env="SHOP_KEY", model="deep/m-2")


def spoken(kind: AgentKind, command: Sequence[str] | None = None, *, provider: Provider | None = None, **wish: Any) -> Spoken:
    endpoint = Endpoint(provider=provider, key=KEY) if provider else None
    words = command if command is not None else default_agents().get(kind, default_agents()["codex"]).command
    return DIALECTS[kind].speak(words, Wish(scale=wish.pop("scale", SCALE), endpoint=endpoint, **wish))


def whole(kind: AgentKind, command: Sequence[str] | None = None, **more: Any) -> str:
    words = list(command if command is not None else default_agents()[kind].command)
    return " ".join(with_words(words, spoken(kind, words, **more).words, DIALECTS[kind].program))


def test_codex_is_told_before_the_dash_that_is_its_prompt() -> None:
    assert whole(AgentKind.CODEX).endswith("-c analytics.enabled=false -m m-1 -c model_reasoning_effort=high -")


def test_claude_is_told_model_effort_and_turns() -> None:
    assert whole(AgentKind.CLAUDE).endswith(f"--dangerously-skip-permissions --model m-1 {APART} --effort high --max-turns 30")


@pytest.mark.parametrize("kind", [AgentKind.CLAUDE, AgentKind.DEEPSEEK])
def test_f16_claude_reads_no_settings_of_the_repository_unless_a_person_says_so(kind: AgentKind) -> None:
    assert " ".join(spoken(kind, scale=Scale()).words) == " ".join(spoken(kind, scale=Scale(), provider=SHOP).words) == APART
    assert list(spoken(kind, ["claude", "--setting-sources=user,project"], scale=Scale()).words) == []


def test_gemini_is_told_its_model_and_keeps_its_empty_prompt() -> None:
    words = with_words(default_agents()["gemini"].command, spoken(AgentKind.GEMINI).words, "gemini")
    assert words[:3] == ["gemini", "-p", ""]
    assert words[-2:] == ["-m", "m-1"]


def test_any_other_command_is_told_by_variables_alone() -> None:
    told = spoken(AgentKind.COMMAND, ["tool", "-"])
    assert told.words == ()
    assert told.env == {"AGENTOS_MODEL": "m-1", "AGENTOS_EFFORT": "high", "AGENTOS_MAX_TURNS": "30"}
    assert spoken(AgentKind.COMMAND, ["tool"], scale=Scale()).env == {}


@pytest.mark.parametrize("kind", [AgentKind.CODEX, AgentKind.GEMINI, AgentKind.COMMAND])
def test_what_is_not_said_adds_no_word(kind: AgentKind) -> None:
    assert list(spoken(kind, scale=Scale()).words) == []
    assert spoken(kind, scale=Scale()).env == {}


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (AgentKind.CODEX, "codex exec -m mine -c model_reasoning_effort=low -"),
        (AgentKind.CODEX, "codex exec --model=mine --config model_reasoning_effort=low -"),
        (AgentKind.CLAUDE, f"claude -p --model mine --effort=low --max-turns 3 {APART}"),
        (AgentKind.GEMINI, "gemini -m mine -p x"),
    ],
)
def test_what_a_person_wrote_into_the_command_is_not_said_twice(kind: AgentKind, command: str) -> None:
    assert whole(kind, command.split()) == command


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("codex exec -", "codex exec WORDS -"),
        ("codex exec", "codex exec WORDS"),
        ("codex exec -- -", "codex exec WORDS -- -"),
        ("nice -n 5 -- codex exec --json -", "nice -n 5 -- codex exec --json WORDS -"),
        ("npx -y codex exec -", "npx -y codex exec WORDS -"),
        ("/opt/bin/codex exec - ", "/opt/bin/codex exec WORDS -"),
        ("node /opt/codex.js exec -", "node /opt/codex.js exec WORDS -"),
        ("wrapper", "wrapper WORDS"),
    ],
)
def test_words_stand_where_the_program_reads_options(command: str, expected: str) -> None:
    assert " ".join(with_words(command.split(), ["WORDS"], "codex")) == expected


@given(st.lists(st.sampled_from(["codex", "exec", "-", "--", "-m", "x", "--model=y", ""]), min_size=1))
def test_words_never_come_after_a_last_dash(command: list[str]) -> None:
    made = with_words(command, ["WORD"], "codex")
    assert [word for word in made if word != "WORD"] == command
    assert made[0] != "WORD"
    assert len(command) == 1 or command[-1] != "-" or made[-1] == "-"


def test_an_option_without_its_value_has_none() -> None:
    assert option(["codex", "-m"], "-m", "--model") is None


def test_s81_a_key_stands_in_no_word_whatever_the_program() -> None:
    for kind in AgentKind:
        told = spoken(kind, provider=SHOP)
        assert not any(KEY in word for word in told.words)
        assert KEY in told.env.values()
        assert KEY not in repr(told)


@pytest.mark.parametrize("kind", [AgentKind.CLAUDE, AgentKind.DEEPSEEK])
def test_claude_is_pointed_at_a_provider_and_asks_it_for_one_model_only(kind: AgentKind) -> None:
    told = spoken(kind, provider=SHOP)
    assert told.env["ANTHROPIC_BASE_URL"] == "https://llm.example/api"
    assert told.env["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert {value for name, value in told.env.items() if "MODEL" in name} == {"deep/m-2"}
    assert {"ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"} <= told.env.keys()
    assert "--model" not in told.words


def test_a_provider_without_a_model_of_its_own_is_asked_for_the_agent_s() -> None:
    provider = Provider(name="p", base_url="https://x.example", credential_env="P_KEY")
    assert spoken(AgentKind.DEEPSEEK, provider=provider).env["ANTHROPIC_MODEL"] == "m-1"
    assert "ANTHROPIC_MODEL" not in spoken(AgentKind.DEEPSEEK, provider=provider, scale=Scale()).env


def test_claude_at_a_provider_gets_none_of_its_maker_s_credentials() -> None:
    assert set(spoken(AgentKind.CLAUDE, provider=SHOP).without) == {"ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"}
    assert spoken(AgentKind.CLAUDE).without == ()


def test_codex_at_a_provider_names_the_variable_of_its_key() -> None:
    words = list(spoken(AgentKind.CODEX, provider=SHOP).words)
    assert words[:2] == ["-m", "deep/m-2"]
    assert 'model_provider="agentos_shop_1"' in words
    assert 'model_providers.agentos_shop_1.env_key="SHOP_KEY"' in words


def test_codex_gets_its_key_under_the_name_that_it_reads() -> None:
    held = {"OPENAI_API_KEY": KEY}
    assert spoken(AgentKind.CODEX, held=held).env == {"CODEX_API_KEY": KEY}
    assert spoken(AgentKind.CODEX, held=held, logins=[".codex/auth.json"]).env == {}
    assert spoken(AgentKind.CODEX, held={**held, "CODEX_API_KEY": "mine"}).env == {}


def settled(found: str | None, *, has_key: bool = True, max_turns: int | None = 30) -> Any:
    content = gemini_settings.settled(None if found is None else found.encode(), has_key=has_key, max_turns=max_turns)
    return None if content is None else json.loads(content)


def test_gemini_without_settings_gets_those_that_it_needs_to_run_alone() -> None:
    made = settled(None)
    assert made["security"]["auth"]["selectedType"] == "gemini-api-key"
    assert made["model"]["maxSessionTurns"] == 30
    assert (made["telemetry"]["enabled"], made["privacy"]["usageStatisticsEnabled"]) == (False, False)
    assert made["general"]["maxAttempts"] == 3


def test_f16_gemini_takes_no_variables_from_a_repository_s_env_file() -> None:
    assert settled("{}")["advanced"]["ignoreLocalEnv"] is True


def test_gemini_without_a_key_is_not_told_to_use_one() -> None:
    assert "security" not in settled(None, has_key=False)


def test_a_person_s_settings_of_gemini_are_kept_but_for_what_a_task_gets() -> None:
    theirs = """\ufeff{ // a comment with "quotes"
      "security": {"auth": {"selectedType": "oauth-personal"}}, /* and
      another */ "general": {"maxAttempts": 7}, "ui": {"theme": "// not a comment"}, "model": {"maxSessionTurns": 1}
    }"""
    made = settled(theirs)
    assert made["security"]["auth"]["selectedType"] == "oauth-personal"
    assert (made["general"]["maxAttempts"], made["ui"]["theme"]) == (7, "// not a comment")
    assert made["model"]["maxSessionTurns"] == 30


@pytest.mark.parametrize("found", ["", "[]", "{", "nonsense", "[" * 99_999])
def test_settings_that_nobody_can_read_are_left_alone(found: str) -> None:
    assert settled(found) is None


@pytest.mark.parametrize(
    ("kind", "name", "content", "is_one"),
    [
        (AgentKind.CODEX, ".codex/auth.json", b"{}", True),
        (AgentKind.CODEX, ".codex/config.toml", b'model = "x"', False),
        (AgentKind.CODEX, ".codex/config.toml", b'model_provider = "mine"', True),
        (AgentKind.CLAUDE, ".claude/.credentials.json", b"{}", True),
        (AgentKind.CLAUDE, ".claude.json", b'{"projects": {}}', False),
        (AgentKind.CLAUDE, ".claude.json", b'{"primaryApiKey": "x"}', True),
        (AgentKind.GEMINI, ".gemini/oauth_creds.json", b"{}", True),
        (AgentKind.GEMINI, ".gemini/settings.json", b'{"security": {"auth": {"selectedType": "gemini-api-key"}}}', False),
        (AgentKind.COMMAND, ".tool/anything", b"", True),
    ],
)
def test_settings_alone_are_no_login(kind: AgentKind, name: str, content: bytes, is_one: bool) -> None:
    assert DIALECTS[kind].is_login(name, content) is is_one
