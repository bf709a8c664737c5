"""Forks, pull requests from them, and pull requests of bots."""

from pathlib import Path

import pytest

from tests.sandbox.github.office import REPO, Client, Office

FORK = "mallory/web"
PULLS = f"/repos/{REPO}/pulls"
ASKS = "on: {}\njobs:\n  tests:\n    steps:\n      - run: echo $GITHUB_REF && test -e fork.txt && test -e base.txt\n"
ENDS = (
    'query($n: Int!) { repository(owner: "acme", name: "web") { pullRequest(number: $n)'
    " { isCrossRepository headRefName headRepository { nameWithOwner } } } }"
)


@pytest.fixture
def forked(office: Office) -> Office:
    office.github.set_permission(REPO, "mallory", "read")
    office.github.fork(REPO, "mallory")
    return office


def _propose(office: Office, branch: str = "work") -> int:
    """A pull request by mallory from a branch of the fork: its number."""
    office.github.push_commit(FORK, branch, {"fork.txt": "from the fork\n"}, "mallory")
    answer = office.mallory("POST", PULLS, {"title": "x", "head": f"mallory:{branch}", "base": "main"})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["number"]
    return number


def _checks(client: Client, ref: str) -> dict[str, str]:
    told = client.get(f"/repos/{REPO}/commits/{ref}/check-runs")["check_runs"]
    return {one["name"]: one["conclusion"] for one in told}


def test_a_pull_request_from_a_fork_says_where_it_comes_from(forked: Office) -> None:
    number = _propose(forked)
    head = forked.bot.get(f"{PULLS}/{number}")["head"]
    assert (head["label"], head["repo"]["full_name"], head["repo"]["fork"]) == ("mallory:work", FORK, True)
    told = forked.bot.query(ENDS, n=number)["data"]["repository"]["pullRequest"]
    assert told == {"isCrossRepository": True, "headRefName": "work", "headRepository": {"nameWithOwner": FORK}}
    assert [one["number"] for one in forked.bot.get(f"{PULLS}?head=mallory:work")] == [number]


def test_a_branch_of_the_same_name_in_a_fork_is_another_head(forked: Office) -> None:
    ours, theirs = forked.pull("work"), _propose(forked, "work")
    forked.github.push_commit(FORK, "work", {"more": "x"}, "mallory")
    heads = [forked.github.pull(REPO, number).head_sha for number in (ours, theirs)]
    assert heads == [forked.github.head_of(REPO, "work"), forked.github.head_of(FORK, "work")]
    forked.github.delete_branch(FORK, "work")
    assert [forked.github.issue(REPO, number).state for number in (ours, theirs)] == ["open", "closed"]


def test_the_owner_of_a_fork_pushes_to_it_and_not_to_us(forked: Office, tmp_path: Path) -> None:
    number = _propose(forked)
    work = forked.mallory.clone(tmp_path / "fork", FORK)
    forked.mallory.git(work, "checkout", "--quiet", "work")
    sha = forked.mallory.commit(work, {"more.txt": "x"})
    assert forked.mallory.git(work, "push", "--quiet", "origin", "work").returncode == 0
    assert forked.github.pull(REPO, number).head_sha == sha
    assert forked.mallory.git(work, "push", f"{forked.github.web_url}/{REPO}.git", "work").returncode != 0


def test_the_head_of_every_pull_request_can_be_fetched_from_us(forked: Office, tmp_path: Path) -> None:
    number = _propose(forked)
    work = forked.bot.clone(tmp_path / "clone")
    assert forked.bot.git(work, "fetch", "--quiet", "origin", f"refs/pull/{number}/head").returncode == 0
    assert forked.bot.git(work, "rev-parse", "FETCH_HEAD").stdout.strip() == forked.github.head_of(FORK, "work")


def test_a_pull_request_outlives_its_fork_without_a_head_repository(forked: Office) -> None:
    number = _propose(forked)
    forked.github.delete_repo(FORK)
    told = forked.bot.get(f"{PULLS}/{number}")
    assert (told["state"], told["head"]["repo"], told["head"]["label"]) == ("open", None, "mallory:work")
    asked = forked.bot.query(ENDS, n=number)["data"]["repository"]["pullRequest"]
    assert (asked["isCrossRepository"], asked["headRepository"]) == (True, None)
    assert forked.github.fork(REPO, "mallory").full_name == FORK, "a new fork may take its name"
    assert forked.bot.get(f"{PULLS}/{number}")["head"]["repo"] is None


