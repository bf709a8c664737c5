"""Cron itself starts a job: a daemon in a mount namespace of its own, so the machine's crontabs and cron stay as they are."""

import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bin.checkout import Checkout

CRON = shutil.which("cron", path="/usr/sbin:/usr/bin")
# Mounts over everything that cron reads or writes; /run is empty, so cron takes this for a boot and starts @reboot lines at once.
ISOLATED = """
set -e
mount -t tmpfs none /run
mount -t tmpfs -o mode=1730,gid=$(stat -c %g /var/spool/cron/crontabs) none /var/spool/cron/crontabs
mount -t tmpfs none /etc/cron.d
mount --bind /dev/null /etc/crontab
install -m 0600 -o "$2" "$1" /var/spool/cron/crontabs/"$2"
"$3" -f </dev/null &
read -r line || :  # until our standard input ends; then this first process of its pid namespace ends, and all of it with it
"""


def as_root() -> list[str] | None:
    """What makes a command run as root: nothing, sudo without a question, or None."""
    if os.geteuid() == 0:
        return []
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False) if shutil.which("sudo") else None
    return ["sudo", "-n"] if asked and asked.returncode == 0 else None


@pytest.fixture
def log(checkout: Checkout, tmp_path: Path) -> Iterator[Path]:
    """The log of a job whose crontab line runs under cron for the length of the test."""
    root, log, user = as_root(), tmp_path / "dispatcher.log", pwd.getpwuid(os.geteuid()).pw_name
    if CRON is None or root is None:
        pytest.skip("cron is not installed, or nobody here may start it; as root: bin/setup dev")
    crontab = tmp_path / "crontab"
    crontab.write_text(f"@reboot '{checkout.root}/bin/run_dispatcher.sh' --dry-run >>'{log}' 2>&1\n")
    alone = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", ISOLATED, "cron", str(crontab), user, CRON]
    with subprocess.Popen([*root, *alone], stdin=subprocess.PIPE, stdout=sys.stderr, stderr=sys.stderr) as daemon:
        yield log
        daemon.communicate(timeout=30)
    assert daemon.returncode == 0


def test_a_line_of_the_crontab_starts_the_job_with_cron_s_bare_environment(checkout: Checkout, log: Path) -> None:
    limit = time.monotonic() + 60
    while checkout.started() is None or "start" not in log.read_text():
        assert time.monotonic() < limit, "cron did not start the job"
        time.sleep(0.05)
    started = checkout.started()
    assert started is not None
    assert started.arguments == ["-m", "orchestrator", "dispatcher", "--dry-run"]
    assert started.environment["PYTHONUTF8"] == "1"
    assert started.environment["PATH"].endswith("/usr/bin:/bin")
    assert "GITHUB_TOKEN" not in started.environment
    assert "] dispatcher start\n" in log.read_text()
