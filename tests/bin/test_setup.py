"""bin/setup makes the environment once, leaves it alone afterwards, and says what a person must install."""

import shutil
import subprocess
import sys
from pathlib import Path

import pip
import pytest

from tests.bin.checkout import Checkout, program

NO_INDEX = {"PIP_NO_INDEX": "1"}  # no package index is asked


@pytest.fixture
def bare(checkout: Checkout) -> Checkout:
    """A checkout without an environment; it requires nothing, so nothing is fetched."""
    shutil.rmtree(checkout.root / ".venv")
    (checkout.root / "requirements.txt").write_text("")
    (checkout.root / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return checkout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that is there already, with this one's pip: letting venv unpack its own takes seconds."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=100)
    shutil.copytree(Path(pip.__file__).parent, next(folder.glob("lib/python*/site-packages")) / "pip")
    return folder


@pytest.fixture
def made(bare: Checkout, environment: Path) -> Checkout:
    """A checkout with an environment that somebody made by hand, in which nothing is noted as installed."""
    for note in (".complete", ".installed-run", ".installed-dev"):
        (environment / note).unlink(missing_ok=True)
    (bare.root / ".venv").symlink_to(environment)
    return bare


def setup(checkout: Checkout, *arguments: str, **env: str) -> tuple[int, str]:
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
    return checkout.run("setup", *arguments, "--packages-only", env=checkout.environment(PATH=path, **NO_INDEX) | env)


def test_an_environment_made_by_hand_is_kept_and_the_second_call_finds_everything_done(made: Checkout) -> None:
    assert setup(made) == (0, "setup: installing requirements.txt\n")
    assert setup(made) == (0, "")
    assert setup(made, "dev") == (0, "setup: installing requirements-dev.txt\n")
    assert setup(made, "dev") == (0, "")


def test_changed_requirements_are_installed_and_a_failure_is_tried_again(made: Checkout) -> None:
    setup(made)
    (made.root / "requirements.txt").write_text("no-such-package-anywhere==1.0\n")
    for _ in range(2):
        code, said = setup(made)
        assert code == 75
        assert "could not install requirements.txt" in said
    (made.root / "requirements.txt").write_text("# nothing after all\n")
    assert setup(made) == (0, "setup: installing requirements.txt\n")


def test_two_calls_at_once_take_turns_to_mend_an_environment_that_was_cut_off_half_way(bare: Checkout) -> None:
    (bare.root / ".venv" / "bin").mkdir(parents=True)
    (bare.root / ".venv" / "bin" / "python").symlink_to(bare.home / "an-interpreter-that-is-gone")
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
    both = [bare.start("setup", "--packages-only", env=bare.environment(PATH=path, **NO_INDEX)) for _ in range(2)]
    said = [process.communicate(timeout=100)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("making .venv with Python 3" in words for words in said) == 1
    assert sum("installing requirements.txt" in words for words in said) == 1


def test_an_old_python_is_refused_with_what_to_install(bare: Checkout) -> None:
    tools = bare.home / "tools"
    old = program(tools / "python3")
    older = "import sys; sys.version_info = (3, 10, 12); exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo Python 3.10.12 && exit\nexec {sys.executable} -c "{older}" "$2"\n')
    for name in ("readlink", "id", "sed", "cat", "flock", "sha256sum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    code, said = setup(bare, PATH=str(tools))
    assert code == 78
    assert "Python 3.11 or newer is needed and python3 is Python 3.10.12" in said
    assert "apt-get install python3 python3-venv" in said


def test_who_cannot_install_is_told_what_goes_without(made: Checkout) -> None:
    tools = made.home / "tools"
    tools.mkdir()
    for name in ("readlink", "sed", "cat", "flock", "sha256sum", "git"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(Path(sys.executable).resolve())
    program(tools / "id").write_text("#!/bin/sh\necho 1000\n")  # an ordinary user, whoever runs the tests
    code, said = made.run("setup", env=made.environment(PATH=str(tools), **NO_INDEX))
    assert code == 0
    assert "agents do not start without their sandbox. As root: apt-get install bubblewrap" in said


@pytest.mark.parametrize("argument", ["nonsense", "--help"])
def test_its_usage_is_its_own_first_lines(checkout: Checkout, argument: str) -> None:
    process = checkout.start("setup", argument)
    assert "setup [run|dev]" in process.communicate(timeout=30)[0]
    assert process.returncode == (0 if argument == "--help" else 64)
