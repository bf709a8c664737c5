"""A configuration is taken whole or refused with every mistake, each with its file, line and key."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.config.load import Config, ConfigErrors, load
from orchestrator.config.schema import Settings
from orchestrator.config.validate import mistakes
from orchestrator.system import safe_yaml

ROOT = Path(__file__).parents[2]
SMALL = "github_owner: acme\ngithub_projects: {product: {repos: [{github_repo: acme/web}]}}\n"


def loaded(folder: Path, text: str | bytes) -> Config:
    """The configuration that `text` is."""
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, env={"HOME": "/homes/someone"})


def refused(folder: Path, text: str | bytes) -> list[str]:
    """What is said of a wrong configuration, without the folder's name."""
    with pytest.raises(ConfigErrors) as errors:
        loaded(folder, text)
    return [str(error).replace(f"{folder}/", "") for error in errors.value.errors]


def project(lines: str) -> str:
    """A whole file in which one repository has the given settings, from line 6 on."""
    return "github_owner: acme\ngithub_projects:\n  product:\n    repos:\n      - github_repo: acme/web\n" + lines


ONE_MISTAKE = {
    "github: {api_urll: x}": "github.api_urll: unknown key; did you mean api_url?",
    "max_atempts: 3": "max_atempts: unknown key; did you mean max_attempts?",
    "max_attempts: lots": "max_attempts: is text, must be a whole number",
    "max_attempts: '3'": "max_attempts: is text, must be a whole number",
    "max_attempts: 3.0": "max_attempts: is a number, must be a whole number",
    "max_attempts: true": "max_attempts: is true or false, must be a whole number",
    "max_attempts:": "max_attempts: is empty, must be a whole number",
    "max_attempts: [3]": "max_attempts: is a list, must be a whole number",
    "max_attempts: 0": "max_attempts: is 0, must be between 1 and 20",
    "max_attempts: 21": "max_attempts: is 21, must be between 1 and 20",
    "max_runtime_minutes: 0": "max_runtime_minutes: is 0, must be more than 0 and at most 1440",
    "max_runtime_minutes: .inf": "max_runtime_minutes: is text, must be a number",
    "max_attempts: 99999999999999999999": "max_attempts: is too large a number, must be a whole number",
    "ready_label: 5": "ready_label: is a whole number, must be text; put quotes around it",
    "ready_label: ''": "ready_label: must have at least 1 character",
    f"ready_label: {'x' * 51}": "ready_label: has 51 characters, must have at most 50",
    "merge:": "merge: is empty, must be a group of keys",
    "merge: hold": "merge: is text, must be a group of keys",
    "merge: {no_ci: on}": "merge.no_ci: is `on`, must be one of hold, merge",
    "github: {use_gh_cli: yes}": "github.use_gh_cli: is text, must be true or false",
    "trusted_users: bob": "trusted_users: is text, must be a list",
    "trusted_users: [bob, 7]": "trusted_users[1]: is a whole number, must be text; put quotes around it",
    "agents: {x: {}}": "agents.x.command: is missing. The program and its arguments; no shell reads them.",
    "agents: {x: {command: []}}": "agents.x.command: must have at least 1 entry",
    "agents: {Big: {command: [a]}}": "agents.Big: the key is `Big`, which does not fit: An agent's name under `agents`.",
    "agents: [a]": "agents: is a list, must be a group of keys",
    "agent_fallbacks: {debuging: [claude]}": "agent_fallbacks.debuging: the key is `debuging`, must be one of implementation, "
    "debugging, architecture, research, docs, design, content, browser_automation, review; did you mean debugging?",
    "agent_fallbacks: {docs: [cloude]}": "agent_fallbacks.docs[0]: `cloude` is not among the agents (codex, claude, gemini, "
    "deepseek); did you mean claude?",
    "default_agent: codx": "default_agent: `codx` is not among the agents (codex, claude, gemini, deepseek); did you mean codex?",
    "github: {api_url: 'http://ghe.example/api/v3'}": "github.api_url: must be https, for a token is sent there; plain http is "
    "only for this machine (127.0.0.1, localhost, [::1])",
    "telegram: {api_url: 'http://127.0.0.1@evil.example/'}": "telegram.api_url: must be https, for a token is sent there; plain "
    "http is only for this machine (127.0.0.1, localhost, [::1])",
    "github: {api_url: 'https://me:pw@ghe.example'}": "github.api_url: must not hold a user name or password",
    "telegram: {token: abc}": "telegram.token: unknown key; a secret is never written here: name its environment variable or "
    "its file with token_env or token_file",
    "agents: {x: {command: [a], set_env: {OPENAI_API_KEY: abc}}}": "agents.x.set_env.OPENAI_API_KEY: is a secret by its name, "
    "and a secret is never written here: name it under `env`, and set it in the environment",
    "memory: {file: ../x.md}": "memory.file: is `../x.md`, which does not fit: The memory file at the repository's root.",
    'runtime_dir: "run\\ntime"': "runtime_dir: holds a line break or another control character",
}


