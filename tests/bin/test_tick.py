"""A tick of a job as cron starts it: banner, pause, lock, and no Python while nothing waits."""

import re
import resource
import stat
import subprocess
from pathlib import Path

import pytest

from tests.bin.checkout import Checkout, program

EXAMPLE = Path(__file__).resolve().parents[2] / "example.config.yaml"
WATCHED = ("mailbox/review", "mailbox/inbox", "mailbox/blocked", "mailbox/escalated")
FOLDERS = {"queue": ("mailbox/inbox", "mailbox/processing"), "pr_monitor": WATCHED, "notifier": ("outbox",)}
WAITING = [(job, folder) for job, folders in FOLDERS.items() for folder in folders]
EVERY_JOB = ("dispatcher", "queue", "pr_monitor", "notifier")


def awake(checkout: Checkout) -> Checkout:
    """Something waits for every job."""
    for _, folder in WAITING:
        checkout.put(f"{folder}/letter.md")
    return checkout


@pytest.mark.parametrize("job", EVERY_JOB)
def test_a_tick_says_when_it_started_and_becomes_the_environment_s_python(checkout: Checkout, job: str) -> None:
    code, said = awake(checkout).run(f"run_{job}.sh")
    assert re.match(rf"\[\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{{4}}\] {job} start\n", said)
    started = checkout.started()
    assert code == 7, said  # python's own code
    assert started is not None
    assert started.arguments == ["-m", "orchestrator", job]
    assert started.folder == checkout.root


def test_arguments_are_passed_on_as_they_are(checkout: Checkout) -> None:
    checkout.run("run_dispatcher.sh", "--dry-run", "a b", "", "*")
    started = checkout.started()
    assert started is not None
    assert started.arguments[3:] == ["--dry-run", "a b", "", "*"]


SCRIPTS = {f"run_{job}.sh": ["-m", "orchestrator", job] for job in EVERY_JOB} | {"agentos": ["-m", "orchestrator", "agentos"]}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_reached_through_a_link_finds_its_checkout(checkout: Checkout, script: str) -> None:
    link = awake(checkout).home / "bin" / "tick"
    link.parent.mkdir()
    link.symlink_to(f"../../a checkout/bin/{script}")
    subprocess.run([str(link), "x"], env=checkout.environment(), check=False, capture_output=True, timeout=30)
    started = checkout.started()
    assert started is not None
    assert started.arguments == [*SCRIPTS[script], "x"]


def test_the_operator_s_command_takes_no_lock_and_prints_no_banner(checkout: Checkout) -> None:
    code, said = checkout.run("agentos", "status")
    started = checkout.started()
    assert (code, said) == (7, "")
    assert started is not None
    assert "9" not in started.descriptors
    assert not (checkout.root / "runtime").exists()


def test_a11_python_speaks_utf8_whatever_cron_s_locale_is(checkout: Checkout) -> None:
    checkout.run("run_dispatcher.sh", env=checkout.environment(LC_ALL="C", PYTHONHOME="/nowhere"))
    started = checkout.started()
    assert started is not None
    assert started.environment["PYTHONUTF8"] == "1"
    assert started.environment["LC_ALL"] == started.environment["LANG"] == "C.UTF-8"
    assert "PYTHONHOME" not in started.environment


def test_what_a_job_writes_is_for_its_user_alone(checkout: Checkout) -> None:
    (checkout.root / "runtime" / "mailbox" / "inbox").mkdir(parents=True, mode=0o755)  # as a clone leaves it
    checkout.run("run_dispatcher.sh")
    started = checkout.started()
    assert started is not None
    assert int(started.umask, 8) == 0o077
    assert stat.S_IMODE((checkout.root / "runtime").stat().st_mode) == 0o700


def test_missing_folders_are_made(checkout: Checkout) -> None:
    checkout.run("run_queue.sh")
    made = {str(path.relative_to(checkout.root / "runtime")) for path in (checkout.root / "runtime").rglob("*")}
    boxes = {f"mailbox/{box}" for box in ("inbox", "processing", "review", "done", "blocked", "escalated", "failed")}
    assert made == boxes | {"mailbox", "outbox", "outbox/sent", "state", "locks", "logs"}


# ---- the way to people's command lines


