"""The first provider whose key is there and who has not just refused it is used; skipping one costs nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.adapters.agents import providers
from orchestrator.adapters.agents.providers import Choice, Providers
from orchestrator.config.schema import AgentEntry, Provider, default_agents
from orchestrator.model.agent import Failure
from tests.adapters.agents.bench import NOW

KEY, OTHER_KEY = "sk-or-v1-" + "4f9a2b7c" * 4, "nano-" + "8d6e5f4a" * 4
LISTED = default_agents()["deepseek"].providers


@dataclass
class Shelf:
    """A folder of config.yaml with a file of keys, and variables."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def keys(self, mode: int = 0o600, **held: object) -> Path:
        path = self.folder / "secrets.json"
        path.write_text(json.dumps(held))
        path.chmod(mode)
        return path

    @property
    def providers(self) -> Providers:
        return Providers(agent="deepseek", listed=LISTED, env=self.env, folder=self.folder, holds=self.folder / "agents")

    def choice(self, later: timedelta = timedelta()) -> Choice:
        return self.providers.choice(NOW + later)

    def chosen(self, later: timedelta = timedelta()) -> tuple[str, str] | None:
        endpoint = self.choice(later).endpoint
        return (endpoint.provider.name, endpoint.key) if endpoint else None


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_the_first_provider_with_a_key_is_used(shelf: Shelf) -> None:
    shelf.env |= {"NANOGPT_API_KEY": KEY, "CHUTES_API_KEY": OTHER_KEY}
    assert shelf.chosen() == ("nanogpt", KEY)
    shelf.env["OPENROUTER_API_KEY"] = OTHER_KEY
    assert shelf.chosen() == ("openrouter", OTHER_KEY)


def test_the_variable_goes_before_the_file_and_the_file_before_a_placeholder(shelf: Shelf) -> None:
    shelf.keys(openRouterApiKey=OTHER_KEY)
    assert shelf.chosen() == ("openrouter", OTHER_KEY)
    shelf.env["OPENROUTER_API_KEY"] = KEY
    assert shelf.chosen() == ("openrouter", KEY)
    shelf.env["OPENROUTER_API_KEY"] = "your-key-here"
    assert shelf.chosen() == ("openrouter", OTHER_KEY)


def test_a_placeholder_in_the_file_is_skipped_for_the_next_provider(shelf: Shelf) -> None:
    shelf.keys(openRouterApiKey="changeme", nanoGptApiKey=KEY)
    assert shelf.chosen() == ("nanogpt", KEY)
    assert "openRouterApiKey in" in shelf.choice().skipped[0]
    assert shelf.choice().skipped[0].endswith("holds a placeholder")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604])
def test_a_file_that_others_may_read_is_refused_with_what_to_do(shelf: Shelf, mode: int) -> None:
    path = shelf.keys(mode, openRouterApiKey=KEY)
    assert shelf.chosen() is None
    assert f"may be read by others (mode {mode:04o}); run: chmod 600 {path}" in shelf.choice().skipped[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("not json", "is not JSON"),
        ("[]", "holds no text under"),
        ('{"openRouterApiKey": 7}', "holds no text under"),
        ("", "is not JSON"),
    ],
)
def test_a_spoiled_file_is_a_reason_and_no_crash(shelf: Shelf, content: str, why: str) -> None:
    shelf.keys().write_text(content)
    assert shelf.chosen() is None
    assert all(why in each for each in shelf.choice().skipped)


def test_a_link_or_a_folder_or_nothing_is_no_file_of_keys(shelf: Shelf) -> None:
    assert "secrets.json is missing" in shelf.choice().skipped[0]
    (shelf.folder / "secrets.json").mkdir()
    assert "is not an ordinary file" in shelf.choice().skipped[0]
    (shelf.folder / "secrets.json").rmdir()
    (shelf.folder / "secrets.json").symlink_to(shelf.folder / "elsewhere.json")
    assert "cannot be read" in shelf.choice().skipped[0]


