"""`network: model-only`: ordinary clients in the sandbox reach what is allowed, and nothing else of any network."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest

from orchestrator.adapters.agents.workbench import SandboxedWorkbench
from orchestrator.config.schema import Network, Sandbox
from orchestrator.model.agent import AgentRun, RunEnd
from tests.adapters.agents import test_workbench
from tests.adapters.agents.bench import Bench, wait_until

GET = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())"
DIRECT = (
    "import sys, urllib.request as u; opener = u.build_opener(u.ProxyHandler({}))\n"
    "print(opener.open(sys.argv[1], timeout=10).read().decode())"
)
CONNECT = """
import os, socket, sys
port = int(os.environ["HTTPS_PROXY"].rpartition(":")[2])
for _ in range(int(sys.argv[2])):
    with socket.create_connection(("127.0.0.1", port)) as proxy:
        proxy.sendall(f"CONNECT {sys.argv[1]} HTTP/1.1\\r\\n\\r\\n".encode())
        said = proxy.recv(4096)
        if b" 200 " in said:
            proxy.sendall(b"GET /tunnel HTTP/1.0\\r\\n\\r\\n")
        while piece := proxy.recv(4096):
            said += piece
print(said.decode())
"""


class Hello(BaseHTTPRequestHandler):
    """Says what was asked for, and with POST how much came."""

    def do_GET(self) -> None:
        self._say(f"hello {self.path} for {self.headers['Host']}")

    def do_POST(self) -> None:
        self._say(f"got {len(self.rfile.read(int(self.headers['Content-Length'])))}")

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def run(bench: Bench, script: str, *words: str, hosts: Sequence[str]) -> AgentRun:
    (bench.root / "client.py").write_text(script)
    command = [sys.executable, str(bench.root / "client.py"), *words]
    return bench.agent(command, network=Network.MODEL_ONLY, allowed_hosts=hosts).run(bench.order())


def test_an_allowed_address_is_reached_through_the_proxy_that_the_environment_names(bench: Bench, port: int) -> None:
    told = run(bench, GET, f"http://127.0.0.1:{port}/x?y=z", hosts=[f"127.0.0.1:{port}"])
    assert told.tail == f"hello /x?y=z for 127.0.0.1:{port}\n"


def test_a_client_that_does_not_ask_the_proxy_reaches_an_allowed_port_of_loopback(bench: Bench, port: int) -> None:
    told = run(bench, DIRECT, f"http://127.0.0.1:{port}/x", hosts=[f"localhost:{port}"])
    assert told.tail == f"hello /x for 127.0.0.1:{port}\n"


def test_a_tunnel_leads_to_an_allowed_host_by_its_name(bench: Bench, port: int) -> None:
    said = run(bench, CONNECT, f"LOCALHOST:{port}", "1", hosts=[f"localhost:{port}"]).tail
    assert said.startswith("HTTP/1.1 200 ")
    assert "hello /tunnel" in said


def test_much_goes_through_both_ways(bench: Bench, port: int) -> None:
    script = "import sys, urllib.request as u; print(u.urlopen(u.Request(sys.argv[1], data=b'x' * 3_000_000)).read())"
    told = run(bench, script, f"http://127.0.0.1:{port}/", hosts=[f"127.0.0.1:{port}"])
    assert told.tail == "b'got 3000000'\n"


def test_a_body_that_comes_with_its_head_is_carried_whatever_its_length(bench: Bench, port: int) -> None:
    script = (
        "import os, socket, sys\nproxy = int(os.environ['HTTP_PROXY'].rpartition(':')[2])\n"
        "head = f'POST {sys.argv[1]} HTTP/1.1\\r\\nContent-Length: 40000\\r\\n\\r\\n'.encode()\n"
        "with socket.create_connection(('127.0.0.1', proxy)) as client:\n"
        "    client.sendall(head + b'x' * 40_000)\n    print(client.makefile().read())"
    )
    assert "got 40000" in run(bench, script, f"http://127.0.0.1:{port}/", hosts=[f"127.0.0.1:{port}"]).tail


@pytest.mark.parametrize(
    "target", ["evil.example:443", "169.254.169.254:80", "[::1]:22", "127.0.0.1:{port}", "api.allowed.example:80"]
)
def test_every_other_host_is_refused_and_named_in_the_log(bench: Bench, port: int, target: str) -> None:
    target = target.format(port=port)
    said = run(bench, CONNECT, target, "1", hosts=["api.allowed.example", "localhost:1"]).tail
    assert said.startswith("HTTP/1.1 403 ")
    assert f"{target} is not among the allowed hosts" in said
    assert f"[agentos] refused connection to {target}\n".encode() in bench.log


def test_an_allowed_name_with_an_inner_address_is_refused(bench: Bench) -> None:
    said = run(bench, CONNECT, "localhost:443", "1", hosts=["localhost"]).tail
    assert said.startswith("HTTP/1.1 403 ")
    assert b"refused connection to localhost:443 (its address " in bench.log


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', {port}), 3)",
        "socket.create_connection(('169.254.169.254', 80), 3)",
        "socket.create_connection(('192.0.2.1', 443), 3)",
        "socket.getaddrinfo('example.com', 443)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    ],
)
def test_no_network_but_the_proxy_is_there(bench: Bench, port: int, attempt: str) -> None:
    told = run(bench, f"import socket\n{attempt.format(port=port)}\nprint('reached')", hosts=["api.allowed.example"])
    assert "rror: [Errno" in told.tail or "TimeoutError" in told.tail
    assert "reached" not in told.tail


def test_a_flood_of_refused_connections_is_counted(bench: Bench) -> None:
    run(bench, CONNECT, "evil.example:443", "25", hosts=["api.allowed.example"])
    lines = [line for line in bench.log.decode().splitlines() if "refused" in line]
    assert lines == [
        "[agentos] refused connection to evil.example:443",
        "[agentos] refused connection to evil.example:443 (10 times)",
    ]


def test_both_ways_to_say_it_name_the_proxy_and_no_exception_does(bench: Bench) -> None:
    agent = bench.shell("env", network=Network.MODEL_ONLY, allowed_hosts=["a.example"], set_env={"NO_PROXY": "*"})
    seen = dict(line.split("=", 1) for line in agent.run(bench.order()).tail.splitlines())
    assert len({seen[name] for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")}) == 1
    assert seen["NODE_USE_ENV_PROXY"] == "1"
    assert "NO_PROXY" not in seen


def test_the_agent_holds_no_end_of_the_door(bench: Bench) -> None:
    told = bench.shell("ls /proc/self/fd", network=Network.MODEL_ONLY, allowed_hosts=["a.example"]).run(bench.order())
    assert told.tail.split() == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("script", "expected"), [("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_the_agent_s_own_exit_status_is_told(bench: Bench, script: str, expected: int) -> None:
    told = bench.shell(script, network=Network.MODEL_ONLY, allowed_hosts=["a.example"]).run(bench.order())
    assert (told.end, told.exit_code) == (RunEnd.EXITED, expected)


def test_a_missing_program_is_not_started_behind_the_door_either(bench: Bench) -> None:
    told = bench.agent(["/no/such/agent"], network=Network.MODEL_ONLY, allowed_hosts=["a.example"]).run(bench.order())
    assert told.end is RunEnd.NOT_STARTED
    assert "/no/such/agent" in told.tail


def test_a_command_s_hosts_are_reached_by_it(bench: Bench, port: int) -> None:
    (bench.work / "client.py").write_text(GET)
    workbench = SandboxedWorkbench(sandbox=Sandbox(mode=bench.mode), env=bench.env)
    order = test_workbench.order(bench, f"python3 client.py http://127.0.0.1:{port}/setup", hosts=[f"127.0.0.1:{port}"])
    assert workbench.run(order).tail == f"hello /setup for 127.0.0.1:{port}\n"


def test_nothing_of_the_proxy_is_left_after_a_run(bench: Bench, port: int) -> None:
    def open_now() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(psutil.Process().children(recursive=True))

    agent = bench.shell("echo x", network=Network.MODEL_ONLY, allowed_hosts=[f"127.0.0.1:{port}"])
    agent.run(bench.order())
    before = open_now()
    agent.run(bench.order())
    bench.agent(["/no/such/agent"], network=Network.MODEL_ONLY, allowed_hosts=["a.example"]).run(bench.order())
    assert open_now() == before


WORKER = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.adapters.agents.bench import Bench, Network
bench = Bench(Path({folder!r}))
bench.shell("touch up; sleep 120", network=Network.MODEL_ONLY, allowed_hosts=["a.example"]).run(bench.order())
"""


def words_of(process: psutil.Process) -> str:
    """Its command line; nothing of one that ended meanwhile."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def test_s66_the_proxy_dies_with_a_killed_worker(tmp_path: Path) -> None:
    folder, root = tmp_path / "bench", Path(__file__).parents[3]
    worker = subprocess.Popen([sys.executable, "-c", WORKER.format(root=str(root), folder=str(folder))])
    wait_until((folder / "work/up").exists)
    below = psutil.Process(worker.pid).children(recursive=True)
    assert any("proxy" in words_of(process) for process in below)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    wait_until(lambda: not any(process.is_running() for process in below))


def test_connections_beyond_the_bound_wait_their_turn(bench: Bench, port: int) -> None:
    script = (
        "import socket, sys, urllib.request as u, os\n"
        "proxy = int(os.environ['HTTP_PROXY'].rpartition(':')[2])\n"
        "idle = [socket.create_connection(('127.0.0.1', proxy)) for _ in range(150)]\n"
        "for each in idle: each.close()\n"
        "print(u.urlopen(sys.argv[1], timeout=20).read().decode())"
    )
    told = run(bench, script, f"http://127.0.0.1:{port}/after", hosts=[f"127.0.0.1:{port}"])
    assert "hello /after" in told.tail
