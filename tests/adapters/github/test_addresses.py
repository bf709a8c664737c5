from __future__ import annotations

import pytest

from orchestrator.adapters.github.addresses import addresses, git_url


@pytest.mark.parametrize(
    ("api_url", "graphql", "web"),
    [
        ("https://api.github.com", "https://api.github.com/graphql", "https://github.com"),
        ("https://api.github.com/", "https://api.github.com/graphql", "https://github.com"),
        ("https://ghe.acme.example/api/v3", "https://ghe.acme.example/api/graphql", "https://ghe.acme.example"),
        ("https://ghe.acme.example:8443/api/v3/", "https://ghe.acme.example:8443/api/graphql", "https://ghe.acme.example:8443"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", "https://acme.ghe.com"),
        ("http://127.0.0.1:4000/api/v3", "http://127.0.0.1:4000/api/graphql", "http://127.0.0.1:4000"),
        ("http://localhost:4000/api/v3", "http://localhost:4000/api/graphql", "http://localhost:4000"),
        ("http://[::1]:4000/api/v3", "http://[::1]:4000/api/graphql", "http://[::1]:4000"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000/graphql", "http://127.0.0.1:4000"),
    ],
)
def test_the_rest_address_tells_all_others(api_url: str, graphql: str, web: str) -> None:
    found = addresses(api_url)
    assert (found.api, found.graphql, found.web) == (api_url.rstrip("/"), graphql, web)


@pytest.mark.parametrize(
    ("api_url", "why"),
    [
        ("http://ghe.acme.example/api/v3", "loopback"),
        ("http://127.0.0.1.acme.example/api/v3", "loopback"),
        ("https://ghe.acme.example", "/api/v3"),
        ("https://ghe.acme.example/api/v4", "/api/v3"),
        ("https://github.com/api", "/api/v3"),
        ("https://user:secret@ghe.acme.example/api/v3", "name or password"),
        ("ftp://ghe.acme.example/api/v3", "no web address"),
        ("https:///api/v3", "no web address"),
        ("https://api.github.com?x=1", "no web address"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_with_the_reason(api_url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        addresses(api_url)


def test_a_password_in_the_address_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="name or password") as refused:
        addresses("https://user:secret@ghe.acme.example/api/v3")
    assert "secret" not in str(refused.value)


def test_git_speaks_to_the_host_that_the_rest_address_names() -> None:
    assert git_url("https://api.github.com", "acme/web") == "https://github.com/acme/web.git"
    assert git_url("https://ghe.acme.example/api/v3", "acme/web.js") == "https://ghe.acme.example/acme/web.js.git"
