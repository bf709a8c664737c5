"""Settings of the agents: command lines, models by type and size of task, providers, prices, and what they may spend."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from orchestrator.model.agent import Effort
from orchestrator.model.task import Complexity, TaskType

EnvName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="The name of an environment variable.")]
AgentName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="An agent's name under `agents`.")]
Host = Annotated[
    str,
    Meta(
        pattern=r"^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$",
        description="A host's name, `*.` before it for all below it, `:PORT` behind it for another port than 443.",
    ),
]
Dollars = Annotated[float, Meta(ge=0, le=1_000_000, description="US dollars.")]


class AgentKind(StrEnum):
    """Which program stands behind an agent; it decides how model, effort and turns are told and how its output is read."""

    CODEX = "codex"
    CLAUDE = "claude"
    GEMINI = "gemini"
    DEEPSEEK = "deepseek"
    COMMAND = "command"


class Network(StrEnum):
    """What of the network an agent's sandbox sees."""

    MODEL_ONLY = "model-only"
    NONE = "none"
    FULL = "full"


class Scale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of an agent a task gets; what is not said is as the agent's own entry says."""

    model: Annotated[str | None, Meta(description="The model's name for the program. Empty: its own choice.")] = None
    effort: Annotated[Effort | None, Meta(description="How long it may think, where the program can be told.")] = None
    max_turns: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None, Meta(description="Most turns of one run, where the program can be told.")
    ] = None
    max_runtime_minutes: Annotated[
        Annotated[float, Meta(gt=0, le=1440)] | None,
        Meta(description="Longest run. Empty: the repository's own limit."),
    ] = None


class Provider(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who sells a model behind an address that the program can speak to."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$", description="Its name in messages and records.")]
    base_url: Annotated[str, Meta(pattern=r"^https?://[^\s@]+$", description="The address that the program is pointed at.")]
    credential_env: Annotated[EnvName, Meta(description="The variable that holds its key.")]
    credential_file: Annotated[
        str | None,
        Meta(description="A JSON file (mode 0600) that holds the key under `credential_key`, when the variable is not set."),
    ] = None
    credential_key: Annotated[str | None, Meta(description="The key's name in that file, such as openRouterApiKey.")] = None
    model: Annotated[str | None, Meta(description="The model's name at this provider. Empty: the agent's model.")] = None


