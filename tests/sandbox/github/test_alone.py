"""The stand-in as a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.github import GitHub
from sandbox.github.__main__ import EXAMPLE
from sandbox.github.seed import plant

SEED = EXAMPLE.split("seed.yaml:\n")[1]
ROOT = Path(__file__).parents[3]


def test_it_starts_with_the_seed_of_its_help_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(SEED)
    command = [sys.executable, "-m", "sandbox.github", "--root", str(tmp_path / "root"), "--seed", str(tmp_path / "seed.yaml")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        headers = {"Authorization": f"Bearer {told['tokens']['agent-bot']}"}
        items = requests.get(f"{told['api_url']}/orgs/acme/projectsV2/1/items?q=status:Ready", headers=headers, timeout=30).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert [item["content"]["title"] for item in items] == ["Fix login"]


def test_a_seed_that_is_no_mapping_is_refused(github: GitHub) -> None:
    with pytest.raises(ValueError, match="mapping"):
        plant(github, "- a\n")


def test_closing_frees_the_port(tmp_path: Path) -> None:
    with GitHub(tmp_path / "one") as first:
        port = int(first.web_url.rsplit(":", 1)[1])
    with GitHub(tmp_path / "two", port=port) as second:
        assert second.web_url == first.web_url
