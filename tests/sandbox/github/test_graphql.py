"""GraphQL: who wrote and edited what, and the state of a pull request."""

from typing import Any

from tests.sandbox.github.office import CI, REPO, Office

HISTORY = """
query($number: Int!) { repository(owner: "acme", name: "web") { issue(number: $number) {
  title body state lastEditedAt includesCreatedEdit
  author { __typename login ... on User { databaseId } }
  editor { login }
  labels(first: 10) { nodes { name } }
  comments(last: 1) { totalCount nodes { body author { login } } }
  userContentEdits(first: 10) { nodes { editor { login } } }
  timelineItems(last: 20, itemTypes: [LABELED_EVENT, UNLABELED_EVENT, RENAMED_TITLE_EVENT, CLOSED_EVENT, REOPENED_EVENT]) {
    nodes {
      __typename
      ... on LabeledEvent { actor { login } label { name } }
      ... on UnlabeledEvent { actor { login } label { name } }
      ... on RenamedTitleEvent { actor { login } previousTitle currentTitle }
      ... on ClosedEvent { actor { login } stateReason }
      ... on ReopenedEvent { actor { login } }
    } } } } }
"""
PULL = """
query($number: Int!) { repository(owner: "acme", name: "web") { pullRequest(number: $number) {
  state mergeable mergeStateStatus headRefOid reviewDecision
  reviewThreads(first: 10) { nodes { isResolved path line comments(first: 1) { nodes { body } } } }
  commits(last: 1) { nodes { commit { oid statusCheckRollup { state contexts(first: 10) { nodes {
    __typename
    ... on CheckRun { name status conclusion isRequired(pullRequestNumber: $number) checkSuite { app { slug } } }
    ... on StatusContext { context state isRequired(pullRequestNumber: $number) }
  } } } } } } } } }
"""


def _issue(office: Office, number: int = 1) -> Any:
    return office.bot.query(HISTORY, number=number)["data"]["repository"]["issue"]


def _pull(office: Office, number: int) -> Any:
    return office.bot.query(PULL, number=number)["data"]["repository"]["pullRequest"]


def test_an_untouched_issue_has_no_editor(office: Office) -> None:
    office.issue(body="text", author="alice")
    told = _issue(office)
    assert (told["author"]["login"], told["editor"], told["lastEditedAt"], told["includesCreatedEdit"]) == (
        "alice",
        None,
        None,
        False,
    )


def test_a_body_edit_names_its_editor_and_a_title_edit_makes_an_event(office: Office) -> None:
    office.issue(body="text")
    office.github.edit_issue(REPO, 1, title="Evil", actor="mallory")
    assert _issue(office)["editor"] is None
    office.github.edit_issue(REPO, 1, body="evil", actor="mallory")
    told = _issue(office)
    assert told["editor"]["login"] == "mallory"
    assert [edit["editor"]["login"] for edit in told["userContentEdits"]["nodes"]] == ["mallory", "alice"]
    [renamed] = told["timelineItems"]["nodes"]
    assert (renamed["actor"]["login"], renamed["previousTitle"], renamed["currentTitle"]) == ("mallory", "Fix login", "Evil")


def test_the_timeline_names_the_actor_of_each_event(office: Office) -> None:
    office.issue()
    office.github.add_label(REPO, 1, "ready", actor="mallory")
    office.github.remove_label(REPO, 1, "ready", actor="tina")
    office.github.close_issue(REPO, 1, actor="alice", reason="not_planned")
    office.github.reopen_issue(REPO, 1, actor="alice")
    told = [(node["__typename"], node["actor"]["login"]) for node in _issue(office)["timelineItems"]["nodes"]]
    assert told == [("LabeledEvent", "mallory"), ("UnlabeledEvent", "tina"), ("ClosedEvent", "alice"), ("ReopenedEvent", "alice")]


def test_an_edited_comment_names_its_editor(office: Office) -> None:
    comment = office.github.comment(REPO, office.issue().number, "fine", author="alice")
    office.github.edit_comment(comment, "evil", actor="mallory")
    fields = "comments(first: 1) { nodes { author { login } editor { login } } }"
    query = f'{{ repository(owner: "acme", name: "web") {{ issue(number: 1) {{ {fields} }} }} }}'
    [node] = office.bot.query(query)["data"]["repository"]["issue"]["comments"]["nodes"]
    assert (node["author"]["login"], node["editor"]["login"]) == ("alice", "mallory")


def test_a_bot_is_a_bot(office: Office) -> None:
    office.github.add_user("helper[bot]", type="Bot")
    office.issue(author="helper[bot]")
    assert _issue(office)["author"]["__typename"] == "Bot"


