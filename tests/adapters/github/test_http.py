from __future__ import annotations

import base64
import contextlib
import logging
import socket
import threading

import pytest

from orchestrator.adapters.github.answers import Declined
from orchestrator.adapters.github.client import GitHubClient
from orchestrator.ports import Refused, Unavailable
from sandbox.github import Fault, GitHub
from tests.adapters.github.desk import REPO, Desk, Odd, odd_server, ref
from tests.conftest import NetworkRefused


def test_every_request_says_who_asks_and_which_version_of_the_api(odd: Odd, odd_github: GitHubClient, odd_desk: Desk) -> None:
    odd.say({"login": "agent-os"})
    odd_github.whoami()
    headers = odd.heard[0].headers
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["user-agent"] == "agent-os"
    assert headers["authorization"] == f"Bearer {odd_desk.token}"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_repeated_until_the_server_is_back(status: int, hub: GitHub, github: GitHubClient) -> None:
    hub.faults.add(Fault("GET /repos/acme/web", "error_before", status=status, times=2))
    assert github.repository(REPO).default_branch == "main"
    assert [request.status for request in hub.ledger] == [status, status, 200]


def test_a_read_whose_connection_breaks_is_repeated(hub: GitHub, github: GitHubClient) -> None:
    hub.faults.add(Fault("*", "drop_before", times=2))
    assert github.repository(REPO).name == REPO


def test_s75_a_server_that_stays_away_is_unavailable(hub: GitHub, github: GitHubClient) -> None:
    hub.faults.add(Fault("*", "error_before", status=502, times=100))
    with pytest.raises(Unavailable, match="502"):
        github.repository(REPO)
    assert len(hub.ledger) == 4


def test_a_500_is_unavailable_at_once(hub: GitHub, github: GitHubClient) -> None:
    hub.faults.add(Fault("*", "error_before", status=500, times=100))
    with pytest.raises(Unavailable, match="500"):
        github.repository(REPO)
    assert len(hub.ledger) == 1


@pytest.mark.parametrize("what", ["drop_before", "drop_after", "error_before", "error_after"])
def test_s72_a_write_is_never_repeated_blindly(what: str, hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.faults.add(Fault("issues/create-comment", what))  # type: ignore[arg-type]  # the table holds the literals as text
    with pytest.raises(Unavailable):
        github.comment(ref(1), "hello")
    assert len(hub.ledger.of("issues/create-comment")) == 1
    assert len(hub.issue(REPO, 1).comments) == (1 if what.endswith("after") else 0)


@pytest.mark.parametrize("operation", ["repos/get", "graphql"])
def test_a_truncated_answer_is_unavailable(operation: str, hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.faults.add(Fault(operation, "truncate", times=100))
    with pytest.raises(Unavailable):
        github.repository(REPO) if operation == "repos/get" else github.histories([ref(1)], {})


@pytest.mark.parametrize(
    "body", [b"<html>no</html>", b"", b"[]", b'{"full_name": "acme/web"}', b'{"default_branch": null}', b"\xff"]
)
def test_an_answer_that_is_not_as_described_is_unavailable(body: bytes, odd: Odd, odd_github: GitHubClient) -> None:
    odd.say(body)
    with pytest.raises(Unavailable, match="not as expected"):
        odd_github.repository(REPO)


def test_nobody_listening_is_unavailable_and_says_why(odd_desk: Desk) -> None:
    with odd_server() as gone:
        odd_desk.api_url = f"{gone.url}/api/v3"
    with odd_desk.client() as client, pytest.raises(Unavailable, match="Connection refused"):
        client.whoami()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 451])
def test_a_no_is_refused_with_github_s_words(status: int, odd: Odd, odd_github: GitHubClient) -> None:
    odd.say({"message": "Validation Failed", "errors": [{"field": "title", "code": "missing"}, "and more"]}, status)
    with pytest.raises(Refused, match=f"{status} Validation Failed; title missing; and more"):
        odd_github.repository(REPO)


def test_a_deleted_issue_is_refused(hub: GitHub, github: GitHubClient) -> None:
    hub.add_issue(REPO, title="One")
    hub.delete_issue(REPO, 1)
    with pytest.raises(Declined, match="410 This issue was deleted"):
        github.issue(ref(1))


