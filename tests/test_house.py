"""The rules of the house that import-linter and ruff cannot say: who may start processes, speak HTTP and read the clock."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.reading import HOUSE, ROOT, dotted, forbidden, modules

PROCESSES = ("subprocess", "multiprocessing", "pty", "concurrent.futures.ProcessPoolExecutor", "asyncio.subprocess",
             "asyncio.create_subprocess*", "os.fork*", "os.exec*", "os.spawn*", "os.posix_spawn*",
             "os.system", "os.popen")  # fmt: skip
HTTP = ("requests", "urllib3", "urllib.request", "http", "httpx", "aiohttp", "telegram", "socket", "socketserver", "ssl")
CLOCK = ("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today")
SLEEP = ("time.sleep", "asyncio.sleep", "sched")
IMPURE = ("os", "subprocess", "requests", "urllib3", "yaml", "logging", "time", "random", "socket", "shutil", "tempfile",
          "pathlib", "io", "sys", "threading", "asyncio")  # fmt: skip
# (what, the names, where they may stand: a room or one file of it)
ONLY_IN = (
    ("processes", PROCESSES, ("adapters", "workshop", "system")),
    ("HTTP", HTTP, ("adapters",)),
    ("the clock", CLOCK, ("adapters/clock.py", "wiring.py")),
    ("sleep", SLEEP, ("adapters", "workshop", "system")),
)
# What jobs may share; every other module directly in jobs/ is a job, and jobs meet in the mailbox alone.
SHARED_BY_JOBS = {
    "act": "turns a step into calls",
    "world": "the ports in one hand",
    "branch": "what the worker and the monitor know of a task's branch",
    "means": "what there is to work with: agents, money, room on the machine",
    "ceilings": "what a person hears of a limit that holds work back",
    "refusals": "tells the person of GitHub's no, once a day",
    "reviewing": "what the monitor looks at, one subject a module",
    "holds": "agents whose account has no quota",
    "leftovers": "what dead workers left; the queue calls it, and a worker that ends",
    "ready": "what decides about a ready issue; the dispatcher loads it with the first one",
    "permissions": "who may write to a repository, asked once",
    "answers": "what people said on the issues of resting tasks; the dispatcher loads it with the first of them",
    "saying": "words for GitHub made harmless, signed and said once",
    "showing": "label, card and status comment of a task; dispatcher, worker and monitor show it under its lock",
    "shown": "what was shown last, so that only a difference is written",
    "work": "the worker's steps, one module each",
}
NOT_A_CRON_LINE = {"worker"}  # the queue starts it
NOT_A_JOB = {"run_job.sh", "run_autopull.sh"}  # the way into every job; git alone
PLANTED = {
    "import os as o\no.execvp('x', [])": PROCESSES,
    "from os import posix_spawn as start": PROCESSES,
    "def f():\n    import subprocess": PROCESSES,
    "import urllib.request": HTTP,
    "from http import client": HTTP,
    "from datetime import datetime as d\nd.now()": CLOCK,
    "from datetime import datetime\nnow = datetime.now()": CLOCK,
    "import datetime\nNOW = datetime.datetime.now": CLOCK,
    "from time import sleep": SLEEP,
    "import os.path": IMPURE,
}
HARMLESS = ("import httpish", "from datetime import datetime\ndatetime.fromisoformat('x')", "class os: ...\nos.fork")

EFFECTS = {
    "open": "open('made', 'w')",
    "os.mkdir": "import os; os.mkdir('folder')",
    "socket": "import socket; socket.socket().close()",
    "subprocess.Popen": "import subprocess; subprocess.run(['true'])",
    "prints": "print('hello')",
    "raises": "import no_such_module",
}


@pytest.mark.parametrize("source", PLANTED)
def test_a_planted_breach_is_seen(source: str) -> None:
    assert forbidden(source, PLANTED[source])


@pytest.mark.parametrize("source", HARMLESS)
def test_a_harmless_line_is_no_breach(source: str) -> None:
    assert not forbidden(source, (*PROCESSES, *HTTP, *CLOCK, *SLEEP))


@pytest.mark.parametrize(("names", "places"), [rule[1:] for rule in ONLY_IN], ids=[rule[0] for rule in ONLY_IN])
def test_what_touches_the_world_stands_only_where_it_may(names: tuple[str, ...], places: tuple[str, ...]) -> None:
    outside = [path for path in modules(HOUSE) if not any(path.is_relative_to(HOUSE / place) for place in places)]
    assert len(outside) > 20
    assert breaches(outside, names) == []


def test_model_rules_and_safety_are_pure() -> None:
    pure = [path for room in ("model", "rules", "safety") for path in modules(HOUSE / room)]
    assert len(pure) > 8
    assert breaches(pure, IMPURE) == []


SPEAKS = ("comment", "edit_comment", "open_pull", "post_review", "create_issue")
# Where words are handed to GitHub: all of them pass through safety/outward.public_text there, or in what is said beside them.
SPEAKERS = {
    "jobs/saying.py": "everything that is said once: the whole text is made harmless",
    "jobs/showing.py": "the status comment: rules/projection.py gets its foreign words through saying.public and saying.quoted",
    "jobs/work/propose.py": "the pull request: branch.subject, and saying.quoted around all that an agent or a check said",
    "jobs/work/foreign/post.py": "the review of somebody's pull request: wording.py",
    "jobs/reviewing/migrations.py": "the issue that asks for a migration: saying.quoted",
    "cli/add.py": "the operator's own words, which they type at the terminal",
}


def test_c11_words_leave_for_github_only_where_they_are_made_harmless() -> None:
    found = {str(path.relative_to(HOUSE)) for path in modules(HOUSE) if spoken(path.read_text("utf-8"))}
    assert found == SPEAKERS.keys()


def test_c11_a_planted_word_is_seen() -> None:
    assert spoken("def f(world):\n    world.github.comment(ref, 'x')") == ["comment"]
    assert spoken("def f(self):\n    self.world.github.issue(ref)\n    task.comment('x')") == []


def spoken(source: str) -> list[str]:
    """The methods of the port by which a module hands words to GitHub."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [
        func.attr
        for func in calls
        if isinstance(func, ast.Attribute) and func.attr in SPEAKS and isinstance(func.value, ast.Attribute | ast.Name)
        if (func.value.attr if isinstance(func.value, ast.Attribute) else func.value.id) == "github"
    ]


