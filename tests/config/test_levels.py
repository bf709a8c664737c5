"""Repository over project over top level over default, key by key, and `explain` says which."""

from pathlib import Path

import pytest

from orchestrator.config.load import Config, Explained, Level, load
from orchestrator.config.schema import AutomationMode, NoCi, RepoSettings
from orchestrator.model.task import TaskType

TEXT = """\
github_owner: acme
max_attempts: 6
automation_mode: dispatcher_only
merge:
  no_ci: merge
agent_fallbacks:
  debugging: [claude]
base_branch: develop
github_projects:
  product:
    project_number: 7
    merge: {max_ci_fixes: 1}
    agent_fallbacks: {docs: [codex]}
    repos:
      - github_repo: acme/web
        max_attempts: 4
        agent_fallbacks: {docs: [gemini, deepseek]}
        merge: {required_checks: [test]}
        base_branch: null
      - github_repo: acme/api
  other:
    automation_mode: full
    repos: [{github_repo: acme/site}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Three repositories, with something said at every level."""
    (tmp_path / "config.yaml").write_text(TEXT)
    return load(tmp_path / "config.yaml", env={})


def test_a_repository_s_word_wins_even_where_it_repeats_the_default(config: Config) -> None:
    assert [config.repo(name).max_attempts for name in ("acme/web", "acme/api")] == [4, 6]


def test_an_empty_value_is_a_word_too(config: Config) -> None:
    assert [config.repo(name).base_branch for name in ("acme/web", "acme/api")] == [None, "develop"]


def test_groups_are_merged_key_by_key_over_all_levels(config: Config) -> None:
    merge = config.repo("acme/web").merge
    assert (merge.no_ci, merge.max_ci_fixes, merge.required_checks, merge.max_rebases) == (NoCi.MERGE, 1, ["test"], 5)
    assert config.repo("acme/site").merge.max_ci_fixes == 3


def test_chains_are_merged_by_type_of_task_and_replaced_whole(config: Config) -> None:
    chains = config.repo("acme/web").agent_fallbacks
    assert chains[TaskType.DOCS] == ["gemini", "deepseek"]
    assert chains[TaskType.DEBUGGING] == ["claude"]
    assert chains[TaskType.IMPLEMENTATION] == RepoSettings().agent_fallbacks[TaskType.IMPLEMENTATION]
    assert config.repo("acme/api").agent_fallbacks[TaskType.DOCS] == ["codex"]


def test_a_project_s_and_the_file_s_own_settings_are_resolved_as_well(config: Config) -> None:
    assert config.project("product").automation_mode is AutomationMode.DISPATCHER_ONLY
    assert config.project_of("acme/site").automation_mode is AutomationMode.FULL
    assert config.repo("acme/site").automation_mode is AutomationMode.FULL
    assert config.settings.agent_fallbacks[TaskType.RESEARCH] == ["claude", "codex"]


def test_what_is_not_listed_is_out_of_reach(config: Config) -> None:
    for ask in (config.repo, config.project_of):
        with pytest.raises(KeyError):
            ask("acme/secret")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("max_attempts", Explained(4, Level.REPO, 16)),
        ("merge.max_ci_fixes", Explained(1, Level.PROJECT, 12)),
        ("merge.no_ci", Explained(NoCi.MERGE, Level.GLOBAL, 5)),
        ("merge.max_rebases", Explained(5, Level.DEFAULT)),
        ("agent_fallbacks.docs", Explained(["gemini", "deepseek"], Level.REPO, 17)),
        ("agent_fallbacks.debugging", Explained(["claude"], Level.GLOBAL, 7)),
        ("base_branch", Explained(None, Level.REPO, 19)),
        ("project_number", Explained(7, Level.PROJECT, 11)),
        ("ready_value", Explained("Ready", Level.DEFAULT)),
        ("github_owner", Explained("acme", Level.GLOBAL, 1)),
        ("telegram.chat_id", Explained(None, Level.DEFAULT)),
    ],
)
def test_explain_says_the_value_the_level_and_the_line(config: Config, key: str, expected: Explained) -> None:
    assert config.explain(key, "acme/web") == expected


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("max_atempts", "max_attempts"),
        ("merge.no_cii", "no_ci"),
        ("agent_fallbacks.doc", "docs"),
        ("max_attempts.x", "no setting max_attempts.x"),
    ],
)
def test_explaining_a_key_that_does_not_exist_names_the_nearest(config: Config, key: str, hint: str) -> None:
    with pytest.raises(KeyError, match=hint):
        config.explain(key, "acme/web")
