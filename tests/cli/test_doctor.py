"""The doctor finds what is missing; cron's crontab is a program of the test's own on PATH."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.github.faults import Fault
from sandbox.installation import JOBS, ROOT
from tests.cli.bench import NOWHERE, Bench
from tests.cli.conftest import REPO, Firm

Findings = Mapping[str, Mapping[str, Any]]


def visit(desk: Bench, **env: str) -> tuple[int, Findings]:
    """The doctor's findings by their subject; of several about one thing the worst."""
    said = desk.ask("doctor", "--json", **env)
    assert said.stderr == ""
    order = ("ok", "warning", "missing")
    found = sorted(json.loads(said.stdout), key=lambda one: order.index(one["standing"]))
    return said.returncode, {one["subject"]: one for one in found}


def standing(found: Findings, subject: str) -> str:
    return str(found[subject]["standing"])


def with_crontab(desk: Bench, text: str) -> dict[str, str]:
    """The environment in which `crontab -l` prints the text."""
    tools = desk.place.folder / "tools"
    tools.mkdir()
    (desk.place.folder / "crontab.txt").write_text(text)
    (tools / "crontab").write_text(f"#!/bin/sh\n[ \"$1\" = -l ] && exec cat '{desk.place.folder}/crontab.txt'\n")
    (tools / "crontab").chmod(0o755)
    return {"PATH": f"{tools}:{desk.place.env['PATH']}"}


def lines(desk: Bench) -> str:
    """A crontab with every job."""
    return "".join(f"* * * * * '{ROOT}/bin/run_{job}.sh' >>'{desk.place.runtime}/logs/{job}.log' 2>&1\n" for job in JOBS)


def test_a_whole_installation_has_nothing_missing(firm: Firm) -> None:
    firm.github.protect(REPO, "main", required_checks=("tests",))
    env = with_crontab(firm.desk, lines(firm.desk))
    (firm.desk.place.runtime / "logs" / "dispatcher.log").touch()
    code, found = visit(firm.desk, **env)
    assert code == 0
    assert {subject for subject, one in found.items() if one["standing"] != "ok"} == {"telegram"}
    assert found["repository acme/web"]["told"] == "we have write"
    assert found["checks of acme/web"]["told"] == "required on main: tests"


def test_the_text_tells_each_line_with_its_fix_and_no_secret(firm: Firm) -> None:
    token = (firm.desk.place.folder / "github.token").read_text()
    said = firm.desk.ask("doctor", TELEGRAM_BOT_TOKEN="4711:made-up-secret", **with_crontab(firm.desk, ""))
    assert said.returncode == 1
    assert said.stdout.splitlines()[0].startswith("ok       python")
    assert "run crontab -e and paste these lines:" in said.stdout
    assert said.stdout.endswith("Mend them and run agentos doctor again.\n")
    assert token not in said.stdout
    assert "made-up-secret" not in said.stdout


def test_the_block_to_paste_satisfies_the_doctor_and_names_the_places(desk: Bench) -> None:
    env = with_crontab(desk, "")
    block = visit(desk, **env)[1]["cron"]["fix"].split("\n", 1)[1]
    assert f"AGENTOS_RUNTIME={desk.place.runtime}\n" in block
    assert f"*/5 * * * * '{ROOT}/bin/run_pr_monitor.sh'" in block
    (desk.place.folder / "crontab.txt").write_text(block)
    (desk.place.runtime / "logs" / "dispatcher.log").touch()
    assert standing(visit(desk, **env)[1], "cron") == "ok"


def test_only_the_lines_that_are_absent_are_asked_for(desk: Bench) -> None:
    kept = "\n".join(line if "run_queue" not in line else f"# {line}" for line in lines(desk).splitlines())
    found = visit(desk, **with_crontab(desk, kept))[1]["cron"]
    assert "no line starts queue of" in found["told"]
    assert "run_notifier" not in found["fix"]


def test_lines_that_cron_does_not_start_are_noticed_by_the_silent_log(desk: Bench) -> None:
    env, log = with_crontab(desk, lines(desk)), desk.place.runtime / "logs" / "dispatcher.log"
    assert "cron has not started a job yet" in visit(desk, **env)[1]["cron"]["told"]
    log.touch()
    os.utime(log, (0, 0))
    assert standing(visit(desk, **env)[1], "cron") == "warning"


