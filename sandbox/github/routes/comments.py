"""Comments on issues and pull requests, and reactions to them."""

from collections.abc import Mapping, Sequence

from sandbox.github import issue_acts
from sandbox.github.answers import NO_CONTENT, Answer, created, forbidden, not_found
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.render import issues as show
from sandbox.github.routes.issues import parse_time
from sandbox.github.state import Comment, Repo


def list_on_issue(call: Call) -> Answer:
    """Oldest first."""
    return _page(call, call.issue(call.repo()).comments)


def list_for_repo(call: Call) -> Answer:
    """All comments of the repository; `sort` is needed for `direction` to count."""
    comments = list(call.repo().comments.values())
    if call.query.get("sort") == "updated":
        comments.sort(key=lambda comment: (comment.updated_at, comment.id))
    if "sort" in call.query and call.query.get("direction", "desc") == "desc":
        comments.reverse()
    return _page(call, comments)


def _page(call: Call, comments: Sequence[Comment]) -> Answer:
    if "since" in call.query:
        since = parse_time(call.query["since"])
        comments = [comment for comment in comments if comment.updated_at.replace(microsecond=0) >= since]
    page, headers = numbered(comments, call.url, call.query)
    return Answer(200, [show.comment(call.links, comment) for comment in page], headers)


def create(call: Call) -> Answer:
    comment = issue_acts.add_comment(call.state, call.issue(call.repo()), call.viewer, call.body["body"])
    return created(show.comment(call.links, comment))


def get(call: Call) -> Answer:
    return Answer(200, show.comment(call.links, _comment(call, call.repo())))


def _comment(call: Call, repo: Repo) -> Comment:
    comment = repo.comments.get(int(call.path["comment_id"]))
    if comment is None:
        raise not_found()
    return comment


def _own(call: Call) -> Comment:
    repo = call.repo()
    comment = _comment(call, repo)
    if comment.author is not call.viewer and not call.can(repo, "write"):
        raise forbidden("Must have admin rights to Repository.")
    return comment


def update(call: Call) -> Answer:
    """Authors, and whoever may write to the repository."""
    comment = _own(call)
    issue_acts.edit_comment(call.state, comment, call.body["body"], call.viewer)
    return Answer(200, show.comment(call.links, comment))


def delete(call: Call) -> Answer:
    issue_acts.delete_comment(_own(call))
    return NO_CONTENT


def add_reaction(call: Call) -> Answer:
    """201 for a new reaction, 200 for one that was there."""
    reaction, new = issue_acts.react(call.state, _comment(call, call.repo()), call.body["content"], call.viewer)
    return Answer(201 if new else 200, show.reaction(call.links, reaction))


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments": list_on_issue,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": create,
    "GET /repos/{owner}/{repo}/issues/comments": list_for_repo,
    "GET /repos/{owner}/{repo}/issues/comments/{comment_id}": get,
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": update,
    "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}": delete,
    "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions": add_reaction,
}