def test_a_revoked_token_is_refused(hub: GitHub, desk: Desk, github: GitHubClient) -> None:
    hub.revoke_token(desk.token)
    with pytest.raises(Refused, match="401 Bad credentials"):
        github.repository(REPO)


def test_s65_a_repository_that_moved_is_not_followed(hub: GitHub, github: GitHubClient) -> None:
    hub.rename_repo(REPO, "site")
    with pytest.raises(Refused, match=r"301 it moved to http.*/acme/site; .*write its present name into config\.yaml"):
        github.repository(REPO)


def test_a_redirect_to_another_host_never_sees_the_token(odd: Odd, odd_github: GitHubClient) -> None:
    with odd_server() as thief:
        thief.say({"login": "agent-os"})
        odd.say(None, 302, Location=f"{thief.url}/user")
        with pytest.raises(Refused, match="302"):
            odd_github.whoami()
    assert thief.heard == []


def test_there_is_no_request_without_a_token(hub: GitHub, desk: Desk) -> None:
    with (
        GitHubClient(desk.config(), lambda: None, desk.state, desk.clock) as client,
        pytest.raises(Refused, match="no GitHub token"),
    ):
        client.whoami()
    assert len(hub.ledger) == 0


@pytest.mark.parametrize("token", ["ghp_a\nb", "ghp_ü", "two words", "ghp_a\r\nX-Evil: 1"])
def test_s81_a_broken_token_is_refused_without_being_shown(token: str, hub: GitHub, desk: Desk) -> None:
    with desk.client(token) as client, pytest.raises(Refused) as refused:
        client.whoami()
    assert token not in str(refused.value)
    assert len(hub.ledger) == 0


def test_s81_the_token_is_in_no_log_no_error_and_no_file(
    hub: GitHub, desk: Desk, github: GitHubClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.faults.add(Fault("*", "drop_before", times=4))
    with pytest.raises(Unavailable) as silent:
        github.repository(REPO)
    github.repository(REPO)
    written = [path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()]
    assert desk.token not in caplog.text + str(silent.value) + repr(github.__dict__)
    assert all(desk.token.encode() not in content for content in written)
    assert silent.value.__cause__ is None


def test_the_token_is_asked_for_once_and_with_the_first_request(desk: Desk) -> None:
    asked: list[str] = []

    def token() -> str:
        asked.append("token")
        return desk.token

    with GitHubClient(desk.config(), token, desk.state, desk.clock) as client:
        assert asked == []
        client.whoami()
        client.repository(REPO)
    assert asked == ["token"]


def test_a_netrc_file_does_not_replace_the_token(
    odd: Odd, odd_github: GitHubClient, odd_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = odd_desk.folder / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    odd.say({"login": "agent-os"})
    odd_github.whoami()
    assert odd.heard[0].headers["authorization"] == f"Bearer {odd_desk.token}"


def through_proxy(desk: Desk, monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[bytes]:
    """What a proxy hears when GitHub is asked with these variables; `PLACE` in them is its address."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(10)
        for name, value in variables.items():
            monkeypatch.setenv(name, value.replace("PLACE", f"127.0.0.1:{proxy.getsockname()[1]}"))

        def refuse() -> None:
            with contextlib.suppress(OSError):  # the proxy is closed: the test is over
                while True:
                    line, _ = proxy.accept()
                    with line:
                        heard.append(line.recv(4096))
                        line.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

        desk.api_url = "https://api.localhost"  # encrypted, so not taken for a stand-in; nobody listens there
        listener = threading.Thread(target=refuse)
        listener.start()
        try:
            with desk.client() as client, pytest.raises(Unavailable):
                client.whoami()
        finally:
            proxy.shutdown(socket.SHUT_RDWR)
            listener.join(10)
    return heard


def test_a_proxy_that_the_environment_names_is_used_with_its_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = through_proxy(desk, monkeypatch, HTTPS_PROXY="http://us%40er:secret@PLACE")
    assert heard[0].startswith(b"CONNECT api.localhost:443 ")
    assert b"Basic " + base64.b64encode(b"us@er:secret") in heard[0]
    assert desk.token.encode() not in b"".join(heard)


def test_no_proxy_is_asked_for_a_host_that_the_environment_excludes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkRefused, match=r"api\.localhost"):  # it looks for the host itself
        through_proxy(desk, monkeypatch, HTTPS_PROXY="PLACE", NO_PROXY="localhost")