@pytest.mark.parametrize(("line", "said"), ONE_MISTAKE.items(), ids=ONE_MISTAKE.keys())
def test_a_mistake_is_told_with_its_line_its_key_and_what_to_do(tmp_path: Path, line: str, said: str) -> None:
    assert refused(tmp_path, f"{SMALL}{line}\n")[:1] == [f"config.yaml:3: {said}"]


def test_s85_a_mistyped_automation_mode_is_an_error_at_every_level(tmp_path: Path) -> None:
    said = "is `dispatcher-only`, must be one of full, dispatcher_only; did you mean dispatcher_only?"
    at_repo = refused(tmp_path, project("        automation_mode: dispatcher-only\n"))
    assert at_repo == [f"config.yaml:6: github_projects.product.repos[0].automation_mode: {said}"]
    assert refused(tmp_path, f"{SMALL}automation_mode: dispatcher-only") == [f"config.yaml:3: automation_mode: {said}"]


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    said = refused(
        tmp_path, "github_ownr: x\nmax_attempts: 0\nmax_attempts: 2\ndefault_agent: nobody\nmerge: {no_ci: hold, no_ci: merge}\n"
    )
    assert [line.split(" ")[:2] for line in said] == [
        ["config.yaml:1:", "github_ownr:"],
        ["config.yaml:1:", "github_owner:"],
        ["config.yaml:1:", "github_projects:"],
        ["config.yaml:2:", "max_attempts:"],
        ["config.yaml:3:", "max_attempts:"],
        ["config.yaml:4:", "default_agent:"],
        ["config.yaml:5:", "merge.no_ci:"],
    ]
    assert said[4].endswith("is written twice; see line 2")


def test_a_repeated_key_alone_is_a_mistake(tmp_path: Path) -> None:
    assert refused(tmp_path, f"{SMALL}max_attempts: 2\nmax_attempts: 2\n") == [
        "config.yaml:4: max_attempts: is written twice; see line 3"
    ]


def test_a_deep_mistake_has_its_whole_path(tmp_path: Path) -> None:
    said = refused(tmp_path, project("        max_attempts: 99\n        memory: {max_entries: 0}\n      - {}\n"))
    assert said == [
        "config.yaml:6: github_projects.product.repos[0].max_attempts: is 99, must be between 1 and 20",
        "config.yaml:7: github_projects.product.repos[0].memory.max_entries: is 0, must be between 1 and 500",
        "config.yaml:8: github_projects.product.repos[1].github_repo: is missing. A repository as owner/name.",
    ]


def test_a_repository_is_listed_once_whatever_its_case(tmp_path: Path) -> None:
    said = refused(tmp_path, project("      - github_repo: acme/api\n  other:\n    repos: [{github_repo: Acme/Web}]\n"))
    assert said == ["config.yaml:8: github_projects.other.repos[0].github_repo: `Acme/Web` is listed twice; see line 5"]
    same_line = refused(tmp_path, "github_owner: a\ngithub_projects: {p: {repos: [{github_repo: a/b}, {github_repo: a/b}]}}\n")
    assert same_line == ["config.yaml:2: github_projects.p.repos[1].github_repo: `a/b` is listed twice; see line 2"]


