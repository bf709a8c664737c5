"""Reviews, comments on lines, and whom to ask for a review."""

from collections.abc import Mapping

from sandbox.github import issue_acts, review_acts
from sandbox.github.answers import Answer, created, refusal
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.render import pulls as show

NOT_A_COLLABORATOR = (
    "Reviews may only be requested from collaborators. "
    "One or more of the users or teams you specified is not a collaborator of the repository."
)
STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", None: "PENDING"}


def list_reviews(call: Call) -> Answer:
    """Oldest first; another's pending review is not shown."""
    issue, pull = call.pull(call.repo())
    seen = [review for review in pull.reviews if review.state != "PENDING" or review.author is call.viewer]
    page, headers = numbered(seen, call.url, call.query)
    return Answer(200, [show.review(call.links, issue, review) for review in page], headers)


def create(call: Call) -> Answer:
    """Nobody approves or rejects their own pull request; a verdict other than approval needs words."""
    issue, pull = call.pull(call.repo())
    body = call.body or {}
    event = body.get("event")
    if issue.author is call.viewer and event in ("APPROVE", "REQUEST_CHANGES"):
        words = "approve" if event == "APPROVE" else "request changes on"
        raise refusal(422, "Unprocessable Entity", errors=[f"Can not {words} your own pull request"])
    if event in ("REQUEST_CHANGES", "COMMENT") and not body.get("body") and not body.get("comments"):
        raise refusal(422, "Unprocessable Entity", errors=["Review body can't be blank"])
    remarks = [(one["path"], one.get("line") or one.get("position"), one["body"]) for one in body.get("comments", ())]
    said = STATES[event], body.get("body", ""), remarks, body.get("commit_id")
    review = review_acts.submit(call.state, issue, pull, call.viewer, *said)
    return Answer(200, show.review(call.links, issue, review))


def list_comments(call: Call) -> Answer:
    issue, pull = call.pull(call.repo())
    page, headers = numbered(pull.review_comments(), call.url, call.query)
    return Answer(200, [show.review_comment(call.links, issue, comment) for comment in page], headers)


def request_reviewers(call: Call) -> Answer:
    """422 for the author and for one who is no collaborator."""
    repo = call.writable_repo("triage")
    issue, pull = call.pull(repo)
    for login in (call.body or {}).get("reviewers", ()):
        user = call.world.users.get(login.lower())
        if user is issue.author:
            raise refusal(422, "Review cannot be requested from pull request author.")
        if (
            user is None
            or not reaches(permission_of(repo, user), "read")
            or login.lower() not in {*repo.collaborators, repo.owner.login.lower()}
        ):
            raise refusal(422, NOT_A_COLLABORATOR)
        if user not in pull.requested:
            pull.requested.append(user)
            issue_acts.record(call.state, issue, "review_requested", call.viewer, assignee=user)
    return created(show.simple(call.links, issue, pull))


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews": list_reviews,
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews": create,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/comments": list_comments,
    "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers": request_reviewers,
}
