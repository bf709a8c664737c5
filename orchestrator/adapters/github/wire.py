"""Requests as the subjects make them: reads that are free when nothing changed, writes one at a time, limits before all else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from orchestrator.adapters.github.answers import Answer, Declined, GaveUp
from orchestrator.adapters.github.etags import Kept, Shelf
from orchestrator.adapters.github.http import Http
from orchestrator.adapters.github.limits import Backoff, Turns, is_used_up
from orchestrator.ports import Unavailable

Judge = Callable[[Answer], bool]


class Wire:
    """Speaks to one GitHub with one token. Every method raises Unavailable or Declined for anything but success."""

    def __init__(self, http: Http, backoff: Backoff, turns: Turns, shelf: Shelf) -> None:
        self._http = http
        self._backoff = backoff
        self._turns = turns
        self._shelf = shelf
        self.where = http.where

    def owner(self) -> str:
        """A mark of the token that all of this is read with."""
        return self._http.owner()

    def get(self, path: str, query: Mapping[str, str] | None = None, *, is_settled: Judge | None = None) -> Answer:
        """Read `path`, or the full address of a next page. What GitHub says is unchanged comes from the shelf.

        An answer for which `is_settled` is False is not kept: it would be asked for unchanged, and the change be missed.
        """
        url = self._url(path, query or {})
        owner = self._http.owner()
        kept = self._shelf.find(url, owner)
        answer = self._ask("GET", url, headers={"If-None-Match": kept.etag} if kept else {})
        if answer.status == 304 and kept is not None:
            self._shelf.touch(url, owner)
            return _from_shelf(answer, kept)
        etag = answer.headers.get("etag")
        if etag and _is_closed_page(url, answer) and (is_settled is None or is_settled(answer)):
            self._shelf.keep(url, owner, Kept(etag, answer.headers.get("link", ""), answer.body))
        return answer

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Write, when it is our turn. It is never repeated here: Unavailable means that it may have been applied."""
        self._backoff.check()  # once more inside: a limit may begin while we wait
        with self._turns.turn():
            return self._ask(method, self._url(path, {}), body=None if body is None else msgspec.json.encode(body))

    def question(self, query: str, variables: Mapping[str, object]) -> Answer:
        """Ask GraphQL; errors inside an answer of status 200 are the caller's to judge."""
        body = msgspec.json.encode({"query": query, "variables": variables})
        return self._ask("POST", self.where.graphql, body=body)

    def find_file(self, path: str) -> str | None:
        """Where a file lies that GitHub answers with a redirect (a log), None when there is none (any more)."""
        self._backoff.check()
        answer = self._http.exchange("GET", self._url(path, {}))
        self._heed(answer)
        if answer.status in (404, 410):
            return None
        if answer.status >= 400:
            raise Declined(answer.what, answer.status, answer.words())
        place = answer.headers.get("location")
        if answer.status != 302 or place is None:
            raise Unavailable(f"{answer.what}: expected the address of a file, got {answer.status}")
        return place

    def tail(self, url: str, most: int, largest: int) -> tuple[bytes, bool]:
        """As `Http.tail`."""
        return self._http.tail(url, most, largest)

    def slow_down(self, reason: str, answer: Answer) -> Unavailable:
        """Begin a backoff that all processes honour; the exception to raise."""
        self._backoff.begin(reason, answer.headers)
        return Unavailable(f"{answer.what}: {reason}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        start = path if path.startswith(f"{self.where.api}/") else f"{self.where.api}{path}"
        return f"{start}?{urlencode(query)}" if query else start

    def _ask(self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        self._backoff.check()
        answer = self._http.exchange(method, url, body=body, headers=headers)
        self._heed(answer)
        if answer.status >= 300 and answer.status != 304:
            raise Declined(answer.what, answer.status, _moved(answer) or answer.words())
        return answer

    def _heed(self, answer: Answer) -> None:
        """Raise for what is no answer at all: a limit, a server in trouble, a file that nobody can send just now."""
        if _is_limited(answer):
            raise self.slow_down(f"rate limit: {answer.words()}", answer)
        if is_used_up(answer.headers):
            self._backoff.begin("the hour's requests are used up", answer.headers)
        if answer.status >= 500 or answer.status == 408:
            if "retry-after" in answer.headers:
                self._backoff.begin(f"GitHub answers {answer.status}", answer.headers)
            trouble = GaveUp if answer.status in (502, 504) else Unavailable
            raise trouble(f"{answer.what}: GitHub answers {answer.status}")


def _is_limited(answer: Answer) -> bool:
    """https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit"""
    if answer.status == 429:
        return True
    if answer.status != 403:
        return False
    said = answer.words().lower()
    return "retry-after" in answer.headers or is_used_up(answer.headers) or "rate limit" in said or "abuse detection" in said


def _moved(answer: Answer) -> str:
    place = answer.headers.get("location", "")
    return (
        f"it moved to {place}; if the repository was renamed, write its present name into config.yaml"
        if answer.status < 400
        else ""
    )


def _from_shelf(answer: Answer, kept: Kept) -> Answer:
    """The kept answer. The Link header of the 304 wins where there is one: it is younger than the body's."""
    link = answer.headers.get("link", kept.link)
    return Answer(answer.what, 200, {**answer.headers, "link": link}, kept.body)


def _is_closed_page(url: str, answer: Answer) -> bool:
    """Whether an unchanged body means an unchanged list.

    A full last page stays as it is when a new page begins after it, and only the Link header would tell. So such a page
    is always read anew.
    """
    asked = parse_qs(urlsplit(url).query).get("per_page")
    if not asked or 'rel="next"' in answer.headers.get("link", ""):
        return True
    return _length(answer.read(object)) < int(asked[0])


def _length(body: object) -> int:
    """How many entries a page has; a list inside an object is the one list there."""
    if isinstance(body, Mapping):
        return max((len(part) for part in body.values() if isinstance(part, list)), default=0)
    return len(body) if isinstance(body, list) else 0
