"""Who may do what, and what the headers say."""

import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from sandbox.github import GitHub
from tests.sandbox.github.office import REPO, Office


def test_without_a_token_nothing_is_answered(office: Office) -> None:
    answer = requests.get(f"{office.github.api_url}/repos/{REPO}", timeout=10)
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication")


def test_a_wrong_or_revoked_token_is_refused(office: Office) -> None:
    office.github.revoke_token(office.bot.token)
    answer = office.bot("GET", "/user")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_user_tells_login_and_scopes(office: Office) -> None:
    answer = office.bot("GET", "/user")
    assert answer.json()["login"] == "agent-bot"
    assert answer.headers["X-OAuth-Scopes"] == "repo, project"


def test_a_private_repository_does_not_exist_for_a_stranger(office: Office) -> None:
    assert office.mallory("GET", f"/repos/{REPO}").status_code == 404


def test_a_public_repository_is_read_by_all_and_written_by_few(office: Office) -> None:
    office.github.add_repo("acme/open", private=False)
    assert office.mallory.get("/repos/acme/open")["permissions"]["push"] is False
    assert office.mallory("POST", "/repos/acme/open/labels", {"name": "x"}).status_code == 403


def test_an_owner_of_another_name_in_the_path_is_another_repository(office: Office) -> None:
    assert office.bot("GET", "/repos/other/web").status_code == 404


def test_a_renamed_repository_answers_301_with_its_new_address(office: Office) -> None:
    office.github.rename_repo(REPO, "shop")
    answer = office.bot("GET", f"/repos/{REPO}/issues?state=all")
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith("/repos/acme/shop/issues?state=all")
    assert office.bot.get(answer.headers["Location"]) == []


@pytest.mark.parametrize(
    ("login", "permission", "role"), [("alice", "admin", "admin"), ("tina", "read", "triage"), ("mallory", "none", "none")]
)
def test_collaborator_permission_has_the_old_word_and_the_role(office: Office, login: str, permission: str, role: str) -> None:
    told = office.bot.get(f"/repos/{REPO}/collaborators/{login}/permission")
    assert (told["permission"], told["role_name"], told["user"]["login"]) == (permission, role, login)


def test_an_unknown_address_is_404(office: Office) -> None:
    assert office.bot("GET", "/nothing/here").status_code == 404


def test_a_request_against_the_description_is_422_with_its_reason(office: Office) -> None:
    answer = office.bot("POST", f"/repos/{REPO}/issues", {"body": "no title"})
    assert answer.status_code == 422
    assert "title" in answer.json()["message"]
    assert office.bot("GET", f"/repos/{REPO}/issues?state=ajar").status_code == 422


def test_a_request_against_the_description_is_refused_each_time_and_a_good_one_beside_it_is_not(office: Office) -> None:
    tried = ({"body": "no title"}, {"title": "One"}, {"body": "no title"}, {"title": "One"})
    assert [office.bot("POST", f"/repos/{REPO}/issues", asked).status_code for asked in tried] == [422, 201, 422, 201]


def test_what_is_no_json_is_400(office: Office) -> None:
    answer = office.bot.session.post(f"{office.github.api_url}/repos/{REPO}/issues", data=b"{", timeout=10)
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_an_unchanged_answer_is_304_and_costs_nothing(office: Office) -> None:
    first = office.bot("GET", f"/repos/{REPO}/issues")
    again = office.bot("GET", f"/repos/{REPO}/issues", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]


def test_a_changed_answer_is_200_although_a_tag_is_given(office: Office) -> None:
    first = office.bot("GET", f"/repos/{REPO}/issues")
    office.issue()
    again = office.bot("GET", f"/repos/{REPO}/issues", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, len(again.json())) == (200, 1)


def test_the_primary_limit_is_counted_down_and_then_refuses(office: Office) -> None:
    office.github.rate_limit(limit=10, remaining=1, reset_in=60)
    last = office.bot("GET", "/user")
    refused = office.bot("GET", "/user")
    assert (last.status_code, last.headers["X-RateLimit-Remaining"]) == (200, "0")
    assert refused.status_code == 403
    assert "rate limit" in refused.json()["message"]
    assert 50 < int(refused.headers["X-RateLimit-Reset"]) - time.time() <= 61


def test_asking_for_the_limit_costs_nothing(office: Office) -> None:
    office.github.rate_limit(limit=10, remaining=0, reset_in=60)
    assert office.bot.get("/rate_limit")["rate"]["remaining"] == 0


def test_every_answer_has_a_date_and_a_request_id(office: Office) -> None:
    headers = office.bot("GET", "/user").headers
    assert abs(parsedate_to_datetime(headers["Date"]).timestamp() - time.time()) < 5
    assert headers["X-GitHub-Request-Id"]


def test_two_stand_ins_know_nothing_of_each_other(office: Office, tmp_path_factory: pytest.TempPathFactory) -> None:
    with GitHub(tmp_path_factory.mktemp("second")) as other:
        assert other.api_url != office.github.api_url
        assert office.bot("GET", f"{other.api_url}/user").status_code == 401