def test_a_pull_request_from_a_fork_is_merged(forked: Office) -> None:
    number = _propose(forked)
    assert forked.merge(number).status_code == 200
    assert forked.github.file_at(REPO, "main", "fork.txt") == "from the fork\n"
    assert forked.bot.get(f"/repos/{REPO}/commits/main")["commit"]["message"].startswith(
        "Merge pull request #1 from mallory/work"
    )


def test_only_who_may_write_to_a_fork_proposes_from_it_or_brings_it_up_to_date(forked: Office) -> None:
    forked.github.push_commit(FORK, "work", {"fork.txt": "x"}, "mallory")
    body = {"title": "x", "head": "mallory:work", "base": "main"}
    assert forked.bot("POST", PULLS, body).status_code == 403
    assert forked.mallory("POST", PULLS, {**body, "head": "nobody:work"}).json()["errors"][0]["field"] == "head"
    number = forked.mallory("POST", PULLS, body).json()["number"]
    forked.github.push_commit(REPO, "main", {"later": "x"})
    assert forked.bot("PUT", f"{PULLS}/{number}/update-branch").status_code == 403


@pytest.mark.parametrize(("event", "ran"), [("[pull_request]", {"tests": "success"}), ("[push]", {})])
def test_ci_of_a_fork_runs_for_the_proposal_and_not_for_the_push(forked: Office, event: str, ran: dict[str, str]) -> None:
    files = {".github/workflows/ci.yml": ASKS.format(event), "base.txt": "x"}
    forked.github.push_commit(REPO, "main", files)
    forked.github.fork(REPO, "mallory2")
    forked.github.push_commit("mallory2/web", "work", {"fork.txt": "x"}, "mallory2")
    number = forked.github.open_pull(REPO, head="mallory2:work", author="mallory2", title="x").number
    forked.github.push_commit(REPO, "main", {"base.txt": "moved"})
    assert forked.github.ci_idle()
    assert _checks(forked.bot, forked.github.pull(REPO, number).head_sha) == ran


def test_ci_for_a_proposal_tests_the_trial_merge_and_tells_the_head(office: Office) -> None:
    office.github.push_commit(REPO, "main", {".github/workflows/ci.yml": ASKS.format("pull_request")})
    office.github.push_commit(REPO, "work", {"fork.txt": "x"})
    office.github.push_commit(REPO, "main", {"base.txt": "only on the base"})
    number = office.github.open_pull(REPO, head="work", title="x").number
    assert office.github.ci_idle()
    head = office.github.pull(REPO, number).head_sha
    assert _checks(office.bot, head) == {"tests": "success"}
    [run] = office.bot.get(f"/repos/{REPO}/actions/runs?event=pull_request")["workflow_runs"]
    assert (run["head_sha"], run["head_branch"]) == (head, "work")


def test_dependabot_proposes_in_its_own_words(office: Office) -> None:
    issue = office.github.dependabot(REPO, "requests", "2.32.3", "2.32.4", {"requirements.txt": "requests==2.32.4\n"})
    told = office.bot.get(f"{PULLS}/{issue.number}")
    message = office.bot.get(f"{PULLS}/{issue.number}/commits")[0]["commit"]["message"]
    assert (told["user"]["login"], told["user"]["type"], told["title"]) == (
        "dependabot[bot]",
        "Bot",
        "Bump requests from 2.32.3 to 2.32.4",
    )
    assert told["head"]["ref"] == "dependabot/pip/requests-2.32.4"
    assert "\n---\nupdated-dependencies:\n- dependency-name: requests\n" in message
    assert "update-type: version-update:semver-patch\n...\n" in message
    asked = '{ repository(owner: "acme", name: "web") { pullRequest(number: 1) { author { __typename login } } } }'
    assert office.bot.query(asked)["data"]["repository"]["pullRequest"]["author"] == {"__typename": "Bot", "login": "dependabot"}


def test_a_head_that_is_not_there_cannot_be_proposed_by_script(office: Office) -> None:
    with pytest.raises(ValueError, match="knows no head"):
        office.github.open_pull(REPO, head="nobody:work", title="x")