def breaches(paths: list[Path], names: tuple[str, ...]) -> list[str]:
    """`file:line name` of every use of the names."""
    return [
        f"{path.relative_to(ROOT)}:{line} {name}" for path in paths for line, name in forbidden(path.read_text("utf-8"), names)
    ]


def test_jobs_meet_in_the_mailbox_and_never_import_one_another() -> None:
    jobs = {path.stem for path in (HOUSE / "jobs").glob("*.py")} - SHARED_BY_JOBS.keys() - {"__init__"}
    assert jobs >= {"dispatcher", "queue", "worker", "pr_monitor", "notifier"}
    assert breaches(modules(HOUSE / "jobs"), tuple(f"orchestrator.jobs.{job}" for job in jobs)) == []


def test_every_job_has_its_wrapper_and_every_wrapper_its_job() -> None:
    jobs = {path.stem for path in (HOUSE / "jobs").glob("*.py")} - SHARED_BY_JOBS.keys() - NOT_A_CRON_LINE - {"__init__"}
    wrappers = {path.stem.removeprefix("run_") for path in (ROOT / "bin").glob("run_*.sh") if path.name not in NOT_A_JOB}
    assert jobs == wrappers


def test_tests_use_the_real_thing_and_no_mock() -> None:
    assert breaches(modules(ROOT / "tests"), ("unittest.mock", "mock", "pytest_mock")) == []


def test_every_folder_with_code_is_type_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = {name.partition("/")[0] for name in published() if name.endswith(".py") and "/" in name}
    assert folders <= set(settings["tool"]["mypy"]["files"])


def test_no_module_is_too_long_to_hold_in_the_head() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}" for path in modules(HOUSE) if (count := len(path.read_text().splitlines())) > 400
    ]
    assert long == []


