"""What every test may rely on: a clean environment, no network beyond loopback, and a runtime folder that nobody touches."""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "runtime"
IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}
PRIVATE = ("GIT_", "GITHUB_", "GH_", "AGENTOS_", "TELEGRAM_", "OPENAI_", "ANTHROPIC_", "CLAUDE_", "GEMINI_", "GOOGLE_",
           "DEEPSEEK_", "CODEX_", "XDG_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSH_")  # fmt: skip
_HOME = pytest.StashKey[str]()
_BEFORE = pytest.StashKey[dict[str, tuple[int, int, int]]]()
_TOUCHED = pytest.StashKey[list[str]]()


class NetworkRefused(AssertionError):
    """A test tried to reach beyond this machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Make every process of the run alike, whoever starts it from wherever."""
    config.stash[_HOME] = tempfile.mkdtemp(prefix="agent-os-home-")
    _clean_environment(config.stash[_HOME])
    os.umask(0o022)  # a promise like "mode 0600" must hold without the caller's umask
    sys.addaudithook(_refuse_network)
    _choose_profile()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(config.stash[_HOME], ignore_errors=True)


def _clean_environment(home: str) -> None:
    """Drop credentials and settings of whoever runs the tests; a fresh machine has no ~/.gitconfig and no login either."""
    for name in list(os.environ):
        if name.upper().startswith(PRIVATE):
            del os.environ[name]
    os.environ["HOME"] = home
    os.environ["GIT_CONFIG_NOSYSTEM"] = "1"


def _choose_profile() -> None:
    """A slow machine is no failure, and CI's verdict on the same commit is the same every time."""
    quiet = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("dev", deadline=None, database=None, suppress_health_check=quiet)
    hypothesis.settings.register_profile(
        "ci", deadline=None, database=None, suppress_health_check=quiet, derandomize=True, print_blob=True
    )
    hypothesis.settings.load_profile("ci" if IN_CI else "dev")


def _refuse_network(event: str, args: tuple[object, ...]) -> None:
    """The audit hook: lets a connection through only to this machine."""
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path or bytes: a socket of this machine
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not is_this_machine(host):
        raise NetworkRefused(f"{event} {host!r}: tests reach nothing beyond loopback; use a stand-in from sandbox/")


def is_this_machine(host: object) -> bool:
    """Whether an address or a name is one of loopback's; no name is looked up to find out."""
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str) or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


# ---- the repository's own runtime/ is off limits


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember what lies in runtime/; the workers of a parallel run leave that to their controller."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[_BEFORE] = _contents(RUNTIME)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when something in runtime/ is not as it was."""
    before = session.config.stash.get(_BEFORE, None)
    if before is None:
        return
    after = _contents(RUNTIME)
    touched = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    session.config.stash[_TOUCHED] = touched
    if touched and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which files of runtime/ changed."""
    touched = config.stash.get(_TOUCHED, [])
    if not touched:
        return
    terminalreporter.section("a test wrote to the repository's own runtime/", red=True)
    terminalreporter.line("(or a job of this very checkout ran meanwhile: test in a clone that no crontab names)")
    for path in touched:
        terminalreporter.line(f"  {path}")


def _contents(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Every path below the folder with its time, size and inode."""
    seen: dict[str, tuple[int, int, int]] = {}
    for path in folder.rglob("*"):
        try:
            stat = path.lstat()
        except FileNotFoundError:
            continue
        seen[str(path.relative_to(folder))] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return seen


# ---- with CI=true nothing is skipped


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test of the CI run is a failed one that names its reason."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, which CI does not allow: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself whole."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome, report.longrepr = "failed", f"skipped, which CI does not allow: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