def test_why_each_was_skipped_is_told_without_any_value(shelf: Shelf) -> None:
    shelf.env |= {"OPENROUTER_API_KEY": "sk-short", "NANOGPT_API_KEY": "nano-gpt-placeholder"}
    told = "; ".join(shelf.choice().skipped)
    assert "openrouter: OPENROUTER_API_KEY is too short for a key (8 characters), and" in told
    assert "nanogpt: NANOGPT_API_KEY holds a placeholder" in told
    assert "chutes: CHUTES_API_KEY is not set" in told
    assert "sk-short" not in told
    assert "nano-gpt-placeholder" not in told


def test_p6_a_provider_without_quota_rests_until_it_has_again_and_the_next_serves(shelf: Shelf) -> None:
    shelf.env |= {"OPENROUTER_API_KEY": KEY, "NANOGPT_API_KEY": OTHER_KEY}
    assert shelf.providers.hold("openrouter", Failure.QUOTA, NOW + timedelta(hours=3), NOW)
    assert shelf.chosen() == ("nanogpt", OTHER_KEY)
    assert "openrouter: had no quota; it rests until 2026-11-21 15:00 UTC" in shelf.choice().skipped[0]
    assert shelf.chosen(timedelta(hours=3)) == ("openrouter", KEY)


def test_a_refused_key_rests_the_provider_too_and_deleting_the_hold_tries_it_at_once(shelf: Shelf) -> None:
    shelf.env["OPENROUTER_API_KEY"] = KEY
    assert shelf.providers.hold("openrouter", Failure.UNAUTHORIZED, None, NOW)
    assert shelf.chosen() is None
    assert shelf.chosen(timedelta(hours=1)) == ("openrouter", KEY)
    (shelf.folder / "agents/deepseek.openrouter.hold").unlink()
    assert shelf.chosen() == ("openrouter", KEY)


@pytest.mark.parametrize("failure", sorted(set(Failure) - {Failure.QUOTA, Failure.UNAUTHORIZED}))
def test_f12_any_other_failure_rests_no_provider(shelf: Shelf, failure: Failure) -> None:
    shelf.env["OPENROUTER_API_KEY"] = KEY
    assert not shelf.providers.hold("openrouter", failure, None, NOW)
    assert shelf.chosen() == ("openrouter", KEY)


@pytest.mark.parametrize("spoiled", ["", "x", "{}", '{"until": 7}', '{"until": "2099-01-01T00:00:00"}', "[" * 99_999])
def test_a_spoiled_hold_holds_nobody(shelf: Shelf, spoiled: str) -> None:
    shelf.env["OPENROUTER_API_KEY"] = KEY
    (shelf.folder / "agents").mkdir()
    (shelf.folder / "agents/deepseek.openrouter.hold").write_text(spoiled)
    assert shelf.chosen() == ("openrouter", KEY)


def test_every_key_is_known_to_whoever_hides_them(shelf: Shelf) -> None:
    shelf.keys(openRouterApiKey=KEY, nanoGptApiKey="changeme", chutesApiKey=7)
    shelf.env |= {"CHUTES_API_KEY": OTHER_KEY, "NANOGPT_API_KEY": "placeholder"}
    assert set(providers.secrets(default_agents(), shelf.env, shelf.folder)) == {KEY, OTHER_KEY}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://openrouter.ai/api", "openrouter.ai"),
        ("https://llm.example:8443/v1", "llm.example:8443"),
        ("http://127.0.0.1:9000/x", "127.0.0.1:9000"),
        ("http://llm.example", "llm.example:80"),
    ],
)
def test_what_may_be_reached_includes_the_chosen_provider_alone(url: str, host: str) -> None:
    provider = Provider(name="p", base_url=url, credential_env="P_KEY")
    entry = AgentEntry(command=["x"], allowed_hosts=["own.example"], providers=[provider])
    assert providers.hosts_for(entry, provider) == ["own.example", host]
    assert providers.hosts_for(entry, None) == ["own.example"]


@pytest.mark.parametrize("url", ["https://host:99999/x", "https://[nowhere", "https:///path"])
def test_an_address_that_is_none_opens_nothing(url: str) -> None:
    provider = Provider(name="p", base_url=url, credential_env="P_KEY")
    assert providers.hosts_for(AgentEntry(command=["x"], providers=[provider]), provider) == []