def test_no_function_is_too_long_to_read_in_one_go() -> None:
    functions = [
        (path, node)
        for path in modules(HOUSE)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [f"{path.relative_to(ROOT)}:{f.lineno} {f.name}" for path, f in functions if (f.end_lineno or 0) - f.lineno >= 50]
    assert long == []


def test_importing_any_module_has_no_effect(tmp_path: Path) -> None:
    names = [dotted(path) for path in modules(HOUSE)]
    watcher = [sys.executable, str(ROOT / "tests" / "importing.py"), *names]
    done = subprocess.run(watcher, cwd=tmp_path, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert {name: effects for name, effects in json.loads(done.stdout).items() if effects} == {}
    assert list(tmp_path.iterdir()) == []


def test_a_planted_effect_of_an_import_is_seen(tmp_path: Path) -> None:
    for effect, line in EFFECTS.items():
        (tmp_path / f"planted_{effect.partition('.')[2] or effect}.py").write_text(line)
    names = [path.stem for path in tmp_path.iterdir()]
    watcher = [sys.executable, str(ROOT / "tests" / "importing.py"), *names]
    done = subprocess.run(watcher, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=250)
    seen = [effect for effects in json.loads(done.stdout).values() for effect in effects]
    assert [effect for effect in EFFECTS if not any(one.startswith(effect) for one in seen)] == []


# ---- bin/


def test_no_script_runs_a_python_file_by_path() -> None:
    """A module run by path sees its own folder first, where queue.py would stand for the standard library's."""
    code = {path.name: re.sub(r"(?m)^\s*#(?!!).*$", "", path.read_text()) for path in scripts()}
    assert [name for name, text in code.items() if re.search(r"\.py\b", text)] == []
    assert [name for name, text in code.items() if name != "common_env.sh" and not text.startswith("#!/bin/sh\n")] == []


def scripts() -> list[Path]:
    return [path for path in sorted((ROOT / "bin").iterdir()) if path.is_file()]


def test_f37_every_cron_script_stands_in_the_readme_and_every_script_that_it_names_exists() -> None:
    readme = ROOT / "README.md"
    if not readme.exists():
        return
    named = set(re.findall(r"\bbin/([a-z_]+(?:\.sh)?)", readme.read_text("utf-8")))
    assert {path.name for path in scripts() if path.name.startswith("run_")} - {"run_job.sh"} <= named
    assert named <= {path.name for path in scripts()}


# ---- what is published

MACHINE_PATH = re.compile(r"/root/\w|/Users/\w+/|/home/(?!agent\b|linuxbrew\b|user\b|you\b|alice\b|agentos\b)\w+/")
SECRET = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{50,}|sk-ant-[\w-]{40,}|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|xox[baprs]-[\w-]{20,}"
    r"|\b\d{9,10}:AA[\w-]{33}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----\n"
)


def published() -> dict[str, str]:
    """Every tracked text file."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=30).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8", "replace") for path in paths if path.is_file()}


def test_nothing_published_names_a_folder_of_somebody_s_machine() -> None:
    here = f"{ROOT}/" if ROOT.name != "agent-os" else "\0"  # a folder of the project's own name may stand in an example
    found = {name: match[0] for name, text in published().items() if (match := MACHINE_PATH.search(text))}
    assert found == {}
    assert [name for name, text in published().items() if here in text] == []


def test_nothing_published_holds_a_secret() -> None:
    """The made-up ones of the tests are shown to the redactor and the gate; they stand in tests/ only."""
    found = [name for name, text in published().items() if not name.startswith("tests/") and SECRET.search(text)]
    assert found == []


@pytest.mark.parametrize(
    "planted", ["/root" + "/x", "/home" + "/bob/x", "ghp_" + "a" * 36, "-----BEGIN RSA PRIVATE" + " KEY-----\n"]
)
def test_a_planted_path_or_secret_is_seen(planted: str) -> None:
    assert MACHINE_PATH.search(planted) or SECRET.search(planted)
