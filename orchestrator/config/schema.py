"""Every setting, declared once: its type, default, bounds and meaning. Validation, schema file and docs are made from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from orchestrator.config.agents import (
    AgentEntry,
    AgentKind,
    AgentName,
    CircuitBreaker,
    Dollars,
    EnvName,
    Host,
    Machine,
    Network,
    Price,
    Provider,
    Scale,
    default_agents,
)
from orchestrator.config.reviewing import (
    ApprovalNeeded,
    Dependabot,
    ExternalMode,
    ExternalPrs,
    Labels,
    LockFile,
    Merge,
    MergeMethod,
    NoCi,
    Review,
)
from orchestrator.model.task import TaskType

__all__ = [
    "AgentEntry", "AgentKind", "AgentName", "ApprovalNeeded", "Attribution", "AutomationMode", "Check", "CircuitBreaker",
    "Dependabot", "ExternalMode", "ExternalPrs", "Gate", "GitHubAccess", "Identity", "Labels", "LockFile", "Machine", "Memory",
    "Merge", "MergeMethod", "Network", "NoCi", "OwnerType", "Price", "Project", "Prompt", "Provider", "RepoEntry",
    "RepoSettings", "Review", "Sandbox", "SandboxMode", "Scale", "Settings", "Telegram", "default_agents", "default_chains",
]  # fmt: skip

RepoName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", description="A repository as owner/name.")]


class AutomationMode(StrEnum):
    """How much happens without a person."""

    FULL = "full"
    DISPATCHER_ONLY = "dispatcher_only"


class SandboxMode(StrEnum):
    """What contains an agent's process."""

    BUBBLEWRAP = "bubblewrap"
    NONE = "none"


class OwnerType(StrEnum):
    """Who owns a project board."""

    ORGANIZATION = "organization"
    USER = "user"


def default_chains() -> dict[TaskType, list[AgentName]]:
    """Which agents are tried for a type of task, in order."""
    every, thinkers = ["codex", "claude", "gemini", "deepseek"], ["claude", "codex"]
    chains = dict.fromkeys(TaskType, thinkers)
    chains[TaskType.IMPLEMENTATION] = every
    chains[TaskType.DEBUGGING] = chains[TaskType.BROWSER_AUTOMATION] = ["claude", "codex", "gemini", "deepseek"]
    return {kind: list(chain) for kind, chain in chains.items()}


class Memory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is remembered of finished work in the repository's memory file."""

    file: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+\.md$", description="The memory file at the repository's root.")] = (
        "CODEBASE.md"
    )
    max_entries: Annotated[int, Meta(ge=1, le=500, description="Entries kept in full; older ones are compacted.")] = 60
    prompt_entries: Annotated[int, Meta(ge=0, le=100, description="Newest entries that a prompt shows.")] = 15
    max_prompt_chars: Annotated[int, Meta(ge=1000, le=200_000, description="Most characters of memory in a prompt.")] = 24_000


class Gate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may leave an agent's working copy."""

    max_files: Annotated[int, Meta(ge=1, le=10_000, description="Most files that one change may touch.")] = 100
    max_added_kib: Annotated[int, Meta(ge=1, le=102_400, description="Most text that one change may add, in KiB.")] = 1024
    max_blob_kib: Annotated[int, Meta(ge=1, le=102_400, description="Largest single file, in KiB.")] = 512
    protected_paths: Annotated[
        list[str],
        Meta(description="Patterns of paths that an agent may not change (gitignore-like; ** spans folders)."),
    ] = field(
        default_factory=lambda: [
            ".github/**",
            ".gitlab-ci*",
            "**/CODEOWNERS",
            "**/.gitattributes",
            ".githooks/**",
            ".husky/**",
            ".pre-commit-config*",
            "**/AGENTS.md",
            "**/CLAUDE.md",
            "**/GEMINI.md",
            ".agentos/**",
            ".claude/**",
            ".codex/**",
            ".gemini/**",
            ".cursor/**",
            "**/.mcp.json",
            ".vscode/**",
            ".idea/**",
            ".devcontainer/**",
        ]
    )


