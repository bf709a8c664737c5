"""Opens the way out of a sandbox: listens on its loopback, hands the listeners to the proxy outside, becomes the agent.

Run by its path with `python -I -S` inside the sandbox. Arguments: the descriptor of a socket to the proxy, the ports of the
outside that are to be found under the same number inside (comma between them, maybe none), then the command. A socket
belongs to the network that it was made in, whoever holds it: the proxy accepts on loopback in here, and no process of ours
stays in the sandbox.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Mapping, Sequence

_BACKLOG = 256
_EXCEPTIONS = ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy")
_ASKED = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")


def main(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Never comes back but with 127, when there is no such program."""
    door, ports, *command = argv
    proxy = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    opened = {0: proxy, **_opened([int(port) for port in ports.split(",") if port])}
    with socket.socket(fileno=int(door)) as outside:
        told = " ".join(str(port) for port in opened)
        socket.send_fds(outside, [told.encode()], [listener.fileno() for listener in opened.values()])
    try:
        os.execvpe(command[0], command, pointed(env, proxy.getsockname()[1]))  # noqa: S606 - a shell would stand between
    except OSError as error:
        sys.stderr.write(f"opener: {command[0]}: {error.strerror}\n")
        return 127


def pointed(env: Mapping[str, str], port: int) -> dict[str, str]:
    """The environment of a program that is to use the proxy on this port for everything."""
    kept = {name: value for name, value in env.items() if name not in _EXCEPTIONS}
    return {**kept, **dict.fromkeys(_ASKED, f"http://127.0.0.1:{port}"), "NODE_USE_ENV_PROXY": "1"}


def _opened(ports: Sequence[int]) -> dict[int, socket.socket]:
    """A listener for each port that can be had: those below 1024 cannot, and are reached through the proxy alone."""
    listeners = {}
    for port in ports:
        with contextlib.suppress(OSError):
            listeners[port] = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    return listeners


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
