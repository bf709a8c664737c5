"""The first lines of a client of the proxy: understood as the RFC has them, refused in words otherwise."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.agents.asked import NotUnderstood, understood
from orchestrator.adapters.agents.reach import Target


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("CONNECT api.example.com:443 HTTP/1.1", Target("api.example.com", 443)),
        ("CONNECT API.Example.com.:443 HTTP/1.0", Target("api.example.com", 443)),
        ("CONNECT [::1]:8080 HTTP/1.1", Target("::1", 8080)),
        ("GET http://api.example.com/x HTTP/1.1", Target("api.example.com", 80)),
        ("POST http://127.0.0.1:8080 HTTP/1.1", Target("127.0.0.1", 8080)),
    ],
)
def test_the_target_is_what_the_first_line_names(line: str, target: Target) -> None:
    assert understood(head(line, "Host: other.example")).target == target


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1",
        "GET https://api.example.com/ HTTP/1.1",
        "CONNECT api.example.com HTTP/1.1",
        "CONNECT api.example.com:99999 HTTP/1.1",
        "CONNECT user@api.example.com:443 HTTP/1.1",
        "CONNECT api.example.com:443",
        "CONNECT api.exa\tmple.com:443 HTTP/1.1",
        "CONNECT bücher.example:443 HTTP/1.1",
        "CONNECT :443 HTTP/1.1",
        "get http://api.example.com/ HTTP/1.1",
        "",
    ],
)
def test_anything_else_is_not_understood(line: str) -> None:
    with pytest.raises(NotUnderstood):
        understood(head(line))


def test_the_host_gets_the_request_as_its_own_and_one_for_each_connection() -> None:
    told = understood(
        head(
            "POST http://api.example.com:80/a/b?c=d HTTP/1.1",
            "Host: other.example",
            "Proxy-Authorization: Basic x",
            "Proxy-Connection: keep-alive",
            "Connection: keep-alive",
            "Content-Length: 3",
        )
    )
    expected = ["POST /a/b?c=d HTTP/1.1", "Host: api.example.com:80", "Connection: close", "Content-Length: 3", "", ""]
    assert told.first.decode().split("\r\n") == expected


def test_a_tunnel_s_host_is_told_nothing_by_us() -> None:
    assert understood(head("CONNECT api.example.com:443 HTTP/1.1", "User-Agent: x")).first == b""


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(content: bytes) -> None:
    with suppress(NotUnderstood):
        assert understood(content).target.port > 0
