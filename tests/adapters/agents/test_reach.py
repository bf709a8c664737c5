"""What an entry of allowed_hosts covers, and to which addresses it leads."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from orchestrator.adapters.agents.reach import Target, entry_for, entry_of, here, is_public

COVERED = [
    ("api.example.com", "api.example.com", 443, True),
    ("API.Example.com.", "api.example.com", 443, True),
    ("api.example.com", "api.example.com", 80, False),
    ("api.example.com", "example.com", 443, False),
    ("api.example.com", "x.api.example.com", 443, False),
    ("api.example.com", "api.example.com.evil.example", 443, False),
    ("api.example.com:80", "api.example.com", 80, True),
    ("api.example.com:80", "api.example.com", 443, False),
    ("*.example.com", "api.example.com", 443, True),
    ("*.example.com", "a.b.example.com", 443, True),
    ("*.example.com", "example.com", 443, False),
    ("*.example.com", "badexample.com", 443, False),
    ("127.0.0.1:8080", "127.0.0.1", 8080, True),
    ("127.0.0.1:8080", "127.1", 8080, False),
    ("127.0.0.1:8080", "localhost", 8080, False),
]
ADMITTED = [
    ("api.example.com", "93.184.215.14", True),
    ("api.example.com", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
    ("api.example.com", "127.0.0.1", False),
    ("api.example.com:8080", "127.0.0.1", False),
    ("api.example.com:8080", "10.0.0.1", False),
    ("*.example.com:8080", "10.0.0.1", False),
    ("localhost", "127.0.0.1", False),
    ("localhost:8080", "127.0.0.1", True),
    ("localhost:8080", "::1", True),
    ("localhost:8080", "10.0.0.1", False),
    ("127.0.0.1", "127.0.0.1", False),
    ("127.0.0.1:8080", "127.0.0.1", True),
    ("127.0.0.1:8080", "127.0.0.2", False),
    ("10.1.2.3:8080", "10.1.2.3", True),
    ("169.254.169.254", "169.254.169.254", False),
]
INNER = ("0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.168.0.1 198.18.0.1 224.0.0.1 240.0.0.1 "
         "255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1:: fe80::1 fec0::1 fd00::1 "
         "ff02::1 2001:db8::1")  # fmt: skip


@pytest.mark.parametrize(("entry", "host", "port", "expected"), COVERED)
def test_an_entry_covers_its_name_and_its_port_alone(entry: str, host: str, port: int, expected: bool) -> None:
    assert (entry_for(Target(host, port), [entry_of(entry)]) is not None) is expected


@pytest.mark.parametrize(("entry", "address", "expected"), ADMITTED)
def test_an_inner_address_is_reached_only_where_it_is_named_with_its_port(entry: str, address: str, expected: bool) -> None:
    assert entry_of(entry).admits(ip_address(address)) is expected


@pytest.mark.parametrize("address", INNER.split())
def test_an_address_of_the_inside_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_ports_of_our_own_loopback_are_those_named() -> None:
    entries = [
        "127.0.0.1:8080",
        "localhost:8080",
        "localhost:9090",
        "localhost",
        "api.example.com:80",
        "10.0.0.1:70",
        "localhost:99999",
    ]
    assert here([entry_of(entry) for entry in entries]) == [8080, 9090]