class AgentEntry(Scale, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coding agent's command line. The prompt comes on its standard input."""

    command: Annotated[list[str], Meta(min_length=1, description="The program and its arguments; no shell reads them.")]
    kind: Annotated[
        AgentKind, Meta(description="Which program it is: decides how it is told model, effort and turns. command: any other.")
    ] = AgentKind.COMMAND
    env: Annotated[
        list[EnvName], Meta(description="Environment variables that it may see, by name; everything else is absent.")
    ] = field(default_factory=list)
    set_env: Annotated[dict[EnvName, str], Meta(description="Variables set for it to fixed values; never secrets.")] = field(
        default_factory=dict
    )
    state_paths: Annotated[
        list[str],
        Meta(description="Files or folders of its login below the home folder, copied in and back (~/.codex/auth.json)."),
    ] = field(default_factory=list)
    network: Annotated[
        Network,
        Meta(description="model-only: nothing but `allowed_hosts`, through a proxy of ours. none: nothing. full: everything."),
    ] = Network.MODEL_ONLY
    allowed_hosts: Annotated[
        list[Host], Meta(description="What `model-only` lets it reach: where its model, its login and nothing else is.")
    ] = field(default_factory=list)
    providers: Annotated[
        list[Provider], Meta(description="Where its model is to be had, in order; the first with a credential is used.")
    ] = field(default_factory=list)
    roles: Annotated[
        dict[TaskType, Scale], Meta(description="Another model, effort, number of turns or time for a type of task.")
    ] = field(default_factory=dict)
    sizes: Annotated[dict[Complexity, Scale], Meta(description="The same by the size of a task; it wins over the type's.")] = (
        field(default_factory=dict)
    )
    max_memory_mib: Annotated[int, Meta(ge=64, le=1_048_576, description="Most memory of the agent with all it starts.")] = 3072
    monthly_soft_usd: Annotated[
        Dollars | None, Meta(description="From here on in a month (UTC) the others of a chain go first, and you are told once.")
    ] = None
    monthly_hard_usd: Annotated[Dollars | None, Meta(description="From here on in a month (UTC) it is not started.")] = None

    def scale(self, task_type: TaskType, complexity: Complexity) -> Scale:
        """What a task of this type and size gets: the size's word, else the type's, else the entry's own."""
        levels = (self.sizes.get(complexity), self.roles.get(task_type), self)
        said = {
            name: next((value for level in levels if level is not None and (value := getattr(level, name)) is not None), None)
            for name in Scale.__struct_fields__
        }
        return Scale(**said)


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model costs, in US dollars for a million tokens."""

    input: Annotated[Dollars, Meta(description="For a million tokens that it reads.")]
    output: Annotated[Dollars, Meta(description="For a million tokens that it writes, thoughts included.")]
    cached: Annotated[Dollars | None, Meta(description="For a million tokens that it read before. Empty: as `input`.")] = None


class CircuitBreaker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to stop trying for a while."""

    agent_failures: Annotated[
        int, Meta(ge=1, le=1000, description="Failed attempts of one agent in a row, whatever the task, until it rests.")
    ] = 5
    repo_failures: Annotated[
        int, Meta(ge=1, le=1000, description="Failed attempts in one repository in a row, whoever made them, until it rests.")
    ] = 8
    cool_down_minutes: Annotated[
        float, Meta(gt=0, le=10_080, description="How long the rest is; then one attempt shows whether to go on.")
    ] = 60


class Machine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be free on this machine, and what one task may take of it."""

    min_free_disk_mib: Annotated[
        int, Meta(ge=0, le=10_485_760, description="With less free disk than this no attempt starts; you are told once.")
    ] = 2048
    min_free_memory_mib: Annotated[
        int, Meta(ge=0, le=1_048_576, description="With less available memory than this no attempt starts.")
    ] = 256
    max_workdir_mib: Annotated[
        int, Meta(ge=1, le=1_048_576, description="An agent whose working copy and home grow over this is ended.")
    ] = 3072
    stop_free_disk_mib: Annotated[
        int, Meta(ge=0, le=1_048_576, description="When less than this is left of the disk, running agents are ended.")
    ] = 500


_CLAUDE_ENV = {"CLAUDE_CODE_MAX_RETRIES": "2", "IS_SANDBOX": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}


def default_agents() -> dict[str, AgentEntry]:
    """The command lines that were seen to work headless (docs/agents.md)."""
    claude = ["claude", "-p", "--output-format", "stream-json", "--verbose", "--dangerously-skip-permissions"]
    return {
        "codex": AgentEntry(
            kind=AgentKind.CODEX,
            command=["codex", "exec", "--json", "--dangerously-bypass-approvals-and-sandbox", "--skip-git-repo-check",
                     "-c", "analytics.enabled=false", "-"],
            env=["CODEX_API_KEY", "OPENAI_API_KEY"],
            state_paths=["~/.codex/auth.json", "~/.codex/config.toml"],
            allowed_hosts=["api.openai.com", "chatgpt.com", "auth.openai.com"],
        ),
        "claude": AgentEntry(
            kind=AgentKind.CLAUDE,
            command=claude,
            env=["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"],
            set_env=dict(_CLAUDE_ENV),
            state_paths=["~/.claude/.credentials.json", "~/.claude.json"],
            allowed_hosts=["api.anthropic.com", "platform.claude.com", "console.anthropic.com"],
        ),
        "gemini": AgentEntry(
            kind=AgentKind.GEMINI,
            command=["gemini", "-p", "", "-o", "stream-json", "--approval-mode", "yolo", "--skip-trust"],
            env=["GEMINI_API_KEY"],
            set_env={"GEMINI_CLI_NO_RELAUNCH": "true"},
            state_paths=["~/.gemini/settings.json", "~/.gemini/oauth_creds.json"],
            allowed_hosts=["generativelanguage.googleapis.com", "cloudcode-pa.googleapis.com", "oauth2.googleapis.com"],
        ),
        "deepseek": AgentEntry(
            kind=AgentKind.DEEPSEEK,
            command=claude,
            set_env=dict(_CLAUDE_ENV),
            providers=[
                Provider(name="openrouter", base_url="https://openrouter.ai/api", credential_env="OPENROUTER_API_KEY",
                         credential_file="secrets.json", credential_key="openRouterApiKey", model="deepseek/deepseek-chat"),
                Provider(name="nanogpt", base_url="https://nano-gpt.com/api", credential_env="NANOGPT_API_KEY",
                         credential_file="secrets.json", credential_key="nanoGptApiKey", model="deepseek-chat"),
                Provider(name="chutes", base_url="https://llm.chutes.ai", credential_env="CHUTES_API_KEY",
                         credential_file="secrets.json", credential_key="chutesApiKey", model="deepseek-ai/DeepSeek-V3"),
            ],
        ),
    }  # fmt: skip
