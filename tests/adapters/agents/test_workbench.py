"""A repository's own commands: contained like an agent, without a credential, and nothing is left of them."""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import replace
from pathlib import Path

from orchestrator.adapters.agents.workbench import SandboxedWorkbench
from orchestrator.config.schema import Sandbox
from orchestrator.model.agent import CommandRun, RunEnd
from orchestrator.ports import CommandOrder
from tests.adapters.agents.bench import Bench, long_enough


def order(bench: Bench, command: str, **changes: object) -> CommandOrder:
    made = CommandOrder(
        task_id="acme-web-1-1",
        command=command,
        workdir=bench.work,
        objects=bench.root / "gate/objects",
        home=bench.root / "state/command-home",
        log=bench.root / "logs/check.log",
        lock_fd=bench.lock_fd,
        seconds=30,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name only fields of the order


def run(bench: Bench, command: str, **changes: object) -> CommandRun:
    bench_ = SandboxedWorkbench(sandbox=Sandbox(mode=bench.mode), env=bench.env)
    return bench_.run(order(bench, command, **changes))


def log_of(bench: Bench) -> bytes:
    return (bench.root / "logs/check.log").read_bytes()


def own_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_command_is_a_line_of_shell_in_the_working_copy(either: Bench) -> None:
    told = run(either, "cd . && pwd > made.txt; echo said; exit 3")
    assert (told.end, told.exit_code, told.tail, told.is_green) == (RunEnd.EXITED, 3, "said\n", False)
    assert (either.work / "made.txt").read_text().strip() == str(either.work)


def test_a_green_command_is_green(either: Bench) -> None:
    assert run(either, "true").is_green


def test_a11_output_of_any_bytes_is_kept_in_the_log_for_us_alone(either: Bench) -> None:
    told = run(either, r"printf '\342\234\223 \377\n'; echo broken >&2")
    assert told.tail == "✓ \N{REPLACEMENT CHARACTER}\nbroken\n"
    assert b"\xe2\x9c\x93 \xff\nbroken\n" in log_of(either)
    assert stat.S_IMODE((either.root / "logs/check.log").stat().st_mode) == 0o600


def test_the_log_names_the_command_and_how_it_ended(bench: Bench) -> None:
    run(bench, "exit 7")
    first, last = log_of(bench).decode().splitlines()
    assert first == "[agentos] $ exit 7"
    assert last.startswith("[agentos] exited with status 7 after ")


def test_f02_a_command_has_its_time_and_no_more(either: Bench) -> None:
    told = long_enough(
        lambda limit: run(either, "echo up; sleep 60 & sleep 60", seconds=limit), lambda: b"\nup\n" in log_of(either)
    )
    assert (told.end, told.exit_code, told.tail) == (RunEnd.TIMED_OUT, None, "up\n")
    assert told.seconds < 30


def test_a_quiet_command_has_all_of_its_time(bench: Bench) -> None:
    assert run(bench, "sleep 0.5; echo built", seconds=20).tail == "built\n"


def test_a_command_that_reads_finds_the_end_of_its_input(either: Bench) -> None:
    assert run(either, "cat; echo end").tail == "end\n"


def test_s81_a_command_sees_no_credential(either: Bench) -> None:
    either.env |= {"GITHUB_TOKEN": "canary-1", "OPENAI_API_KEY": "canary-2"}
    told = run(either, "exec env")
    seen = {line.split("=", 1)[0] for line in told.tail.splitlines()}
    expected = "PATH HOME LANG TZ TERM TMPDIR CI NO_COLOR GIT_TERMINAL_PROMPT AGENTOS_TASK"
    assert seen - {"PWD", "OLDPWD", "SHLVL", "_"} == set(expected.split())


def test_what_a_command_leaves_in_its_home_is_there_for_the_next(either: Bench) -> None:
    assert run(either, "mkdir -p ~/.cache && echo kept > ~/.cache/one").is_green
    assert run(either, "cat ~/.cache/one").tail == "kept\n"


def test_of_the_machine_only_working_copy_and_home_are_there(bench: Bench) -> None:
    (bench.home / ".netrc").write_text("canary")
    told = run(bench, f"cat {bench.home}/.netrc; ls {bench.root}; echo x > {bench.root}/new; echo end")
    assert "canary" not in told.tail
    assert told.tail.splitlines()[-3:] == ["gate", "work", "end"]
    assert not (bench.root / "new").exists()


def test_without_hosts_there_is_no_network(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        told = run(bench, f"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' && echo reached")
    assert "reached" not in told.tail


def test_a04_programs_of_the_user_are_found_by_the_words_of_the_command(either: Bench) -> None:
    either.env["PATH"] = "/usr/bin:/bin"
    own_program(either.home / ".local/bin", "my-build", "echo built")
    own_program(either.home / ".nvm/versions/node/v20.1.0/bin", "my-test", "echo tested")
    assert run(either, "cd .&&my-build; (my-test)").tail == "built\ntested\n"


def test_python_is_the_one_that_is_first_on_our_path(either: Bench) -> None:
    own_program(either.home / "bin", "python3", "echo own python")
    either.env["PATH"] = f"{either.home}/bin:{os.environ['PATH']}"
    (either.work / "check").write_text("#!/usr/bin/env python3\n")
    (either.work / "check").chmod(0o755)
    assert run(either, "./check").tail == "own python\n"


def test_a_path_in_the_command_shows_nothing_more(bench: Bench) -> None:
    own_program(bench.home / "private", "tool", "echo canary")
    (bench.work / "lure").write_text(f"#!{bench.home}/private/tool\n")
    (bench.work / "lure").chmod(0o755)
    told = run(bench, f"{bench.home}/private/tool; ./lure; echo end")
    assert "canary" not in told.tail
    assert told.tail.endswith("end\n")


def test_a_program_of_ours_is_read_only_for_a_command(bench: Bench) -> None:
    own_program(bench.home / ".local/bin", "my-build", "echo built")
    run(bench, f"my-build; echo changed > {bench.home}/.local/bin/my-build")
    assert "changed" not in (bench.home / ".local/bin/my-build").read_text()