def test_issues_are_filtered_and_paged(office: Office) -> None:
    for number in range(3):
        office.issue(str(number), labels=("ready",))
    office.issue("other")
    query = """query($after: String) { repository(owner: "acme", name: "web") {
      issues(first: 2, after: $after, labels: ["ready"], states: [OPEN]) {
        totalCount nodes { title } pageInfo { hasNextPage endCursor } } } }"""
    first = office.bot.query(query)["data"]["repository"]["issues"]
    second = office.bot.query(query, after=first["pageInfo"]["endCursor"])["data"]["repository"]["issues"]
    assert first["totalCount"] == 3
    assert [node["title"] for page in (first, second) for node in page["nodes"]] == ["0", "1", "2"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


def test_the_repository_tells_its_branch_and_the_callers_permission(office: Office) -> None:
    fields = "viewerPermission defaultBranchRef { name target { oid } }"
    query = f'{{ repository(owner: "acme", name: "web") {{ {fields} }} rateLimit {{ limit remaining }} }}'
    told = office.bot.query(query)["data"]
    assert told["repository"]["viewerPermission"] == "WRITE"
    assert told["repository"]["defaultBranchRef"]["target"]["oid"] == office.github.head_of(REPO, "main")
    assert told["rateLimit"] == {"limit": 5000, "remaining": 4999}


def test_mergeability_is_unknown_at_first(office: Office) -> None:
    number = office.pull()
    assert [_pull(office, number)["mergeable"] for _ in range(2)] == ["UNKNOWN", "MERGEABLE"]
    assert _pull(office, number)["mergeStateStatus"] == "CLEAN"


def test_checks_and_statuses_are_rolled_up(office: Office) -> None:
    office.github.push_commit(REPO, "main", {".github/workflows/ci.yml": CI})
    office.github.protect(REPO, "main", required_checks=("tests",))
    number = office.pull("work")
    assert office.github.ci_idle()
    office.bot(
        "POST", f"/repos/{REPO}/statuses/{office.github.head_of(REPO, 'work')}", {"state": "failure", "context": "third party"}
    )
    [node] = _pull(office, number)["commits"]["nodes"]
    check, status = node["commit"]["statusCheckRollup"]["contexts"]["nodes"]
    assert node["commit"]["statusCheckRollup"]["state"] == "FAILURE"
    assert (check["name"], check["conclusion"], check["isRequired"], check["checkSuite"]["app"]["slug"]) == (
        "tests",
        "SUCCESS",
        True,
        "github-actions",
    )
    assert (status["context"], status["state"], status["isRequired"]) == ("third party", "FAILURE", False)


def test_without_checks_there_is_no_rollup(office: Office) -> None:
    assert _pull(office, office.pull())["commits"]["nodes"][0]["commit"]["statusCheckRollup"] is None


def test_review_threads_and_the_decision_are_told(office: Office) -> None:
    number = office.pull()
    body = {"event": "REQUEST_CHANGES", "body": "No.", "comments": [{"path": "README.md", "line": 2, "body": "Why?"}]}
    office.alice("POST", f"/repos/{REPO}/pulls/{number}/reviews", body)
    told = _pull(office, number)
    assert told["reviewDecision"] == "CHANGES_REQUESTED"
    assert told["reviewThreads"]["nodes"] == [
        {"isResolved": False, "path": "README.md", "line": 2, "comments": {"nodes": [{"body": "Why?"}]}}
    ]


def test_what_is_not_there_is_200_with_errors_and_null(office: Office) -> None:
    told = office.bot.query(HISTORY, number=99)
    assert told["data"]["repository"]["issue"] is None
    assert (told["errors"][0]["type"], told["errors"][0]["path"]) == ("NOT_FOUND", ["repository", "issue"])
    hidden = office.mallory.query(HISTORY, number=1)
    assert (hidden["data"], hidden["errors"][0]["type"]) == ({"repository": None}, "NOT_FOUND")


def test_a_field_that_does_not_exist_is_an_error_without_data(office: Office) -> None:
    for _ in range(2):  # what is wrong with a question is kept
        told = office.bot.query("{ viewerr { login } }")
        assert "data" not in told
        assert "viewerr" in told["errors"][0]["message"]


def test_a_connection_without_a_size_is_refused(office: Office) -> None:
    office.issue()
    told = office.bot.query('{ repository(owner: "acme", name: "web") { issue(number: 1) { comments { totalCount } } } }')
    assert told["errors"][0]["type"] == "MISSING_PAGINATION_BOUNDARIES"


def test_graphql_wants_a_token_and_has_a_limit_of_its_own(office: Office) -> None:
    office.github.rate_limit(limit=10, remaining=1, reset_in=60)
    codes = [office.bot("POST", office.github.graphql_url, {"query": "{ rateLimit { cost } }"}).status_code for _ in range(2)]
    assert codes == [200, 403]
    assert office.bot("GET", "/user").status_code == 200
    office.github.revoke_token(office.bot.token)
    assert office.bot("POST", office.github.graphql_url, {"query": "{ rateLimit { cost } }"}).status_code == 401
