"""One run of an agent: what goes in, what comes out, what it may see."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.adapters.agents import log
from orchestrator.config.schema import SandboxMode
from orchestrator.model.agent import CostSource, RunEnd
from tests.adapters.agents.bench import Bench, wait_until


def make_clone(bench: Bench) -> None:
    """The working copy becomes a clone that has no objects of its own."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    source, gate = bench.root / "source", bench.root / "gate"
    (source).mkdir()
    (source / "a").write_text("theirs\n")
    for argv in (
        ["init", "-q"],
        ["add", "a"],
        ["commit", "-qm", "theirs"],
        ["clone", "-q", "--bare", str(source), str(gate / "bare")],
        ["clone", "-q", "--shared", str(gate / "bare"), str(bench.work)],
    ):
        subprocess.run([*git, *argv], cwd=source, check=True)
    (gate / "objects").rmdir()
    (gate / "bare/objects").rename(gate / "objects")
    (bench.work / ".git/objects/info/alternates").write_text(f"{gate}/objects\n")


DIGEST = "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
PROMPT = 'it\'s "quoted" $HOME `id` \\ % \t ✓ é\n\n' * 5000


def test_a01_a_long_prompt_arrives_byte_for_byte(either: Bench) -> None:
    assert len(PROMPT.encode()) > 150_000
    run = either.python(DIGEST).run(either.order(PROMPT))
    assert run.tail.strip() == hashlib.sha256(PROMPT.encode()).hexdigest()
    assert run.end is RunEnd.EXITED


def test_a01_an_agent_that_never_reads_its_prompt_does_not_hang_us(either: Bench) -> None:
    run = either.shell("echo done").run(either.order(PROMPT * 10))
    assert (run.end, run.exit_code, run.tail) == (RunEnd.EXITED, 0, "done\n")


def test_p12_the_input_is_closed_after_the_prompt(either: Bench) -> None:
    assert either.run("cat; echo end").tail == "helloend\n"


def test_the_prompt_is_kept_for_its_owner_alone(bench: Bench) -> None:
    bench.run("true")
    kept = bench.root / "logs/prompt.md"
    assert kept.read_text() == "hello"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((bench.root / "logs/agent.log").stat().st_mode) == 0o600


def test_s81_f16_the_environment_is_exactly_the_allow_list(either: Bench) -> None:
    either.env |= {"GITHUB_TOKEN": "t", "TELEGRAM_BOT_TOKEN": "t", "LD_PRELOAD": "", "GIT_DIR": "x", "MODEL_KEY": "k"}
    (either.work / ".env").write_text("ANTHROPIC_API_KEY=poison\n")
    run = either.run("exec env", env=["MODEL_KEY", "ABSENT_KEY"], set_env={"RETRIES": "2"})
    seen = dict(line.split("=", 1) for line in run.tail.splitlines())
    expected = "PATH HOME LANG TZ TERM TMPDIR CI NO_COLOR GIT_TERMINAL_PROMPT AGENTOS_TASK MODEL_KEY RETRIES"
    assert set(seen) - {"PWD", "OLDPWD", "SHLVL", "_"} == set(expected.split())
    assert (seen["MODEL_KEY"], seen["RETRIES"], seen["AGENTOS_TASK"]) == ("k", "2", "acme-web-1-1")


def test_s81_no_process_inside_shows_more_than_the_agent_may_see(bench: Bench) -> None:
    bench.env |= {"GITHUB_TOKEN": "canary-1", "MODEL_KEY": "canary-2"}
    run = bench.run("cat /proc/*/environ | tr '\\0' '\\n'", env=["MODEL_KEY"])
    assert "canary-2" in run.tail
    assert "canary-1" not in run.tail