class Prompt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much goes into a prompt."""

    max_chars: Annotated[int, Meta(ge=4000, le=400_000, description="Most characters of a whole prompt.")] = 100_000
    max_document_chars: Annotated[
        int,
        Meta(ge=500, le=100_000, description="Most characters of one document of the repository (README, STRATEGY, …)."),
    ] = 12_000
    max_history_chars: Annotated[
        int, Meta(ge=500, le=100_000, description="Most characters of earlier attempts; the newest is kept whole.")
    ] = 20_000


class Check(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command of the repository that must succeed on the tree that an agent left, run in the sandbox without network."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/()-]{0,63}$", description="Its name in messages.")]
    command: Annotated[str, Meta(min_length=1, max_length=4000, description="What `sh -c` runs in the working copy.")]
    timeout_minutes: Annotated[float, Meta(gt=0, le=1440, description="Longest run; over it the check has failed.")] = 10


class RepoSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that may stand at the top level, under a project, or under a repository; the repository's win."""

    automation_mode: Annotated[
        AutomationMode,
        Meta(description="full, or dispatcher_only: Ready → task → pull request, and a person merges."),
    ] = AutomationMode.FULL
    agent_fallbacks: Annotated[
        dict[TaskType, list[AgentName]],
        Meta(description="For each type of task the agents to try, in order. A type that is not named keeps its default chain."),
    ] = field(default_factory=default_chains)
    default_agent: Annotated[str, Meta(description="auto, or the agent that is tried first when an issue names none.")] = "auto"
    default_task_type: Annotated[TaskType, Meta(description="The type of an issue that does not say.")] = TaskType.IMPLEMENTATION
    base_branch: Annotated[
        str | None,
        Meta(description="The branch that work starts from and is merged into. Empty: the repository's default branch."),
    ] = None
    max_attempts: Annotated[int, Meta(ge=1, le=20, description="Attempts before a task is escalated to a person.")] = 4
    max_interruptions: Annotated[
        int,
        Meta(
            ge=1,
            le=20,
            description="How often an attempt that was cut off (reboot, kill) starts again before a person is asked.",
        ),
    ] = 3
    max_runtime_minutes: Annotated[float, Meta(gt=0, le=1440, description="Longest run of one attempt, in minutes.")] = 40
    inactivity_timeout: Annotated[float, Meta(gt=0, le=86_400, description="Longest silence of an agent, in seconds.")] = 300
    first_byte_timeout: Annotated[
        float, Meta(gt=0, le=86_400, description="Longest wait for an agent's first output, in seconds.")
    ] = 120
    setup_command: Annotated[
        str | None,
        Meta(description="What `sh -c` runs in a fresh working copy before anything else, in the sandbox: fetch dependencies."),
    ] = None
    setup_hosts: Annotated[
        list[Host], Meta(description="What `setup_command` may reach besides: the hosts of your package registry.")
    ] = field(default_factory=list)
    prebuild_command: Annotated[
        str | None, Meta(description="What `sh -c` runs after it and before each run of the checks, without network: compile.")
    ] = None
    setup_timeout_minutes: Annotated[float, Meta(gt=0, le=1440, description="Longest run of either, in minutes.")] = 15
    checks: Annotated[
        list[Check],
        Meta(description="Commands that must succeed before a change is proposed. Without any, CI alone tells whether it works."),
    ] = field(default_factory=list)
    baseline: Annotated[
        bool, Meta(description="Run the checks on the clean base first: what is red there already is not the agent's fault.")
    ] = True
    max_verify_retries: Annotated[
        int, Meta(ge=0, le=20, description="How often failed checks go back to the same agent within one attempt.")
    ] = 2
    max_invocations_per_issue: Annotated[
        int, Meta(ge=1, le=1000, description="Starts of agents for one issue in all, repairs and CI fixes included.")
    ] = 20
    max_cost_per_issue: Annotated[
        Dollars | None, Meta(description="Dollars for one issue; over it the work stops and you are asked. Empty: no limit.")
    ] = 10.0
    max_workers_per_repo: Annotated[int, Meta(ge=1, le=16, description="Tasks of one repository that run at the same time.")] = 1
    max_open_pulls: Annotated[
        int,
        Meta(ge=1, le=1000, description="Tasks in review at which no new one starts, so that people keep up with reviewing."),
    ] = 20
    ready_label: Annotated[
        str,
        Meta(min_length=1, max_length=50, description="The label that makes an issue ready, beside the board's status."),
    ] = "ready"
    merge: Merge = field(default_factory=Merge)
    labels: Labels = field(default_factory=Labels)
    review: Review = field(default_factory=Review)
    dependabot: Dependabot = field(default_factory=Dependabot)
    memory: Memory = field(default_factory=Memory)
    gate: Gate = field(default_factory=Gate)
    prompt: Prompt = field(default_factory=Prompt)


class RepoEntry(RepoSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One repository that agents may work on; anything not listed is out of reach."""

    github_repo: RepoName


class Project(RepoSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A board and its repositories."""

    repos: Annotated[list[RepoEntry], Meta(min_length=1, description="The repositories of this project.")]
    project_number: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="The number in the board's address. Empty: no board, labels only.")
    ] = None
    project_owner: Annotated[str | None, Meta(description="Who owns the board. Empty: github_owner.")] = None
    owner_type: Annotated[OwnerType, Meta(description="Whether an organization or a user owns the board.")] = (
        OwnerType.ORGANIZATION
    )
    status_field: Annotated[str, Meta(description="The board's single-select field that holds the status.")] = "Status"
    backlog_value: Annotated[str, Meta(min_length=1, description="The status of work that nobody asked for yet.")] = "Backlog"
    ready_value: Annotated[str, Meta(min_length=1, description="The status that starts work.")] = "Ready"
    in_progress_value: Annotated[str, Meta(min_length=1, description="The status while an agent or CI can act.")] = "In Progress"
    blocked_value: Annotated[str, Meta(min_length=1, description="The status when a person is needed.")] = "Blocked"
    done_value: Annotated[str, Meta(min_length=1, description="The status once merged.")] = "Done"


