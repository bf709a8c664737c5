"""Git over HTTP with the real git client."""

import gzip
import http.client
from pathlib import Path

import pytest

from tests.sandbox.github.office import REPO, Client, Office


def _push(client: Client, work: Path, *refspec: str) -> tuple[int, str]:
    done = client.git(work, "push", "origin", *refspec)
    return done.returncode, done.stderr


def test_what_is_cloned_changed_and_pushed_is_there(office: Office, tmp_path: Path) -> None:
    work = office.bot.clone(tmp_path / "bot")
    sha = office.bot.commit(work, {"new.txt": "new\n"})
    assert _push(office.bot, work, "HEAD:refs/heads/agent/1-x")[0] == 0
    assert office.github.head_of(REPO, "agent/1-x") == sha


def test_a_push_moves_the_head_of_its_pull_request(office: Office, tmp_path: Path) -> None:
    number = office.pull("work")
    work = office.bot.clone(tmp_path / "bot")
    office.bot.git(work, "checkout", "--quiet", "work")
    sha = office.bot.commit(work, {"more.txt": "more\n"})
    _push(office.bot, work, "work")
    assert office.github.pull(REPO, number).head_sha == sha


def test_git_asks_for_credentials_and_refuses_wrong_ones(office: Office, tmp_path: Path) -> None:
    office.github.revoke_token(office.mallory.token)
    done = office.mallory.git(tmp_path, "ls-remote", f"{office.github.web_url}/{REPO}.git")
    assert done.returncode != 0
    assert "could not read Username" in done.stderr or "Authentication failed" in done.stderr


def test_a_stranger_finds_no_repository(office: Office, tmp_path: Path) -> None:
    done = office.mallory.git(tmp_path, "ls-remote", f"{office.github.web_url}/{REPO}.git")
    assert (done.returncode != 0, "not found" in done.stderr) == (True, True)


def test_a_reader_fetches_but_does_not_push(office: Office, tmp_path: Path) -> None:
    work = office.reader.clone(tmp_path / "reader")
    office.reader.commit(work, {"new.txt": "new\n"})
    code, said = _push(office.reader, work, "HEAD:refs/heads/mine")
    assert code != 0
    assert "403" in said
    assert office.github.head_of(REPO, "mine") is None


@pytest.mark.parametrize("refspec", ["HEAD:refs/heads/main", ":refs/heads/main", "+HEAD~2:refs/heads/main"])
def test_a_protected_branch_takes_no_direct_push_no_force_and_no_deletion(office: Office, tmp_path: Path, refspec: str) -> None:
    office.github.push_commit(REPO, "main", {"second": "x"})
    before = office.github.head_of(REPO, "main")
    office.github.protect(REPO, "main", require_pull_request=True)
    work = office.alice.clone(tmp_path / "alice")
    office.alice.commit(work, {"new.txt": "new\n"})
    code, said = _push(office.alice, work, refspec)
    assert code != 0
    assert "GH006: Protected branch update failed for refs/heads/main" in said
    assert office.github.head_of(REPO, "main") == before


def test_admins_pass_a_protection_that_does_not_bind_them(office: Office, tmp_path: Path) -> None:
    office.github.protect(REPO, "main", require_pull_request=True, enforce_admins=False)
    for client, passes in ((office.bot, False), (office.alice, True)):
        work = client.clone(tmp_path / client.token)
        client.commit(work, {f"{client.token}.txt": "new\n"})
        assert (_push(client, work, "HEAD:refs/heads/main")[0] == 0) is passes


def test_a_lease_on_a_branch_that_moved_is_refused(office: Office, tmp_path: Path) -> None:
    old = office.github.push_commit(REPO, "work", {"a": "a"})
    new = office.github.push_commit(REPO, "work", {"b": "b"})
    work = office.bot.clone(tmp_path / "bot")
    sha = office.bot.commit(work, {"c": "c"})
    assert _push(office.bot, work, f"--force-with-lease=refs/heads/work:{old}", f"{sha}:refs/heads/work")[0] != 0
    assert _push(office.bot, work, f"--force-with-lease=refs/heads/work:{new}", f"{sha}:refs/heads/work")[0] == 0


