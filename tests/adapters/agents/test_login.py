"""A login goes into a home of its own for each attempt; only refreshed tokens come back."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.adapters.agents import login
from tests.adapters.agents.bench import Bench

AUTH = "~/.tool/auth.json"
WITHOUT_ROOT_S_POWERS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"] if os.geteuid() == 0 else []
CLEAR = """
import sys
from pathlib import Path
from orchestrator.adapters.agents.login import Login
Login(Path("/"), Path(sys.argv[1]), ()).clear()
"""
OLD, NEW = '{"token": "old"}', '{"token": "new"}'


def give_login(bench: Bench, name: str = ".tool/auth.json", content: str = OLD) -> Path:
    path = bench.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o600)
    return path


def test_the_agent_finds_its_login_at_home(either: Bench) -> None:
    give_login(either)
    assert either.run("cat ~/.tool/auth.json; stat -c %a ~/.tool/auth.json", state_paths=[AUTH]).tail == OLD + "600\n"


def test_a_folder_of_a_login_is_copied_whole_without_its_links(either: Bench) -> None:
    give_login(either)
    give_login(either, ".tool/deep/settings.toml", "deep\n")
    give_login(either, "secret")
    (either.home / ".tool/link").symlink_to(either.home / "secret")
    assert either.run("cd ~/.tool && find . -type f -o -type l | sort", state_paths=["~/.tool"]).tail.split() == [
        "./auth.json",
        "./deep/settings.toml",
    ]


def test_a_refreshed_token_comes_back(either: Bench) -> None:
    path = give_login(either)
    either.run(f"echo '{NEW}' > ~/.tool/auth.json", state_paths=[AUTH])
    assert json.loads(path.read_text()) == {"token": "new"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_token_comes_back_through_a_person_s_own_link(either: Bench) -> None:
    kept = give_login(either, "dotfiles/auth.json")
    (either.home / ".tool").mkdir()
    (either.home / ".tool/auth.json").symlink_to(kept)
    either.run(f"echo '{NEW}' > ~/.tool/auth.json", state_paths=[AUTH])
    assert (either.home / ".tool/auth.json").is_symlink()
    assert json.loads(kept.read_text()) == {"token": "new"}


@pytest.mark.parametrize("name", [".tool/config.toml", ".tool/settings.json", ".tool.json"])
def test_settings_never_come_back(either: Bench, name: str) -> None:
    path = give_login(either, name, '{"mcp": 1}')
    either.run(f"echo '{{\"mcp\": 2}}' > ~/{name}", state_paths=[f"~/{name}"])
    assert path.read_text() == '{"mcp": 1}'


@pytest.mark.parametrize(
    "act",
    [
        "echo broken > ~/.tool/auth.json",
        'echo \'{"command": "rm"}\' > ~/.tool/auth.json',
        "echo '[1]' > ~/.tool/auth.json",
        "rm ~/.tool/auth.json",
        "rm ~/.tool/auth.json; ln -s {home}/other/auth.json ~/.tool/auth.json",
        "rm -r ~/.tool; ln -s {home}/other ~/.tool",
        "rm ~/.tool/auth.json; mkfifo ~/.tool/auth.json",
        "rm ~/.tool/auth.json; mkdir ~/.tool/auth.json",
        "head -c 9000000 /dev/zero > ~/.tool/auth.json",
    ],
)
def test_anything_but_a_refreshed_token_stays_away(either: Bench, act: str) -> None:
    path = give_login(either)
    give_login(either, "other/auth.json", '{"token": "someone else\'s"}')
    either.run(act.replace("{home}", str(either.home)), state_paths=[AUTH])
    assert path.read_text() == OLD


def test_a_link_further_up_does_not_bring_someone_else_s_token_in(either: Bench) -> None:
    path = give_login(either, ".deep/tool/auth.json")
    give_login(either, "other/tool/auth.json", '{"token": "someone else\'s"}')
    either.run(f"rm -r ~/.deep; ln -s {either.home}/other ~/.deep", state_paths=["~/.deep/tool/auth.json"])
    assert path.read_text() == OLD


def test_a_login_outside_the_home_is_left_out(tmp_path: Path) -> None:
    asked = ["/etc/shadow", "~/../x", "~", "~/.a/b", f"{tmp_path}/c", "../d"]
    assert login.places(asked, tmp_path) == [".a/b", "c"]


def test_nothing_of_the_attempt_s_home_stays(either: Bench) -> None:
    give_login(either)
    either.run("mkdir -p ~/a/b && touch ~/a/b/c && chmod 500 ~/a/b && chmod 0 ~/a; ln -s / ~/root", state_paths=[AUTH])
    assert list((either.root / "state/homes").iterdir()) == []


def test_an_ordinary_user_can_remove_what_the_agent_made_unreadable(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o500)
    home = tmp_path / "own"
    (home / "a/b").mkdir(parents=True)
    (home / "a/b/c").touch()
    (home / "link").symlink_to(tmp_path / "elsewhere")
    (home / "a/b").chmod(0)
    (home / "a").chmod(0)
    subprocess.run([*WITHOUT_ROOT_S_POWERS, sys.executable, "-c", CLEAR, str(home)], check=True, cwd=Path(__file__).parents[3])
    assert not home.exists()
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o500


def leave_home(bench: Bench, name: str, *, newer: bool) -> Path:
    """What a killed worker leaves: a home with a token that was refreshed."""
    home = bench.root / "state/homes" / name
    (home / ".tool").mkdir(parents=True)
    (home / ".tool/auth.json").write_text(NEW)
    moment = (bench.home / ".tool/auth.json").stat().st_mtime + (5 if newer else -5)
    os.utime(home / ".tool/auth.json", (moment, moment))
    return home


def test_s66_a_token_that_a_killed_worker_could_not_bring_back_is_rescued(bench: Bench) -> None:
    path = give_login(bench)
    leave_home(bench, "other-task-1.1.tester", newer=True)
    assert bench.run("cat ~/.tool/auth.json", state_paths=[AUTH]).tail == NEW
    assert path.read_text() == NEW


def test_a_token_older_than_the_person_s_own_is_not_rescued(bench: Bench) -> None:
    path = give_login(bench)
    leave_home(bench, "other-task-1.1.tester", newer=False)
    bench.run("true", state_paths=[AUTH])
    assert path.read_text() == OLD


def test_an_old_home_of_a_killed_worker_is_removed_and_a_fresh_one_is_not(bench: Bench) -> None:
    give_login(bench)
    old, fresh = (leave_home(bench, name, newer=False) for name in ("a-1.1.tester", "b-1.1.tester"))
    os.utime(old, (0, 0))
    os.utime(fresh, (4e9, 4e9))
    bench.run("true", state_paths=[AUTH])
    assert (old.exists(), fresh.exists()) == (False, True)
