"""A secret comes from a variable or from a file that nobody else can read, and is never repeated."""

import os
from pathlib import Path

import pytest

from orchestrator.config.errors import ConfigErrors
from orchestrator.config.secrets import read_secret


def secret_file(folder: Path, content: bytes = b"ghp_abc\n", mode: int = 0o600) -> str:
    """A file with a secret in it."""
    path = folder / "token"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def test_the_variable_comes_before_the_file(tmp_path: Path) -> None:
    file = secret_file(tmp_path)
    assert read_secret("TOKEN", file, {"TOKEN": " from-env\n"}) == "from-env"
    assert read_secret("TOKEN", file, {"TOKEN": ""}) == "ghp_abc"
    assert read_secret("TOKEN", "~/token", {"HOME": str(tmp_path)}) == "ghp_abc"
    assert read_secret("TOKEN", None, {}) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_a_file_that_others_can_reach_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigErrors, match="chmod 600"):
        read_secret("TOKEN", secret_file(tmp_path, mode=mode), {})


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"  \n", "is empty"), (b"a\nX-Header: b", "more than one line"), (b"a\0b", "one line")],
)
def test_what_is_not_one_line_is_refused_and_not_repeated(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ConfigErrors, match=said) as error:
        read_secret("TOKEN", secret_file(tmp_path, content), {})
    assert "X-Header" not in str(error.value)


def test_a_variable_with_a_line_break_is_refused() -> None:
    with pytest.raises(ConfigErrors, match="variable TOKEN holds more than one line"):
        read_secret("TOKEN", None, {"TOKEN": "a\r\nX-Header: b"})


def test_a_file_that_is_missing_or_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match="is missing"):
        read_secret("TOKEN", str(tmp_path / "none"), {})
    os.mkfifo(tmp_path / "fifo", 0o600)
    for name in ("fifo", "."):
        with pytest.raises(ConfigErrors, match="is not a file"):
            read_secret("TOKEN", str(tmp_path / name), {})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    file = secret_file(tmp_path)
    os.chown(file, 65534, 65534)
    with pytest.raises(ConfigErrors, match="another user"):
        read_secret("TOKEN", file, {})
