"""What tests/conftest.py promises, shown by runs of pytest in a scratch repository with a copy of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NetworkRefused, is_this_machine
from tests.reading import ROOT


def run(folder: Path, test: str, **env: str) -> tuple[int, str]:
    """(exit code, output) of pytest over one test file."""
    (folder / "tests").mkdir()
    (folder / "runtime" / "mailbox").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    (folder / "tests" / "test_one.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **env}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


SKIPS = {
    "a test": "import pytest\n@pytest.mark.skip(reason='no moon')\ndef test_a(): ...",
    "a call": "import pytest\ndef test_a(): pytest.skip('no moon')",
    "a fixture": "import pytest\n@pytest.fixture\ndef moon(): pytest.skip('no moon')\ndef test_a(moon): ...",
    "a module": "import pytest\npytest.skip('no moon', allow_module_level=True)",
}


@pytest.mark.parametrize("test", SKIPS.values(), ids=SKIPS.keys())
def test_with_ci_a_skip_is_a_failure_that_names_its_reason(tmp_path: Path, test: str) -> None:
    code, said = run(tmp_path, test, CI="true")
    assert code != 0
    assert "skipped, which CI does not allow: " in said
    assert "no moon" in said


def test_without_ci_a_skip_is_a_skip(tmp_path: Path) -> None:
    code, said = run(tmp_path, SKIPS["a test"])
    assert code == 0
    assert "1 skipped" in said


def test_with_ci_an_expected_failure_stays_one(tmp_path: Path) -> None:
    code, said = run(tmp_path, "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False", CI="true")
    assert code == 0
    assert "1 xfailed" in said


def test_a_test_that_writes_to_the_repository_s_runtime_fails_the_run(tmp_path: Path) -> None:
    code, said = run(tmp_path, "def test_a(): open('runtime/mailbox/stray.md', 'w').close()")
    assert code == 1
    assert "a test wrote to the repository's own runtime/" in said
    assert "mailbox/stray.md" in said


def test_credentials_and_settings_of_whoever_runs_the_tests_are_out_of_sight(tmp_path: Path) -> None:
    look = (
        "import os\ndef test_a():\n  assert not [n for n in os.environ if 'TOKEN' in n or n.startswith(('AGENTOS', 'GIT_DIR'))]"
    )
    secrets = {"GITHUB_TOKEN": "x", "GH_TOKEN": "x", "TELEGRAM_BOT_TOKEN": "x", "AGENTOS_RUNTIME": "/x", "GIT_DIR": "/x"}
    assert run(tmp_path, look, **secrets)[0] == 0


def test_the_home_folder_is_a_scratch_one_with_the_usual_umask(tmp_path: Path) -> None:
    assert Path.home().name.startswith("agent-os-home-")
    (tmp_path / "file").touch()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80), ("example.invalid", 80)])
def test_nothing_beyond_this_machine_is_reached(address: tuple[str, int]) -> None:
    with pytest.raises(NetworkRefused, match="tests reach nothing beyond loopback"):
        socket.create_connection(address, timeout=1)


def test_a_datagram_leaves_no_more_than_a_connection() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, pytest.raises(NetworkRefused):
        udp.sendto(b"x", ("192.0.2.1", 53))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), (None, True), (b"127.0.0.1", True), ("0.0.0.0", False),
     ("localhost.example.org", False), ("127.0.0.1.example.org", False), ("10.0.0.1", False), ("169.254.169.254", False)],
)  # fmt: skip
def test_this_machine_is_loopback_and_nothing_else(host: object, here: bool) -> None:
    assert is_this_machine(host) is here
