"""What a run is told arrives at the program: words, variables, settings and keys, each by its own way."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.config.schema import AgentEntry, AgentKind, Network, Price, Provider, Scale, default_agents
from orchestrator.model.agent import CostSource, Effort, Failure, RunEnd
from orchestrator.model.task import Complexity, TaskType
from tests.adapters.agents.bench import NOW, Bench

KEY, OTHER_KEY = "sk-or-v1-" + "4f9a2b7c" * 4, "nano-" + "8d6e5f4a" * 4
SAID = Path(__file__).parents[2] / "data" / "clis"
QUOTA = json.dumps(
    {"type": "result", "subtype": "success", "is_error": True, "api_error_status": 429, "result": "429: try again in 2 hours"}
)
TELL = 'printf "%s|" "$@"; echo; env'


def install(bench: Bench, name: str, script: str) -> str:
    """A program of that name in the user's own folder."""
    program = bench.home / ".local/bin" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return name


def entry(kind: AgentKind, **changes: object) -> AgentEntry:
    made = {"command": [str(kind)], "kind": kind, "network": Network.NONE, **changes}
    return AgentEntry(**made)  # type: ignore[arg-type]  # the tests name only settings of an entry


def deepseek(**changes: object) -> AgentEntry:
    return entry(
        AgentKind.DEEPSEEK,
        command=["claude", "-p"],
        providers=[
            Provider(name="openrouter", base_url="https://openrouter.example/api", credential_env="OPENROUTER_API_KEY",
                     credential_file="secrets.json", credential_key="openRouterApiKey", model="deepseek/deepseek-chat"),
            Provider(name="nanogpt", base_url="https://nano.example/api", credential_env="NANOGPT_API_KEY",
                     model="deepseek-chat"),
        ],
        **changes,
    )  # fmt: skip


def give_keys(bench: Bench, **held: str) -> None:
    (bench.root / "conf").mkdir(exist_ok=True)
    path = bench.root / "conf/secrets.json"
    path.write_text(json.dumps(held))
    path.chmod(0o600)


def seen(tail: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in tail.splitlines() if "=" in line and "|" not in line)


def test_type_and_size_of_a_task_choose_model_effort_and_turns(either: Bench) -> None:
    install(either, "claude", TELL)
    scaled = entry(
        AgentKind.CLAUDE,
        command=["claude", "-p"],
        model="small",
        roles={TaskType.ARCHITECTURE: Scale(model="great", effort=Effort.LOW)},
        sizes={Complexity.LARGE: Scale(effort=Effort.HIGH, max_turns=90)},
    )
    run = either.of(scaled).run(either.order(task_type=TaskType.ARCHITECTURE, complexity=Complexity.LARGE))
    assert run.tail.startswith("-p|--model|great|--setting-sources|user|--effort|high|--max-turns|90|\n")
    assert run.model == "great"
    assert either.of(scaled).run(either.order()).tail.startswith("-p|--model|small|--setting-sources|user|\n")


def test_the_longest_run_of_a_size_goes_before_the_order_s(either: Bench) -> None:
    install(either, "tool", "echo up; sleep 60")
    short = entry(AgentKind.COMMAND, command=["tool"], sizes={Complexity.SMALL: Scale(max_runtime_minutes=0.01)})
    run = either.of(short).run(either.order(complexity=Complexity.SMALL, wall_seconds=50))
    assert run.end is RunEnd.TIMED_OUT
    assert run.seconds < 40


def test_gemini_finds_its_settings_at_home_and_a_person_s_stay_as_they_are(either: Bench) -> None:
    install(either, "gemini", "cat ~/.gemini/settings.json")
    theirs = either.home / ".gemini/settings.json"
    theirs.parent.mkdir()
    theirs.write_text('{"ui": {"theme": "dark"}}')
    either.env["GEMINI_API_KEY"] = KEY
    known = entry(AgentKind.GEMINI, env=["GEMINI_API_KEY"], state_paths=["~/.gemini/settings.json"], max_turns=12)
    made = json.loads(either.of(known).run(either.order()).tail)
    assert (made["ui"]["theme"], made["model"]["maxSessionTurns"]) == ("dark", 12)
    assert made["security"]["auth"]["selectedType"] == "gemini-api-key"
    assert theirs.read_text() == '{"ui": {"theme": "dark"}}'