def test_s81_a_credential_never_stands_on_a_command_line(either: Bench) -> None:
    either.env["MODEL_KEY"] = "canary-2"
    # Only what is looked for is told: outside the sandbox all of the machine's command lines would fill the tail.
    script = (
        "import contextlib, glob\nfor name in glob.glob('/proc/*/cmdline'):\n"
        "    with contextlib.suppress(OSError):  # others come and go\n"
        "        line = open(name).read()\n"
        "        print(*(word for word in ('agent.py', 'canary-2') if word in line))"
    )
    run = either.python(script, env=["MODEL_KEY"]).run(either.order())
    assert "agent.py" in run.tail
    assert "canary-2" not in run.tail


def test_f16_the_log_says_which_credential_is_used(bench: Bench) -> None:
    bench.env["MODEL_KEY"] = "canary-2"
    bench.run("true", env=["MODEL_KEY"])
    assert b"credentials: MODEL_KEY\n" in bench.log
    assert b"canary-2" not in bench.log


def test_u09_it_works_in_the_working_copy_at_its_own_path(either: Bench) -> None:
    run = either.run("pwd; echo made > made.txt")
    assert run.tail == f"{either.work}\n"
    assert (either.work / "made.txt").read_text() == "made\n"


def test_the_gate_s_objects_can_be_read_and_not_written(bench: Bench) -> None:
    objects = bench.root / "gate/objects"
    (objects / "pack").write_text("packed")
    run = bench.run(f"cat {objects}/pack; echo spoilt > {objects}/pack")
    assert run.tail.startswith("packed")
    assert (objects / "pack").read_text() == "packed"


def test_a_clone_that_borrows_from_the_gate_can_be_used_and_committed_in(bench: Bench) -> None:
    make_clone(bench)
    run = bench.run(
        "git config user.name a && git config user.email a@b && echo mine > a && git commit -qam mine && git log --format=%s"
    )
    assert run.tail == "mine\ntheirs\n"


def test_nothing_else_of_ours_is_there(bench: Bench) -> None:
    (bench.home / ".netrc").write_text("canary")
    run = bench.run(f"ls {bench.root}; cat {bench.home}/.netrc {bench.root}/logs/prompt.md")
    assert run.tail.split()[:2] == ["gate", "work"]
    assert "canary" not in run.tail
    assert "hello" not in run.tail


def test_a11_bytes_that_are_no_text_survive_in_the_log(either: Bench) -> None:
    run = either.run("printf '\\342\\234\\223 \\377\\376 \\360\\237\\230\\200'")
    assert either.log.endswith(b"\xe2\x9c\x93 \xff\xfe \xf0\x9f\x98\x80")
    assert run.tail == "✓ \ufffd\ufffd 😀"


def test_the_log_is_capped_and_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LOG_BYTES", 100_000)
    monkeypatch.setattr(log, "KEPT_BYTES", 20_000)
    run = bench.run("echo first words; head -c 300000 /dev/zero | tr '\\0' x; echo; echo last words")
    assert 120_000 < len(bench.log) < 121_000
    assert b"first words\n" in bench.log
    assert bench.log.endswith(b"xxx\nlast words\n")
    assert bench.log.count(b"the log is full") == 1
    assert b"[agentos] 180024 bytes are left out here" in bench.log
    assert run.tail.endswith("last words\n")
    assert len(run.tail) == 8192


def test_output_is_in_the_log_while_the_agent_runs(bench: Bench) -> None:
    agent = bench.shell("echo first; while ! [ -e go ]; do sleep 0.01; done; echo second")
    log_file = bench.root / "logs/agent.log"

    def let_go_once_first_is_seen() -> None:
        wait_until(lambda: log_file.exists() and b"first\n" in log_file.read_bytes())
        (bench.work / "go").touch()

    with ThreadPoolExecutor(1) as reader:
        seen = reader.submit(let_go_once_first_is_seen)
        assert agent.run(bench.order()).tail == "first\nsecond\n"
        seen.result()


@pytest.mark.parametrize(("status", "expected"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)])
def test_the_exit_status_is_told(either: Bench, status: str, expected: int) -> None:
    run = either.run(f"{status}")
    assert (run.end, run.exit_code) == (RunEnd.EXITED, expected)


