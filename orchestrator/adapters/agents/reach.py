"""What an agent behind the proxy may reach: the entries of `allowed_hosts`, and no address of this machine or its network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_USUAL_PORT = 443
_LAST_PORT = 65_535
_LOCAL = "localhost"
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address


@dataclass(frozen=True, slots=True)
class Target:
    """Where somebody wants to go: a host's name or address in small letters, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `allowed_hosts`: a name, or with `is_below` every name below it; `names_port` when it says the port."""

    name: str
    port: int
    is_below: bool
    names_port: bool

    def covers(self, target: Target) -> bool:
        """Whether it speaks of this host and port. `*.name` does not cover the name itself."""
        if target.port != self.port:
            return False
        return target.host.endswith(f".{self.name}") if self.is_below else target.host == self.name

    def admits(self, address: Address) -> bool:
        """Whether a connection to `address` may be made for it: one of the public internet, or one that it names itself.

        A name may mean any address tomorrow, so only an address (or localhost) together with its port opens an inner one.
        """
        if is_public(address):
            return True
        if not self.names_port or self.is_below:
            return False
        return address.is_loopback if self.name == _LOCAL else self.name == str(address)

    @property
    def is_here(self) -> bool:
        """Whether it names a port of this machine's own loopback."""
        return self.names_port and not self.is_below and self.name in (_LOCAL, "127.0.0.1")


def entry_of(text: str) -> Entry:
    """Parse `name`, `*.name`, `name:port`; the settings have checked its form. Raises ValueError when it is none of these."""
    name, colon, port = text.lower().rstrip(".").partition(":")
    return Entry(name.removeprefix("*."), int(port) if colon else _USUAL_PORT, name.startswith("*."), bool(colon))


def entry_for(target: Target, entries: Iterable[Entry]) -> Entry | None:
    """The entry that covers the target, None when it is not among those allowed."""
    return next((entry for entry in entries if entry.covers(target)), None)


def here(entries: Sequence[Entry]) -> list[int]:
    """The ports of our own loopback that may be reached; clients go there directly, past any proxy."""
    return list(dict.fromkeys(entry.port for entry in entries if entry.is_here and entry.port <= _LAST_PORT))


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet, whichever way it is written."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that a gateway would make of an IPv6 one."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def address_of(host: str) -> Address | None:
    """The host as an address when it is written as one."""
    try:
        return ip_address(host)
    except ValueError:
        return None
