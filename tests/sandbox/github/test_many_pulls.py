"""Beginning again from a saved world, and looking at many pull requests at once."""

from sandbox.github import GitHub
from tests.sandbox.github.office import CI, REPO, Office

PULLS = f"/repos/{REPO}/pulls"
VIEW = """query($n: Int!) { repository(owner: "acme", name: "web") { pullRequests(first: $n, states: [OPEN]) { totalCount nodes {
  number title state headRefOid mergeable mergeStateStatus reviewDecision labels(first: 20) { nodes { name } }
  comments(last: 20) { nodes { body author { login } } }
  commits(last: 1) { nodes { commit { oid statusCheckRollup { contexts(first: 50) { nodes {
    __typename ... on CheckRun { name conclusion isRequired(pullRequestNumber: 1) } } } } } } }
  latestOpinionatedReviews(first: 20) { nodes { state author { login } } }
  reviewThreads(first: 20) { nodes { isResolved comments(first: 20) { nodes { body } } } } } } } }"""


def _crowd(github: GitHub, count: int) -> None:
    github.ci_judge(lambda repo, sha: "success")
    github.push_commit(REPO, "main", {".github/workflows/ci.yml": CI})
    for number in range(1, count + 1):
        github.push_commit(REPO, f"work-{number}", {f"{number}.txt": "x"}, "agent-bot")
        github.open_pull(REPO, head=f"work-{number}", title=f"Number {number}", author="agent-bot")
        github.submit_review(REPO, number, "alice", "CHANGES_REQUESTED", "Not yet", [("README.md", 1, "Why?")])


def test_a_saved_world_comes_back_with_its_branches(office: Office) -> None:
    number = office.pull("work")
    saved, tip = office.github.save(), office.github.head_of(REPO, "main")
    for _ in range(2):
        assert office.merge(number).status_code == 200
        office.github.push_commit(REPO, "other", {"x": "x"})
        office.github.load(saved)
        assert (office.github.head_of(REPO, "main"), office.github.head_of(REPO, "other")) == (tip, None)
        assert office.bot.get(f"{PULLS}/{number}")["merged"] is False


def test_a_hundred_pull_requests_are_listed_in_one_page_and_the_rest_in_another(office: Office) -> None:
    _crowd(office.github, 101)
    told = office.bot.query(VIEW, n=100)["data"]["repository"]["pullRequests"]
    assert (told["totalCount"], len(told["nodes"])) == (101, 100)
    assert [len(office.bot.get(f"{PULLS}?per_page=100&page={page}")) for page in (1, 2)] == [100, 1]


def test_a_question_about_many_pull_requests_asked_again_starts_no_git(office: Office) -> None:
    _crowd(office.github, 5)
    for _ in range(2):
        office.bot.query(VIEW, n=50)
    folder = office.github.repo(REPO).path
    folder.rename(folder.with_suffix(".away"))
    nodes = office.bot.query(VIEW, n=50)["data"]["repository"]["pullRequests"]["nodes"]
    folder.with_suffix(".away").rename(folder)
    assert [one["mergeable"] for one in nodes] == ["MERGEABLE"] * 5
    assert [one["mergeStateStatus"] for one in nodes] == ["CLEAN"] * 5
