"""The proxy outside the sandbox: serves listeners that were made inside it, and connects to allowed hosts alone.

A process of its own, without credentials: what an agent sends is never parsed where tokens are. It ends with the worker.
It gets the listeners over a socket from `opener.py`, and says on its output, line by line, what it refused.
"""

from __future__ import annotations

import ctypes
import os
import resource
import selectors
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from orchestrator.adapters.agents.asked import END, HEAD_BYTES, Asked, NotUnderstood, understood
from orchestrator.adapters.agents.reach import Address, Entry, Target, address_of, entry_for, entry_of

MOST_CONNECTIONS = 128
_MOST_LISTENERS = 64
_MOST_NAMES = 200
_HEAD_SECONDS = 60
_CONNECT_SECONDS = 15
_PIECE = 65_536
_STACK_BYTES = 512 * 1024
_MEMORY_BYTES = 2 << 30  # of address space; a few dozen MB are ever used
_FILES = 1024
_PR_SET_PDEATHSIG = 1  # prctl(2)
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Refused(Exception):
    """The client is told no: status line and sentence."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def main(argv: Sequence[str]) -> None:
    """Arguments: the number of the process that must stay alive, the socket's descriptor, then the allowed hosts."""
    parent, told, *allowed = argv
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        return  # it was gone before we asked to be told
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    threading.stack_size(_STACK_BYTES)
    with socket.socket(fileno=int(told)) as door:
        listeners = _received(door)
    if listeners:
        Proxy([entry_of(text) for text in allowed], Refusals()).serve(listeners)


def _received(door: socket.socket) -> list[tuple[int, socket.socket]]:
    """The listeners from inside with the ports of ours that they stand for; 0 is the proxy itself."""
    message, fds, _, _ = socket.recv_fds(door, 4096, _MOST_LISTENERS)
    ports = [int(word) for word in message.split()]
    return [(port, socket.socket(fileno=fd)) for port, fd in zip(ports, fds, strict=True)]


class Refusals:
    """Says each refused target once, then with its number at 10, 100, 1000 …: an agent cannot flood the log."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, target: Target, why: str = "") -> None:
        """One more connection to the target was refused."""
        with self._lock:
            known = str(target) in self._seen or len(self._seen) < _MOST_NAMES
            name = str(target) if known else "still other hosts"
            self._seen[name] += 1
            count = self._seen[name]
        if str(count).strip("0") == "1":
            times = f" ({count} times)" if count > 1 else ""
            _say(f"refused connection to {name}{why}{times}")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


class Proxy:
    """Serves connections, each in a thread of its own, at most MOST_CONNECTIONS at a time; more wait in the queue."""

    def __init__(self, entries: Sequence[Entry], refusals: Refusals) -> None:
        self._entries, self._refusals = entries, refusals
        self._room = threading.Semaphore(MOST_CONNECTIONS)

    def serve(self, listeners: Sequence[tuple[int, socket.socket]]) -> None:
        """Serve for ever."""
        with selectors.DefaultSelector() as selector:
            for port, listener in listeners:
                listener.setblocking(False)
                selector.register(listener, selectors.EVENT_READ, port)
            while True:
                for key, _ in selector.select():
                    assert isinstance(key.fileobj, socket.socket)
                    self._accept(key.fileobj, key.data)

    def _accept(self, listener: socket.socket, port: int) -> None:
        self._room.acquire()
        try:
            client, _ = listener.accept()
            client.setblocking(True)
            threading.Thread(target=self._attend, args=(client, port), daemon=True).start()
        except (OSError, RuntimeError):  # it went away meanwhile; no thread is to be had
            self._room.release()

    def _attend(self, client: socket.socket, port: int) -> None:
        """One connection from its first byte to its last."""
        try:
            with client, suppress(OSError, RuntimeError):  # an end went away; no thread is to be had
                if port:
                    _tunnel(client, port)
                else:
                    self._answer(client)
        finally:
            self._room.release()

    def _answer(self, client: socket.socket) -> None:
        try:
            asked, rest = _asked(client)
            with self._connected(asked.target) as host:
                if asked.first:
                    host.sendall(asked.first)
                else:
                    client.sendall(_ESTABLISHED)
                host.sendall(rest)
                _relay(client, host)
        except Refused as no:
            _tell(client, no)

    def _connected(self, target: Target) -> socket.socket:
        """A connection to the target, to an address that was looked at. Raises Refused."""
        entry = entry_for(target, self._entries)
        if entry is None:
            self._refusals.note(target)
            raise Refused("403 Forbidden", f"{target} is not among the allowed hosts of this sandbox")
        addresses = _addresses(target)
        admitted = [address for address in addresses if entry.admits(_parsed(address))]
        if not admitted:
            self._refusals.note(target, f" (its address {addresses[0]} is not public)")
            raise Refused("403 Forbidden", f"{target} has the address {addresses[0]}, which is not a public one")
        return _first_to_answer(admitted, target)


def _tunnel(client: socket.socket, port: int) -> None:
    """To the same port of our own loopback."""
    with socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS) as host:
        host.settimeout(None)
        _relay(client, host)


def _asked(client: socket.socket) -> tuple[Asked, bytes]:
    """The request's head, and what came with it already. Raises Refused."""
    client.settimeout(_HEAD_SECONDS)
    head = b""
    while END not in head:
        piece = client.recv(_PIECE)
        head += piece
        if END not in head and (not piece or len(head) > HEAD_BYTES):
            raise Refused("400 Bad Request", "the request's head has no end")
    client.settimeout(None)
    first, _, rest = head.partition(END)
    try:
        return understood(first + END), rest
    except NotUnderstood as problem:
        raise Refused("400 Bad Request", str(problem)) from None


def _addresses(target: Target) -> list[str]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused("502 Bad Gateway", f"{target.host} has no address") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _parsed(address: str) -> Address:
    parsed = address_of(address.partition("%")[0])
    assert parsed is not None, "getaddrinfo answers with addresses"
    return parsed


def _first_to_answer(addresses: Sequence[str], target: Target) -> socket.socket:
    for address in addresses:
        with suppress(OSError):
            host = socket.create_connection((address, target.port), _CONNECT_SECONDS)
            host.settimeout(None)
            return host
    raise Refused("502 Bad Gateway", f"{target} does not answer")


def _tell(client: socket.socket, no: Refused) -> None:
    body = f"agentos proxy: {no.sentence}\n".encode()
    head = f"HTTP/1.1 {no.status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    client.sendall(head.encode() + body)


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until both ends have said their last."""
    back = threading.Thread(target=_pump, args=(other, one), daemon=True)
    back.start()
    _pump(one, other)
    back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
        return
    for end in (source, sink):  # one of them is gone: neither is waited for
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
