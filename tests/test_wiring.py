"""The wiring hands on what the configuration says, and knows every secret that must not leave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.config.load import load
from orchestrator.wiring import Parts

KEY, OTHER_KEY = "sk-or-v1-" + "4f9a2b7c" * 4, "cpk-" + "8d6e5f4a" * 4
CONFIG = {"github_owner": "acme", "github_projects": {"work": {"repos": [{"github_repo": "acme/web"}]}}}


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    """A configuration beside a file of keys; it is JSON, which is YAML."""
    (tmp_path / "config.yaml").write_text(json.dumps({**CONFIG, "sandbox": {"mode": "none"}, "github": {"use_gh_cli": False}}))
    keys = tmp_path / "secrets.json"
    keys.write_text(json.dumps({"openRouterApiKey": KEY, "nanoGptApiKey": "your-key-here"}))
    keys.chmod(0o600)
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "CHUTES_API_KEY": OTHER_KEY}
    return Parts(load(tmp_path / "config.yaml", env=env), env)


def test_s81_a_provider_s_key_is_hidden_by_its_value_wherever_it_is_kept(parts: Parts) -> None:
    told = parts.redactor().redact(f"key {KEY}, other {OTHER_KEY}, reversed {KEY[::-1]}, put your-key-here")
    assert (
        told == "key [redacted: known value], other [redacted: known value], reversed [redacted: known value], put your-key-here"
    )


def test_a_file_of_keys_is_looked_for_beside_the_configuration(parts: Parts, tmp_path: Path) -> None:
    program = tmp_path / ".local/bin/claude"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert parts.agents()["deepseek"].missing() is None
    (tmp_path / "secrets.json").chmod(0o644)
    parts.env = {name: value for name, value in parts.env.items() if name != "CHUTES_API_KEY"}
    assert f"run: chmod 600 {tmp_path}/secrets.json" in str(parts.agents()["deepseek"].missing())