def test_two_repositories_whose_files_would_have_one_name_are_no_installation(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, "github_owner: a\ngithub_projects: {p: {repos: [{github_repo: a/b-c}, {github_repo: A-b/c}]}}\n")
    assert said.startswith(
        "config.yaml:2: github_projects.p.repos[1].github_repo: `A-b/c` and `a/b-c` (line 2) would share the files"
    )


@pytest.mark.parametrize("other", ["done_value: ready", "ready_value: done", "ready_value: In Progress"])
def test_work_that_ended_is_not_ready_again(tmp_path: Path, other: str) -> None:
    said = refused(tmp_path, project(f"    {other}\n"))
    assert len(said) == 1
    assert "must differ" in said[0]


@pytest.mark.parametrize(
    "lines",
    [
        "    labels: {needs_you: Hold}\n",
        "    labels: {working: ready}\n",
        "    ready_label: 'agent: Working'\n",
        "    labels: {hold: blocked}\n    repos: [{github_repo: a/c, labels: {needs_you: blocked}}]\n",
    ],
)
def test_a_label_that_follows_the_work_does_not_steer_it(tmp_path: Path, lines: str) -> None:
    said = refused(tmp_path, project(lines) if "repos" not in lines else f"github_owner: a\ngithub_projects:\n  p:\n{lines}")
    assert len(said) == 1
    assert "must differ" in said[0]


@pytest.mark.parametrize(
    "line",
    [
        "github: {api_url: 'http://127.0.0.1:8080'}",
        "github: {api_url: 'http://localhost/api/v3'}",
        "telegram: {api_url: 'http://[::1]:81/'}",
        "agent_fallbacks: {docs: [deepseek]}",
        "default_agent: auto",
        "agents: {mine: {command: [m]}}\nagent_fallbacks: {docs: [mine]}",
        "max_runtime_minutes: 0.5",
        "base_branch: null",
        "base_branch:",
        "telegram: {chat_id: -100123}",
    ],
)
def test_what_is_right_is_taken(tmp_path: Path, line: str) -> None:
    assert list(loaded(tmp_path, f"{SMALL}{line}\n").repos) == list(loaded(tmp_path, SMALL).repos)


@pytest.mark.parametrize(
    "line",
    [
        "telegram: {token_env: '123456:AAxyz'}",
        "telegram: {token: 123456:AAxyz}",
        "github: {token_file: [123456:AAxyz]}",
        "agents: {x: {command: [a], env: ['123456:AAxyz']}}",
        "agents: {x: {command: [a], set_env: {A_TOKEN: '123456:AAxyz'}}}",
    ],
)
def test_s81_a_secret_written_by_mistake_is_not_repeated_in_the_message(tmp_path: Path, line: str) -> None:
    assert "123456:AAxyz" not in " ".join(refused(tmp_path, f"{SMALL}{line}\n"))


@pytest.mark.parametrize("value", ["ghp_0123456789abcdef", "github_pat_11AAAA", "sk-ant-api03-x"])
def test_s81_a_token_where_a_name_belongs_is_noticed(tmp_path: Path, value: str) -> None:
    said = refused(tmp_path, f"{SMALL}github: {{token_env: {value}}}\n")
    assert "looks like a secret" in said[0] or "looks like a secret" in said[-1]
    assert value not in " ".join(said)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"config\.yaml is missing; copy example\.config\.yaml there"):
        load(tmp_path / "config.yaml", env={})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "config.yaml is empty; copy example.config.yaml there"),
        (b"# all commented out\n", "config.yaml is empty; copy example.config.yaml there"),
        (b"a: 1\nb: \xff", "config.yaml:2: column 4: is not UTF-8 text"),
        (b"- a", "config.yaml:1: column 1: must be a mapping (lines of `key: value`)"),
        (b"a: &x 1", "config.yaml:1: column 4: has an anchor, which is not allowed"),
    ],
)
def test_what_is_not_a_configuration_at_all_is_told_apart(tmp_path: Path, content: bytes, said: str) -> None:
    assert refused(tmp_path, content) == [said]


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").mkdir()
    with pytest.raises(ConfigErrors, match="cannot be read: Is a directory"):
        load(tmp_path / "config.yaml", env={})