def test_usage_is_read_from_the_output(bench: Bench) -> None:
    event = {"type": "result", "total_cost_usd": 0.25, "usage": {"input_tokens": 10, "output_tokens": 5}, "is_error": False}
    run = bench.python(f"print({json.dumps(event)!r})").run(bench.order())
    assert (run.usage.tokens_in, run.usage.cost_usd, run.usage.cost_source) == (10, 0.25, CostSource.REPORTED)


def test_s24_a_used_up_quota_is_told_with_its_end(bench: Bench) -> None:
    run = bench.run('echo "You\'ve hit your limit · resets 8am (Europe/Berlin)"; exit 1')
    assert run.quota_hit
    assert run.quota_until == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def test_a04_a_missing_program_is_named_with_the_folders_searched(bench: Bench) -> None:
    bench.env["PATH"] = "/usr/bin:/bin"
    said = bench.agent(["no-such-agent"]).missing()
    assert said is not None
    assert "no-such-agent" in said
    assert f"/usr/bin:/bin:{bench.home}/.local/bin:{bench.home}/.npm-global/bin" in said


@pytest.mark.parametrize("folder", [".local/bin", ".npm-global/bin", "bin", ".nvm/versions/node/v20.1.0/bin"])
def test_a04_a_program_in_a_user_s_own_folder_is_found_under_cron(either: Bench, folder: str) -> None:
    either.env["PATH"] = "/usr/bin:/bin"
    program = either.home / folder / "my-agent"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    agent = either.agent(["my-agent"])
    assert agent.missing() is None
    assert agent.run(either.order()).tail == "ran\n"


def test_an_agent_without_any_credential_says_which_it_could_use(bench: Bench) -> None:
    said = bench.shell("true", env=["MODEL_KEY"], state_paths=["~/.tool/auth.json"]).missing()
    assert said == "tester: no credential; none of these is set or exists: MODEL_KEY, ~/.tool/auth.json"


def test_either_a_variable_or_a_login_file_is_enough(bench: Bench) -> None:
    agent = bench.shell("true", env=["MODEL_KEY"], state_paths=["~/.tool/auth.json"])
    bench.env["MODEL_KEY"] = "k"
    assert agent.missing() is None
    del bench.env["MODEL_KEY"]
    (bench.home / ".tool").mkdir()
    (bench.home / ".tool/auth.json").write_text("{}")
    assert agent.missing() is None


def test_a_sandbox_that_does_not_work_is_a_reason_not_to_start(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestrator.system import bubblewrap

    monkeypatch.setattr(bubblewrap, "probe", lambda: "no user namespaces here")
    assert bench.shell("true").missing() == "no user namespaces here"
    bench.mode = SandboxMode.NONE
    assert bench.shell("true").missing() is None


def test_a_program_that_vanished_is_not_started_rather_than_failed(either: Bench) -> None:
    run = either.agent(["/no/such/agent"]).run(either.order())
    assert run.end is RunEnd.NOT_STARTED
    assert "/no/such/agent" in run.tail


def test_a_run_without_sandbox_is_marked_in_the_log(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "bench", mode=SandboxMode.NONE)
    bench.run("true")
    assert bench.log.startswith(b"[agentos] tester WITHOUT A SANDBOX")


def test_a_configured_folder_can_be_read_and_its_programs_are_on_the_path(bench: Bench) -> None:
    tool = bench.home / "tools/bin/special"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho special\n")
    tool.chmod(0o755)
    run = bench.run("special; touch ~/x ~/../new " + str(tool.parent) + "/new", read_only_paths=["~/tools"])
    assert run.tail.startswith("special\n")
    assert not (tool.parent / "new").exists()


def test_the_interpreter_of_our_own_environment_runs_inside(bench: Bench) -> None:
    assert bench.agent([sys.executable, "-c", "import msgspec; print('ok')"]).run(bench.order()).tail == "ok\n"
