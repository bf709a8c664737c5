"""What happened to an issue: its events and its timeline."""

from collections.abc import Mapping
from datetime import datetime

from sandbox.github.answers import JSON, Answer
from sandbox.github.call import Call, Handler
from sandbox.github.paging import numbered
from sandbox.github.render import issues as show

TIMELINE_ONLY = {"cross-referenced"}


def events(call: Call) -> Answer:
    """Oldest first; cross-references are in the timeline only."""
    issue = call.issue(call.repo())
    wanted = [event for event in issue.events if event.kind not in TIMELINE_ONLY]
    page, headers = numbered(wanted, call.url, call.query)
    return Answer(200, [show.event(call.links, issue, event) for event in page], headers)


def timeline(call: Call) -> Answer:
    """Events and comments together, oldest first."""
    issue = call.issue(call.repo())
    entries: list[tuple[datetime, int, JSON]] = []
    for event in issue.events:
        shape = show.cross_reference(call.links, event) if event.kind in TIMELINE_ONLY else show.event(call.links, issue, event)
        entries.append((event.at, event.id, shape))
    entries += [(comment.created_at, comment.id, show.timeline_comment(call.links, comment)) for comment in issue.comments]
    page, headers = numbered(sorted(entries, key=lambda entry: entry[:2]), call.url, call.query)
    return Answer(200, [shape for _, _, shape in page], headers)


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}/issues/{issue_number}/events": events,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/timeline": timeline,
}