def test_a04_command_lines_of_the_user_are_found_under_cron_s_path(checkout: Checkout) -> None:
    folders = [".local/bin", "bin", ".npm-global/bin", ".nvm/versions/node/v22.3.0/bin", ".volta/bin", ".cargo/bin"]
    for folder in (*folders, ".nvm/versions/node/v9.11.2/bin", ".nvm/versions/node/v22.1.9/bin", ".nvm/versions/node/system/bin"):
        program(checkout.home / folder / "claude")
    checkout.run("run_dispatcher.sh")
    started = checkout.started()
    assert started is not None
    path = started.environment["PATH"].split(":")
    assert [p for p in path if p.startswith(str(checkout.home))] == [str(checkout.home / folder) for folder in folders]
    assert path[-2:] == ["/usr/bin", "/bin"]


def test_a_folder_that_is_on_the_path_already_keeps_its_place(checkout: Checkout) -> None:
    program(checkout.home / "bin" / "claude")
    checkout.run("run_dispatcher.sh", env=checkout.environment(PATH=f"/usr/bin:/bin:{checkout.home}/bin"))
    started = checkout.started()
    assert started is not None
    assert started.environment["PATH"].split(":").count(f"{checkout.home}/bin") == 1
    assert started.environment["PATH"].endswith(f"/usr/bin:/bin:{checkout.home}/bin")


# ---- nothing waits


@pytest.mark.parametrize("job", FOLDERS)
def test_no_python_starts_while_nothing_waits(checkout: Checkout, job: str) -> None:
    for folder in FOLDERS[job]:
        checkout.put(f"{folder}/.letter.md.41")
        checkout.put(f"{folder}/.letter.md")
        checkout.put(f"{folder}/letter.md.reason")
        (checkout.root / "runtime" / folder / "sent").mkdir(exist_ok=True)
    code, said = checkout.run(f"run_{job}.sh")
    assert code == 0
    assert "nothing waits" in said
    assert checkout.started() is None


@pytest.mark.parametrize(("job", "folder"), WAITING)
def test_one_letter_is_enough_to_start_python(checkout: Checkout, job: str, folder: str) -> None:
    checkout.put(f"{folder}/a letter.md")
    assert checkout.run(f"run_{job}.sh")[0] == 7


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("review:\n  external_prs:\n    mode: on_ready\n", 7),
        ('{"dependabot": {"auto_merge_patch": true}}\n', 7),
        ("review: {external_prs: {mode: 'auto'}}\n", 7),
        ("# dependabot:\n#   auto_merge_patch: true\n", 0),
        (EXAMPLE.read_text(), 0),
        ("review:\n  max_diff_lines: 3000\n", 0),
    ],
)
def test_the_monitor_looks_by_itself_where_pull_requests_of_others_are_named(checkout: Checkout, text: str, code: int) -> None:
    (checkout.root / "config.yaml").write_text(text)
    assert checkout.run("run_pr_monitor.sh")[0] == code
    assert checkout.run("run_queue.sh")[0] == 0


def test_a_link_that_leads_nowhere_is_a_letter_for_the_queue_to_put_aside(checkout: Checkout) -> None:
    inbox = checkout.root / "runtime" / "mailbox" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "odd.md").symlink_to("nowhere")
    assert checkout.run("run_queue.sh")[0] == 7


def test_an_idle_tick_costs_at_most_ten_milliseconds_of_the_processor(checkout: Checkout) -> None:
    checkout.run("run_queue.sh")
    costs = []
    for _ in range(15):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert checkout.run("run_queue.sh")[0] == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(costs) <= 0.010  # the least: what a busy neighbour adds to the others is not ours