def test_settings_of_gemini_alone_are_no_credential(bench: Bench) -> None:
    install(bench, "gemini", "true")
    (bench.home / ".gemini").mkdir()
    (bench.home / ".gemini/settings.json").write_text("{}")
    known = entry(AgentKind.GEMINI, env=["GEMINI_API_KEY"], state_paths=["~/.gemini/settings.json", "~/.gemini/oauth_creds.json"])
    assert "no credential" in str(bench.of(known).missing())
    bench.env["GEMINI_API_KEY"] = "your-key-here"
    assert "no credential" in str(bench.of(known).missing())
    bench.env["GEMINI_API_KEY"] = KEY
    assert bench.of(known).missing() is None


def test_codex_with_a_key_finds_it_where_it_looks(either: Bench) -> None:
    install(either, "codex", TELL)
    either.env["OPENAI_API_KEY"] = KEY
    run = either.of(entry(AgentKind.CODEX, env=["OPENAI_API_KEY"])).run(either.order())
    assert seen(run.tail)["CODEX_API_KEY"] == KEY


def test_the_first_provider_with_a_key_is_asked_and_its_key_is_in_the_environment_alone(either: Bench) -> None:
    install(either, "claude", TELL)
    give_keys(either, openRouterApiKey=KEY)
    either.env |= {"NANOGPT_API_KEY": OTHER_KEY, "ANTHROPIC_API_KEY": "the-maker-s-own-key"}
    run = either.of(deepseek(env=["ANTHROPIC_API_KEY"])).run(either.order())
    told = seen(run.tail)
    assert (told["ANTHROPIC_AUTH_TOKEN"], told["ANTHROPIC_BASE_URL"]) == (KEY, "https://openrouter.example/api")
    assert told["ANTHROPIC_MODEL"] == told["ANTHROPIC_SMALL_FAST_MODEL"] == "deepseek/deepseek-chat"
    assert "ANTHROPIC_API_KEY" not in told
    assert OTHER_KEY not in run.tail
    assert (run.provider, run.model) == ("openrouter", "deepseek/deepseek-chat")


def test_s81_no_process_shows_a_provider_s_key_on_its_command_line(either: Bench) -> None:
    install(either, "claude", "for each in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $each; echo; done 2>/dev/null")
    give_keys(either, openRouterApiKey=KEY)
    either.of(deepseek()).run(either.order())
    assert b"claude -p" in either.log
    assert KEY.encode() not in either.log


def test_f16_the_log_says_once_where_the_key_comes_from_and_who_was_skipped(bench: Bench) -> None:
    install(bench, "claude", "true")
    bench.env |= {"NANOGPT_API_KEY": OTHER_KEY, "OPENROUTER_API_KEY": "changeme"}
    bench.of(deepseek()).run(bench.order())
    opening = bench.log.decode().splitlines()[0]
    assert opening.startswith("[agentos] tester in the sandbox at nanogpt; credentials: NANOGPT_API_KEY; skipped openrouter: ")
    assert "OPENROUTER_API_KEY holds a placeholder" in opening
    assert (bench.log.count(b"credentials:"), OTHER_KEY.encode() in bench.log) == (1, False)


def test_without_a_key_of_any_provider_it_says_what_each_lacks_and_starts_nothing(bench: Bench) -> None:
    install(bench, "claude", "touch started")
    said = bench.of(deepseek()).missing()
    assert said is not None
    assert said.startswith("tester: none of its providers can be used: openrouter: OPENROUTER_API_KEY is not set, and ")
    assert "nanogpt: NANOGPT_API_KEY is not set" in said
    run = bench.of(deepseek()).run(bench.order())
    assert (run.end, run.reason) == (RunEnd.NOT_STARTED, said)
    assert not (bench.work / "started").exists()


