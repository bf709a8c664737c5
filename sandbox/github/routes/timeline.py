"""What happened to an issue: its events and its timeline."""

from collections.abc import Mapping
from datetime import datetime

from sandbox.github import repository as git
from sandbox.github.answers import JSON, Answer
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.render import issues as show
from sandbox.github.render.commits import committed, read_commit
from sandbox.github.render.pulls import review
from sandbox.github.state import Issue, Pull

TIMELINE_ONLY = {"cross-referenced"}


def events(call: Call) -> Answer:
    """Oldest first; cross-references are in the timeline only."""
    issue = call.issue(call.repo())
    wanted = [event for event in issue.events if event.kind not in TIMELINE_ONLY]
    page, headers = numbered(wanted, call.url, call.query)
    return Answer(200, [show.event(call.links, issue, event) for event in page], headers)


def timeline(call: Call) -> Answer:
    """Events, comments, reviews and commits together, oldest first.

    A commit stands where its committer's date puts it, not where its push does, as on GitHub: its place proves nothing.
    """
    issue = call.issue(call.repo())
    entries: list[tuple[datetime, int, JSON]] = []
    for event in issue.events:
        shape = show.cross_reference(call.links, event) if event.kind in TIMELINE_ONLY else show.event(call.links, issue, event)
        entries.append((event.at, event.id, shape))
    entries += [(comment.created_at, comment.id, show.timeline_comment(call.links, comment)) for comment in issue.comments]
    entries += _of_pull(call, issue, issue.pull) if issue.pull else []
    page, headers = numbered(sorted(entries, key=lambda entry: entry[:2]), call.url, call.query)
    return Answer(200, [shape for _, _, shape in page], headers)


def _of_pull(call: Call, issue: Issue, pull: Pull) -> list[tuple[datetime, int, JSON]]:
    repo = issue.repo
    start = git.merge_base(repo.path, pull.base_sha, pull.head_sha) or pull.base_sha
    found = [read_commit(repo, sha) for sha in git.commits_between(repo.path, start, pull.head_sha)]
    entries = [
        (datetime.fromisoformat(one.committer[2]), place, committed(call.links, repo, one)) for place, one in enumerate(found)
    ]
    reviews = [one for one in pull.reviews if one.state != "PENDING"]
    return entries + [(one.submitted_at, one.id, {**review(call.links, issue, one), "event": "reviewed"}) for one in reviews]


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/issues/{issue_number}/events": events,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/timeline": timeline,
}