def test_folders_are_absolute_whatever_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text(
        f"{SMALL}worktrees_dir: ~/trees\ngithub: {{token_file: keys/token}}\nsandbox: {{read_only_paths: [~/cache]}}\n"
    )
    monkeypatch.chdir(tmp_path)
    config = load(Path("config.yaml"), env={"HOME": "/homes/someone"})
    assert (config.folder, config.runtime) == (tmp_path, tmp_path / "runtime")
    assert config.worktrees == Path("/homes/someone/trees")
    assert config.settings.github.token_file == str(tmp_path / "keys/token")
    assert config.settings.sandbox.read_only_paths == ["/homes/someone/cache"]


def test_f46_a_change_counts_at_the_next_load(tmp_path: Path) -> None:
    assert loaded(tmp_path, f"{SMALL}max_attempts: 2\n").repo("acme/web").max_attempts == 2
    assert loaded(tmp_path, f"{SMALL}max_attempts: 3\n").repo("acme/web").max_attempts == 3


def test_agents_of_the_file_stand_beside_and_over_the_known_ones(tmp_path: Path) -> None:
    agents = loaded(tmp_path, f"{SMALL}agents: {{mine: {{command: [m]}}, codex: {{command: [c]}}}}\n").agents
    assert set(agents) == {"codex", "claude", "gemini", "deepseek", "mine"}
    assert (agents["codex"].command, agents["codex"].state_paths) == (["c"], [])


def test_loading_imports_nothing_heavy() -> None:
    script = f"from pathlib import Path; from orchestrator.config.load import load; import sys; \
load(Path({str(ROOT / 'example.config.yaml')!r}), env={{}}); print(*sys.modules)"
    imported = set(
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    )
    heavy = {
        "ctypes",
        "subprocess",
        "difflib",
        "json",
        "http.client",
        "socket",
        "asyncio",
        "requests",
        "jinja2",
        "logging",
    }
    assert imported & heavy == set()
    assert "msgspec" in imported


NAMES = st.sampled_from(
    [
        *Settings.__struct_fields__,
        "repos",
        "github_repo",
        "command",
        "no_ci",
        "max_ci_fixes",
        "debugging",
        "token_env",
        "nonsense",
    ]
)
LEAVES = st.sampled_from(
    ["acme/web", "claude", 0, 1, 5, 10**6, -1, 0.5, True, None, "", "full", "hold", "debugging", "x y", "https://x.example", "sk"]
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tree=st.dictionaries(NAMES, TREES, max_size=8))
def test_the_walk_finds_a_mistake_exactly_where_msgspec_refuses(tree: dict[str, object]) -> None:
    base = {"github_owner": "acme", "github_projects": {"p": {"repos": [{"github_repo": "acme/web", **tree}]}}}
    for candidate in (tree, {**base, **tree}, base):
        written = safe_yaml.parse(safe_yaml.dump(candidate), max_depth=40) if candidate else safe_yaml.parse("{}")
        try:
            msgspec.convert(safe_yaml.to_plain(written), Settings)
            is_right = True
        except msgspec.ValidationError:
            is_right = False
        assert (mistakes(written) == []) is is_right


def verdict(path: Path) -> tuple[str, ...]:
    """The mistakes of a file; none when it is taken."""
    try:
        load(path, env={})
    except ConfigErrors as errors:
        return tuple(map(str, errors.errors))
    return ()


@settings(max_examples=100, deadline=None)
@given(tree=st.dictionaries(NAMES, TREES, max_size=8))
def test_any_tree_is_loaded_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(safe_yaml.dump(tree))
    assert not any("is refused" in mistake for mistake in verdict(path))