@pytest.mark.parametrize("content", [None, "github_owner: [\n", "github_owner: acme\nunknown_key: 1\n"])
def test_without_a_usable_configuration_the_machine_is_looked_at_all_the_same(desk: Bench, content: str | None) -> None:
    file = desk.place.folder / "config.yaml"
    file.unlink() if content is None else file.write_text(content)
    code, found = visit(desk)
    assert code == 1
    assert standing(found, "configuration") == "missing"
    assert {standing(found, one) for one in ("python", "git", "flock", "sandbox", "disk", "runtime folder")} == {"ok"}
    assert ("example.config.yaml" in found["configuration"]["fix"]) is (content is None)


def test_a_runtime_folder_that_others_may_read_is_told_with_the_command_that_mends_it(desk: Bench) -> None:
    desk.place.runtime.chmod(0o755)
    found = visit(desk)[1]["runtime folder"]
    assert (found["standing"], found["fix"]) == ("missing", f"chmod 700 {desk.place.runtime}")


def test_a_program_that_is_not_there_is_missing(desk: Bench, tmp_path: Path) -> None:
    tools = tmp_path / "few"
    tools.mkdir()
    for name in ("readlink", "dirname"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    found = visit(desk, PATH=str(tools), HOME=str(tmp_path))[1]
    assert {standing(found, one) for one in ("git", "flock", "sandbox", "cron")} == {"missing"}


def test_an_agent_that_cannot_start_is_a_warning_until_a_chain_has_nobody(desk: Bench) -> None:
    desk.settle(agents={"first": {"command": ["true"]}, "second": {"command": ["no-such-program"]}}, default_agent="second")
    found = visit(desk)[1]
    assert (standing(found, "agent first"), standing(found, "agent second")) == ("ok", "warning")
    assert "chain" not in found
    desk.settle(agents={"first": {"command": ["no-such-program"]}})
    found = visit(desk)[1]
    assert "no agent can start for acme/web implementation, acme/web debugging" in found["chain"]["told"]


def test_a_token_that_others_may_read_or_that_is_not_there_is_missing(desk: Bench) -> None:
    (desk.place.folder / "github.token").chmod(0o644)
    assert "may be read by others" in visit(desk)[1]["GitHub token"]["told"]
    desk.settle(github={"api_url": NOWHERE, "use_gh_cli": False})
    assert visit(desk)[1]["GitHub token"]["told"] == "no token is found"


def test_a_repository_that_we_may_only_read_is_missing_permission(firm: Firm) -> None:
    (firm.desk.place.folder / "github.token").write_text(firm.github.add_token("mallory"))
    found = visit(firm.desk)[1]["repository acme/web"]
    assert (found["standing"], found["told"]) == ("missing", "we may only read")


def test_a_board_without_the_configured_statuses_is_told_with_those_that_it_has(firm: Firm) -> None:
    project = {**firm.desk.told["github_projects"]["work"], "ready_value": "Go"}
    firm.desk.settle(github_projects={"work": project})
    found = visit(firm.desk)[1]["board of work"]
    assert found["standing"] == "missing"
    assert "has no Go; it has: backlog, ready" in found["told"]


def test_a_project_without_a_board_is_in_order(firm: Firm) -> None:
    firm.desk.settle(github_projects={"work": {"repos": [{"github_repo": REPO}]}})
    assert visit(firm.desk)[1]["board of work"]["told"] == "none is configured: issues are started by label"


def test_a_base_branch_without_required_checks_is_warned_about(firm: Firm) -> None:
    found = visit(firm.desk)[1]["checks of acme/web"]
    assert (found["standing"], "is held for you" in found["told"]) == ("warning", True)


def test_checks_that_the_token_may_not_read_are_missing_with_what_to_do(firm: Firm) -> None:
    firm.github.faults.add(Fault("checks/list-for-ref", "error_before", status=403, times=100))
    code, found = visit(firm.desk)
    assert (code, standing(found, "checks of acme/web")) == (1, "missing")
    assert "fine-grained" in found["checks of acme/web"]["fix"]


def test_s75_a_github_that_does_not_answer_is_a_warning_and_ends_nothing(firm: Firm) -> None:
    firm.github.faults.add(Fault("*", "error_before", status=502, times=100))
    found = visit(firm.desk)[1]
    assert (standing(found, "GitHub token"), standing(found, "telegram")) == ("warning", "warning")
    firm.github.faults.clear()


def test_work_without_a_sandbox_is_warned_about(desk: Bench) -> None:
    desk.settle(sandbox={"mode": "none"})
    found = visit(desk)[1]
    assert standing(found, "containment") == "warning"
    assert "sandbox" not in found