def test_another_runtime_folder_is_looked_into_and_handed_on(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "state of mine"
    (elsewhere / "mailbox" / "inbox").mkdir(parents=True)
    (elsewhere / "mailbox" / "inbox" / "a.md").touch()
    checkout.run("run_queue.sh", env=checkout.environment(AGENTOS_RUNTIME=str(elsewhere), AGENTOS_CONFIG="mine.yaml"))
    started = checkout.started()
    assert started is not None
    assert started.environment["AGENTOS_RUNTIME"] == str(elsewhere)
    assert started.environment["AGENTOS_CONFIG"] == str(checkout.root / "mine.yaml")
    assert not (checkout.root / "runtime").exists()


def test_a_relative_runtime_folder_is_relative_to_the_checkout(checkout: Checkout) -> None:
    inbox = checkout.root / "state of mine" / "mailbox" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "a.md").touch()
    checkout.run("run_queue.sh", env=checkout.environment(AGENTOS_RUNTIME="state of mine"))
    started = checkout.started()
    assert started is not None
    assert started.environment["AGENTOS_RUNTIME"] == str(checkout.root / "state of mine")


# ---- pause


@pytest.mark.parametrize("job", EVERY_JOB)
@pytest.mark.parametrize("everything", [True, False])
def test_s32_a_paused_job_says_so_and_does_nothing(checkout: Checkout, job: str, everything: bool) -> None:
    flag = awake(checkout).put("state/paused" if everything else f"state/paused.{job}")
    code, said = checkout.run(f"run_{job}.sh")
    assert code == 0
    assert f"paused by {flag}" in said
    assert checkout.started() is None


def test_s32_a_flag_for_one_job_or_repository_stops_no_other_job(checkout: Checkout) -> None:
    for other in ("paused.queue", "paused.acme-web", "paused.pr_monitor"):
        checkout.put(f"state/{other}")
    assert checkout.run("run_dispatcher.sh")[0] == 7


# ---- overlap


@pytest.mark.parametrize("job", EVERY_JOB)
def test_s73_a06_a_second_tick_ends_at_once_with_75_and_says_so(checkout: Checkout, job: str) -> None:
    gate = awake(checkout).hold_python()
    first = checkout.start(f"run_{job}.sh")
    try:
        with gate.open("w") as opened:  # opens when python reads: the first tick is at work
            code, said = checkout.run(f"run_{job}.sh")
            opened.write("go on\n")
    finally:
        first.communicate(timeout=30)
    assert code == 75
    assert "another tick still runs" in said
    assert first.returncode == 7


def test_s73_the_lock_is_python_s_own_and_ends_with_it(checkout: Checkout) -> None:
    checkout.run("run_dispatcher.sh")
    started = checkout.started()
    assert started is not None
    assert started.environment["AGENTOS_JOB_LOCK_FD"] == "9"
    assert "9" in started.descriptors
    assert (checkout.root / "runtime" / "locks" / "job-dispatcher.lock").exists()
    assert checkout.run("run_dispatcher.sh")[0] == 7


def test_jobs_do_not_wait_for_one_another(checkout: Checkout) -> None:
    gate = awake(checkout).hold_python()
    first = checkout.start("run_queue.sh")
    try:
        with gate.open("w") as opened:
            gate.unlink()
            code, _ = checkout.run("run_dispatcher.sh")
            opened.write("go on\n")
    finally:
        first.communicate(timeout=30)
    assert code == 7


# ---- what a person must set up


@pytest.mark.parametrize("script", ["run_dispatcher.sh", "agentos"])
def test_without_its_environment_a_script_says_how_to_make_it(checkout: Checkout, script: str) -> None:
    (checkout.root / ".venv" / "bin" / "python").unlink()
    code, said = checkout.run(script)
    assert code == 78
    assert f"run {checkout.root}/bin/setup once" in said


def test_a_runtime_folder_that_cannot_be_made_is_tried_again(checkout: Checkout) -> None:
    (checkout.root / "runtime").write_text("in the way")
    code, said = checkout.run("run_dispatcher.sh")
    assert code == 75
    assert "cannot make the folders" in said


@pytest.mark.parametrize("arguments", [[], ["../queue"], ["Queue"], ["--help"]])
def test_a_word_that_is_no_job_is_refused_with_the_usage(checkout: Checkout, arguments: list[str]) -> None:
    code, said = checkout.run("run_job.sh", *arguments)
    assert code == 64
    assert "usage: run_job.sh JOB" in said


def test_help_is_the_job_s_own_even_while_nothing_waits(checkout: Checkout) -> None:
    checkout.run("run_queue.sh", "--help")
    started = checkout.started()
    assert started is not None
    assert started.arguments == ["-m", "orchestrator", "queue", "--help"]
