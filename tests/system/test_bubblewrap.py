"""The sandbox really starts, and what is not shown is not there: as root and as an ordinary user."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.system import bubblewrap

SECRET = "canary-4711"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
USERS = ["own", "nobody"] if os.geteuid() == 0 else ["own"]


@dataclass(frozen=True)
class Host:
    """A made-up host: a home with secrets, a runtime folder, a gate with objects, and two working copies."""

    root: Path
    user: str

    @property
    def work(self) -> Path:
        return self.root / "worktrees/mine"

    @property
    def objects(self) -> Path:
        return self.root / "runtime/repos/gate.git/objects"

    def inside(
        self, script: str, *words: str, network: bool = False, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        argv = bubblewrap.command(
            ["/bin/sh", "-c", script, "sh", *words],
            workdir=str(self.work),
            read_only=[self.objects],
            writable=[self.work],
            env={"PATH": bubblewrap.SYSTEM_PATH} if env is None else env,
            network=network,
        )
        as_user = NOBODY if self.user == "nobody" else []
        return subprocess.run([*as_user, *argv], env={"PATH": bubblewrap.SYSTEM_PATH}, capture_output=True, timeout=30)

    def outside(self, script: str, *words: str) -> bytes:
        return subprocess.run(["/bin/sh", "-c", script, "sh", *words], cwd=self.work, capture_output=True, timeout=30).stdout


SECRET_FILES = (
    "home/.config/gh/hosts.yml",
    "home/.git-credentials",
    "home/.netrc",
    "home/.bash_history",
    "home/.claude/.credentials.json",
    "runtime/state/token",
    "runtime/mailbox/inbox/a-1-1.md",
    "runtime/repos/gate.git/config",
    "worktrees/theirs/.env",
    "config.yaml",
)


@pytest.fixture(params=USERS)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))  # pytest's own folders are closed to other users
    made = Host(folder, request.param)
    for name in (*SECRET_FILES, "worktrees/mine/kept.txt", "runtime/repos/gate.git/objects/pack"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(SECRET if name in SECRET_FILES else "public")
    (made.work / "link").symlink_to(folder / "runtime/state/token")
    if request.param == "nobody":
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)
    yield made
    shutil.rmtree(folder)


def test_the_probe_finds_a_working_sandbox_here() -> None:
    assert bubblewrap.probe() is None


def test_the_probe_names_a_missing_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap.probe.cache_clear()
    said = bubblewrap.probe()
    bubblewrap.probe.cache_clear()
    assert said is not None
    assert "install the package bubblewrap" in said


def test_the_probe_tells_when_files_show_through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leaky = tmp_path / "bwrap"
    leaky.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
    leaky.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    bubblewrap.probe.cache_clear()
    said = bubblewrap.probe()
    bubblewrap.probe.cache_clear()
    assert said == "the sandbox starts but does not hide files"


@pytest.mark.parametrize("name", SECRET_FILES)
def test_a_secret_file_of_the_host_is_not_there(host: Host, name: str) -> None:
    assert SECRET.encode() in host.outside('cat "$1"', str(host.root / name))
    assert SECRET.encode() not in host.inside('cat "$1"', str(host.root / name)).stdout


@pytest.mark.parametrize(
    "script",
    [
        "cat link",
        "cat ../theirs/.env",
        'cat "/proc/1/root$1/config.yaml"',
        'cat "/proc/self/cwd/../../config.yaml"',
        'grep -rs canary "$1"',
        'find "$1" -name config.yaml -exec cat {} +',
    ],
)
def test_no_way_round_leads_to_a_secret_file(host: Host, script: str) -> None:
    outside = script.replace("/proc/1/root", "/proc/self/root")
    assert SECRET.encode() in host.outside(outside, str(host.root))
    assert SECRET.encode() not in host.inside(script, str(host.root)).stdout


def test_s81_no_environment_of_the_host_can_be_read(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    script = "env; cat /proc/*/environ | tr '\\0' '\\n'"
    assert SECRET.encode() in host.outside(script)
    assert SECRET.encode() not in host.inside(script).stdout


def test_no_command_line_of_the_host_can_be_read(host: Host) -> None:
    with subprocess.Popen(["sleep", "60", SECRET.replace("canary-", "0.0")]) as other:
        script = "cat /proc/*/cmdline | tr '\\0' ' '"
        assert b"0.04711" in host.outside(script)
        assert b"0.04711" not in host.inside(script).stdout
        other.kill()


def test_processes_of_the_host_cannot_be_seen_or_signalled(host: Host) -> None:
    script = 'test -e "/proc/$1" || kill -0 "$1" 2>/dev/null && echo reached'
    assert host.outside(script, str(os.getpid())) == b"reached\n"
    assert host.inside(script, str(os.getpid())).stdout == b""


def test_the_environment_is_exactly_the_one_given(host: Host) -> None:
    lines = host.inside("exec env", env={"ONLY": "this"}).stdout.splitlines()
    assert {line.split(b"=")[0] for line in lines} - {b"PWD"} == {b"ONLY"}


@pytest.mark.parametrize(
    "place",
    ["/usr/bin/new", "/etc/passwd", "/new", "/etc/new", "{root}/runtime/new", "{root}/runtime/repos/gate.git/objects/pack"],
)
def test_nothing_of_the_host_can_be_written(host: Host, place: str) -> None:
    path = Path(place.format(root=host.root))
    before = path.read_bytes() if path.exists() else None
    host.inside('echo changed > "$1"', str(path))
    assert (path.read_bytes() if path.exists() else None) == before


@pytest.mark.parametrize("place", ["/new", "/etc/new", "/home/new", "/usr/new"])
def test_the_root_itself_cannot_be_written(host: Host, place: str) -> None:
    assert host.inside(f"echo x > {place}").returncode != 0


def test_u09_the_working_copy_is_written_at_its_own_path(host: Host) -> None:
    done = host.inside("pwd && cat kept.txt && echo made > made.txt")
    assert done.stdout.decode() == f"{host.work}\npublic"
    assert (host.work / "made.txt").read_text() == "made\n"
    assert (host.work / "made.txt").stat().st_uid == host.work.stat().st_uid


def test_without_network_not_even_loopback_is_reached(host: Host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = f"exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]} && echo reached'"
        assert host.inside(connect, network=True).stdout == b"reached\n"
        assert host.inside(connect).stdout == b""


def test_names_of_the_outside_are_known_only_with_network(host: Host) -> None:
    look = "cat /etc/hosts; test -e /etc/resolv.conf && echo there"
    assert host.inside(look, network=True).stdout == Path("/etc/hosts").read_bytes() + b"there\n"
    assert host.inside(look).stdout == b"127.0.0.1 localhost agent\n::1 localhost\n"


def test_localhost_has_its_name_without_network(host: Host) -> None:
    assert host.inside("getent hosts agent").stdout.split()[0] == b"127.0.0.1"


@pytest.mark.parametrize(
    "attempt",
    ["unshare -U true", "unshare -m true", "mount -t tmpfs none /tmp", "mount -o remount,rw /", "chroot / true", "hostname new"],
)
def test_no_power_of_an_administrator_works_inside(host: Host, attempt: str) -> None:
    assert host.inside(f"PATH=$PATH:/usr/sbin; {attempt}").returncode != 0


def test_what_is_kept_in_memory_has_a_size(host: Host) -> None:
    told = host.inside("df -B1 --output=target,size /tmp /dev/shm /run; touch /dev/new || echo closed").stdout.split()
    assert told[3:] == [b"/tmp", b"1073741824", b"/dev/shm", b"1073741824", b"/run", b"16777216", b"closed"]


def test_devices_work_though_none_can_be_added(host: Host) -> None:
    assert host.inside("echo x > /dev/null && head -c 3 /dev/zero | wc -c; touch /dev/shm/x && echo shm").stdout == b"3\nshm\n"


def test_no_capability_is_left_and_none_can_come_back(host: Host) -> None:
    status = host.inside("cat /proc/self/status").stdout.decode()
    told = dict(line.split(":\t") for line in status.splitlines() if line.startswith(("Cap", "NoNewPrivs")))
    assert told.pop("NoNewPrivs") == "1"
    assert set(told.values()) == {"0" * 16}


def test_the_user_inside_is_always_the_same_one(host: Host) -> None:
    assert host.inside("id -un; id -u; hostname").stdout == b"agent\n1000\nagent\n"


def test_files_are_limited_and_no_core_is_written(host: Host) -> None:
    lines = host.inside("ulimit -n; ulimit -c; ulimit -f").stdout.split()
    assert lines == [b"4096", b"0", b"2097152"]


def test_the_whole_file_system_is_refused(tmp_path: Path) -> None:
    (tmp_path / "all").symlink_to("/")
    for asked in (Path("/"), tmp_path / "all", tmp_path / ".." / ".." / ".." / ".." / ".." / ".."):
        with pytest.raises(ValueError, match="whole file system"):
            bubblewrap.command(["true"], workdir="/tmp", read_only=[asked], env={}, network=False)


def test_a_read_only_folder_within_a_writable_one_stays_read_only(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    argv = bubblewrap.command(
        ["/bin/sh", "-c", "touch made; touch inner/made"],
        workdir=str(tmp_path),
        read_only=[tmp_path / "inner"],
        writable=[tmp_path],
        env={},
        network=False,
    )
    subprocess.run(argv, capture_output=True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inner", "made"]