def test_workflow_files_are_pushed_only_with_the_workflow_scope(office: Office, tmp_path: Path) -> None:
    keeper = Client(office.github, office.github.add_token("alice", scopes=("repo", "workflow")))
    keeper.session.close()
    work = office.bot.clone(tmp_path / "bot")
    office.bot.commit(work, {".github/workflows/ci.yml": "jobs: {}\n"})
    code, said = _push(office.bot, work, "HEAD:refs/heads/sneaky")
    assert code != 0
    assert "without `workflow` scope" in said
    assert _push(keeper, work, "HEAD:refs/heads/open")[0] == 0


def test_a_large_push_arrives_whole_in_chunks(office: Office, tmp_path: Path) -> None:
    work = office.bot.clone(tmp_path / "bot")
    lines = "".join(f"{number * 2654435761 % 2**32:08x}\n" for number in range(400_000))
    sha = office.bot.commit(work, {"large.txt": lines})
    assert _push(office.bot, work, "HEAD:refs/heads/large")[0] == 0
    assert office.github.head_of(REPO, "large") == sha
    assert office.github.file_at(REPO, "large", "large.txt") == lines


def test_a_gzipped_request_body_is_understood(office: Office) -> None:
    connection = http.client.HTTPConnection(office.github.web_url.removeprefix("http://"), timeout=10)
    headers = {"Authorization": f"Bearer {office.bot.token}", "Content-Encoding": "gzip"}
    connection.request("POST", f"/api/v3/repos/{REPO}/issues", gzip.compress(b'{"title": "packed"}'), headers)
    assert connection.getresponse().status == 201
    connection.close()
    assert office.github.issue(REPO, 1).title == "packed"


def test_a_pull_request_can_be_fetched_by_its_number(office: Office, tmp_path: Path) -> None:
    number = office.pull("work")
    work = office.bot.clone(tmp_path / "bot")
    office.bot.git(work, "fetch", "origin", f"refs/pull/{number}/head")
    assert office.bot.git(work, "rev-parse", "FETCH_HEAD").stdout.strip() == office.github.head_of(REPO, "work")


def test_a_public_repository_is_cloned_without_a_token(office: Office, tmp_path: Path) -> None:
    office.github.add_repo("acme/open", private=False)
    stranger = Client(office.github, "")
    stranger.session.close()
    done = stranger.git(tmp_path, "-c", "http.extraHeader=", "ls-remote", f"{office.github.web_url}/acme/open.git")
    assert done.returncode == 0, done.stderr


def test_a_renamed_repository_is_still_pushed_to_by_its_old_name(office: Office, tmp_path: Path) -> None:
    work = office.bot.clone(tmp_path / "bot")
    office.github.rename_repo(REPO, "shop")
    office.bot.commit(work, {"new.txt": "new\n"})
    assert _push(office.bot, work, "HEAD:refs/heads/work")[0] == 0
    assert office.github.head_of("acme/shop", "work")


def test_refs_are_listed_as_git_itself_lists_them(office: Office, tmp_path: Path) -> None:
    office.pull("work")
    path = office.github.repo(REPO).path
    url = f"{office.github.web_url}/{REPO}.git"
    asked: tuple[list[str], ...] = ([], ["--symref"], ["refs/heads/main"], ["work"], ["--heads"], ["nothing"])
    for words in asked:
        flags, names = [word for word in words if word[0] == "-"], [word for word in words if word[0] != "-"]
        there, here = (office.bot.git(tmp_path, "ls-remote", *flags, place, *names).stdout for place in (url, str(path)))
        assert there == here, words


def test_tags_are_listed_with_what_they_point_at(office: Office, tmp_path: Path) -> None:
    work = office.bot.clone(tmp_path / "clone")
    office.bot.git(work, "tag", "-a", "-m", "one", "v1")
    assert office.bot.git(work, "push", "--quiet", "origin", "v1").returncode == 0
    told = office.bot.git(work, "ls-remote", "--tags", "origin").stdout
    assert f"{office.github.head_of(REPO, 'main')}\trefs/tags/v1^{{}}" in told