class GitHubAccess(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where GitHub is and where its token comes from: the environment variable, else the file, else `gh auth token`."""

    api_url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
            description="The REST address; for GitHub Enterprise Server https://HOST/api/v3. Plain http only for loopback.",
        ),
    ] = "https://api.github.com"
    token_env: EnvName = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable, not a token
    token_file: Annotated[str | None, Meta(description="A file with the token, readable by its owner alone (mode 0600).")] = None
    write_gap_seconds: Annotated[
        float, Meta(ge=0, le=60, description="Least seconds between two writes of all jobs together; GitHub asks for one.")
    ] = 1.0
    max_writes_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            description="Most writes of all jobs together within a minute; GitHub's own limit is 80. 0 is no limit.",
        ),
    ] = 60
    max_writes_per_hour: Annotated[
        int,
        Meta(
            ge=0,
            le=5000,
            description="Most writes of all jobs together within an hour; GitHub's own limit is 500. 0 is no limit.",
        ),
    ] = 400
    use_gh_cli: Annotated[bool, Meta(description="Ask `gh auth token` when neither of the others has a token.")] = True


class Telegram(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where alerts go. Without a chat nothing is sent and alerts wait in the outbox."""

    chat_id: Annotated[int | None, Meta(description="The chat that alerts are sent to.")] = None
    token_env: EnvName = "TELEGRAM_BOT_TOKEN"  # noqa: S105 - the name of a variable, not a token
    token_file: Annotated[str | None, Meta(description="A file with the bot's token (mode 0600).")] = None
    api_url: Annotated[str, Meta(pattern=r"^https?://\S+$", description="The Bot API's address.")] = "https://api.telegram.org"


class Sandbox(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What contains agents."""

    mode: Annotated[
        SandboxMode,
        Meta(description="bubblewrap, or none: agents then reach all that this user reaches. Write it only if you mean it."),
    ] = SandboxMode.BUBBLEWRAP
    read_only_paths: Annotated[
        list[str], Meta(description="Folders that agents may read beside /usr, the interpreter and their own program.")
    ] = field(default_factory=list)


class Identity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the commits are by."""

    name: Annotated[str, Meta(min_length=1, max_length=100, description="The author's name on commits.")] = "Agent OS"
    email: Annotated[str, Meta(pattern=r"^[^\s@<>]+@[^\s@<>]+$", description="The author's address on commits.")] = (
        "agent-os@users.noreply.github.com"
    )


class Attribution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The footer under everything written on GitHub."""

    enabled: Annotated[bool, Meta(description="Whether machine-made text says so.")] = True
    text: Annotated[str, Meta(max_length=300, description="The footer's words.")] = "Written by Agent OS."


class Settings(RepoSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of config.yaml."""

    github_owner: Annotated[str, Meta(min_length=1, description="The account or organization whose boards these are.")]
    github_projects: Annotated[
        dict[str, Project], Meta(description="Boards and their repositories, each under a name of your choice.")
    ]
    github: GitHubAccess = field(default_factory=GitHubAccess)
    agents: Annotated[
        dict[AgentName, AgentEntry],
        Meta(description="Agents by name. codex, claude, gemini and deepseek are known; naming one here replaces its entry."),
    ] = field(default_factory=dict)
    prices: Annotated[
        dict[str, Price],
        Meta(description="What models cost, by name, for agents that do not say; without a price their cost is unknown."),
    ] = field(default_factory=dict)
    max_daily_usd: Annotated[
        Dollars | None, Meta(description="Dollars a day (UTC) for all work; then nothing new starts. Empty: no limit.")
    ] = 50.0
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    machine: Machine = field(default_factory=Machine)
    runtime_dir: Annotated[
        str, Meta(min_length=1, description="Where the mailbox and all state live; relative to this file.")
    ] = "runtime"
    worktrees_dir: Annotated[
        str, Meta(min_length=1, description="Where agents' working copies are made; relative to this file.")
    ] = "worktrees"
    max_parallel_workers: Annotated[int, Meta(ge=1, le=32, description="Tasks that run at the same time.")] = 1
    trusted_users: Annotated[
        list[str],
        Meta(description="Logins whose text is trusted as if they had write permission (bots of yours, for example)."),
    ] = field(default_factory=list)
    telegram: Telegram = field(default_factory=Telegram)
    sandbox: Sandbox = field(default_factory=Sandbox)
    identity: Identity = field(default_factory=Identity)
    attribution: Attribution = field(default_factory=Attribution)
