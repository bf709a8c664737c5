"""bin/agent_clis installs the agents' programs once, as pinned, and says so when it cannot."""

import json
import shutil
from pathlib import Path

import pytest

from tests.bin.checkout import Checkout
from tests.reading import ROOT

PINS = "tests/clis/package.json"
# It stands for the interpreter: it says in which folder Node's wheel lies, and nothing when there is no wheel.
PYTHON = """#!/bin/sh
here=${0%/*}
if [ -d "$here/wheel" ]; then echo "$here/wheel"; else echo; fi
"""
# It stands for Node: as npm it notes the call and makes three programs that say the versions in the file `said`.
NODE = """#!/bin/sh
wheel=${0%/bin/node}
case $1 in
  --version) echo v24 ;;
  */npm-cli.js)
    [ -e "$wheel/no-index" ] && exit 1
    echo "$*" >>"$wheel/installs"
    prefix=$4 bin=$4/node_modules/.bin
    mkdir -p "$bin" "$prefix/node_modules/@anthropic-ai/claude-code" "$prefix/cache"
    for name in codex claude gemini; do
      printf '#!/bin/sh\\necho "%s $(cat "%s/said")"\\n' "$name" "$wheel" >"$bin/$name"
      chmod +x "$bin/$name"
    done ;;
  install.cjs) pwd >>"$wheel/placed" ;;
esac
"""


@pytest.fixture
def wheel(checkout: Checkout) -> Path:
    """The folder of a Node that installs nothing real; all three programs are pinned to one version."""
    (checkout.root / PINS).parent.mkdir(parents=True)
    pins = json.loads((ROOT / PINS).read_text())
    pins["dependencies"] = dict.fromkeys(pins["dependencies"], "1.2.3")
    (checkout.root / PINS).write_text(json.dumps(pins, indent=2))
    (checkout.root / ".venv/bin/python").write_text(PYTHON)
    folder = checkout.root / ".venv/bin/wheel"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/node").write_text(NODE)
    (folder / "bin/node").chmod(0o755)
    (folder / "said").write_text("1.2.3")
    return folder


def installs(wheel: Path) -> int:
    path = wheel / "installs"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_the_second_call_finds_everything_done_and_says_nothing(checkout: Checkout, wheel: Path) -> None:
    assert checkout.run("agent_clis") == (0, "agent_clis: installing the agents' programs into .clis (some 900 MB)\n")
    assert checkout.run("agent_clis") == (0, "")
    assert installs(wheel) == 1
    assert (checkout.root / ".clis/node_modules/.bin/node").resolve() == wheel / "bin/node"
    assert not (checkout.root / ".clis/cache").exists()


def test_no_package_s_own_script_runs_but_the_one_that_places_claude_s_binary(checkout: Checkout, wheel: Path) -> None:
    checkout.run("agent_clis")
    assert "--ignore-scripts" in (wheel / "installs").read_text()
    assert (wheel / "placed").read_text() == f"{checkout.root}/.clis/node_modules/@anthropic-ai/claude-code\n"


def test_a_changed_pin_installs_anew(checkout: Checkout, wheel: Path) -> None:
    checkout.run("agent_clis")
    pins = checkout.root / PINS
    pins.write_text(pins.read_text().replace("1.2.3", "1.2.4"))
    (wheel / "said").write_text("1.2.4")
    assert checkout.run("agent_clis")[0] == 0
    assert installs(wheel) == 2


def test_two_calls_at_once_take_turns_and_install_once(checkout: Checkout, wheel: Path) -> None:
    both = [checkout.start("agent_clis") for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert installs(wheel) == 1


def test_an_index_that_does_not_answer_is_75_and_the_next_call_tries_again(checkout: Checkout, wheel: Path) -> None:
    (wheel / "no-index").touch()
    code, said = checkout.run("agent_clis")
    assert code == 75
    assert "could not install them" in said
    (wheel / "no-index").unlink()
    assert checkout.run("agent_clis")[0] == 0


def test_a_pin_that_was_tried_in_vain_and_taken_back_is_installed_again(checkout: Checkout, wheel: Path) -> None:
    checkout.run("agent_clis")
    pins = (checkout.root / PINS).read_text()
    (checkout.root / PINS).write_text(pins.replace("1.2.3", "9.9.9"))
    (wheel / "no-index").touch()
    assert checkout.run("agent_clis")[0] == 75
    (checkout.root / PINS).write_text(pins)
    (wheel / "no-index").unlink()
    assert checkout.run("agent_clis")[0] == 0
    assert installs(wheel) == 2


def test_a_program_of_another_version_than_pinned_is_70_and_nothing_counts_as_installed(checkout: Checkout, wheel: Path) -> None:
    (wheel / "said").write_text("1.2.30")
    code, said = checkout.run("agent_clis")
    assert (code, said.splitlines()[-1]) == (70, "agent_clis: codex should be 1.2.3 and says: codex 1.2.30")
    (wheel / "said").write_text("1.2.3")
    assert checkout.run("agent_clis")[0] == 0


def test_without_node_setup_is_asked_for_it_first(checkout: Checkout, wheel: Path) -> None:
    away = wheel.rename(checkout.home / "wheel")
    setup = checkout.root / "bin/setup"
    setup.write_text(f'#!/bin/sh\necho "$*" >>"{checkout.home}/asked"\nmv "{away}" "{wheel}"\n')
    assert checkout.run("agent_clis")[0] == 0
    assert (checkout.home / "asked").read_text() == "dev --packages-only\n"


def test_an_unknown_word_is_64_and_help_is_0(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / ".venv")
    assert checkout.run("agent_clis", "please")[0] == 64
    process = checkout.start("agent_clis", "--help")
    assert process.communicate(timeout=20)[0].startswith("agent_clis: installs the real agents' programs")
    assert process.returncode == 0