def test_p6_a_provider_that_had_no_quota_is_passed_over_by_the_next_run(either: Bench) -> None:
    install(either, "claude", f'case $ANTHROPIC_BASE_URL in *openrouter*) cat <<"END"\n{QUOTA}\nEND\nexit 1;; esac; echo fine')
    either.env |= {"OPENROUTER_API_KEY": KEY, "NANOGPT_API_KEY": OTHER_KEY}
    agent = either.of(deepseek())
    first, second = agent.run(either.order()), agent.run(either.order())
    assert (first.provider, first.failure, first.quota_hit) == ("openrouter", Failure.QUOTA, True)
    assert first.quota_until == NOW, "another provider serves, so the agent needs no rest"
    assert (second.provider, second.failure) == ("nanogpt", Failure.NONE)
    assert agent.missing() is None


def test_p6_with_every_provider_at_rest_the_agent_is_missing_until_one_serves_again(bench: Bench) -> None:
    install(bench, "claude", f'cat <<"END"\n{QUOTA}\nEND\nexit 1')
    bench.env["OPENROUTER_API_KEY"] = KEY
    agent = bench.of(deepseek())
    assert agent.run(bench.order()).quota_until == NOW + timedelta(hours=2)
    assert "openrouter: had no quota; it rests until 2026-11-21 14:00 UTC" in str(agent.missing())


def test_a_refused_key_rests_its_provider_and_is_told_in_the_program_s_words(bench: Bench) -> None:
    (bench.work / "said").write_bytes((SAID / "claude-unauthorized.out").read_bytes())
    install(bench, "claude", "cat said; exit 1")
    bench.env |= {"OPENROUTER_API_KEY": KEY, "NANOGPT_API_KEY": OTHER_KEY}
    agent = bench.of(deepseek())
    run = agent.run(bench.order())
    assert (run.failure, run.reason) == (Failure.UNAUTHORIZED, "Invalid API key · Fix external API key")
    assert agent.run(bench.order()).provider == "nanogpt"


def test_usage_told_before_megabytes_of_other_words_is_kept(bench: Bench) -> None:
    turn = json.dumps({"type": "turn.completed", "usage": {"input_tokens": 1_000_000, "output_tokens": 0}})
    noise = "head -c 3000000 /dev/zero | tr '\\0' x"
    install(bench, "codex", f"echo '{turn}'; {noise}; echo; {noise}; echo; echo '{turn}'")
    run = bench.of(entry(AgentKind.CODEX, model="m"), {"m": Price(input=1.5, output=9)}).run(bench.order())
    assert (run.usage.tokens_in, run.usage.cost_usd, run.usage.cost_source) == (2_000_000, 3.0, CostSource.ESTIMATED)


def test_the_known_agents_can_be_told_everything(bench: Bench) -> None:
    for name, known in default_agents().items():
        install(bench, known.command[0], 'echo "$*"')
        bench.env |= dict.fromkeys(known.env, KEY)
        bench.env["OPENROUTER_API_KEY"] = KEY
        told = bench.of(scaled(known)).run(bench.order())
        assert told.end is RunEnd.EXITED, name
        assert told.model == ("deepseek/deepseek-chat" if name == "deepseek" else "m-1")


def scaled(known: AgentEntry) -> AgentEntry:
    fields = {name: getattr(known, name) for name in AgentEntry.__struct_fields__}
    return AgentEntry(**{**fields, "network": Network.NONE, "model": "m-1", "effort": Effort.LOW, "max_turns": 5})


@pytest.mark.parametrize("kind", AgentKind)
def test_an_agent_of_any_kind_that_prints_nothing_told_nothing(bench: Bench, kind: AgentKind) -> None:
    install(bench, str(kind), "true")
    run = bench.of(entry(kind)).run(bench.order())
    assert (run.failure, run.reason, run.session, run.usage.cost_source) == (Failure.NONE, "", None, CostSource.UNKNOWN)
