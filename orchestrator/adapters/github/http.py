"""The way to GitHub: one pooled session, its headers and time limits, and the world's silence told as Unavailable."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orchestrator.adapters.github.addresses import Addresses
from orchestrator.adapters.github.answers import Answer
from orchestrator.ports import Refused, Unavailable

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

TIMEOUTS = (5.0, 30.0)
"""Seconds to connect, and of silence while reading."""

LONGEST_READ = 120.0
LARGEST_BODY = 32_000_000
CHUNK = 65_536
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "User-Agent": "agent-os"}


class Http:
    """Sends single requests. The token is asked for once, goes into the Authorization header alone, and is in no message.

    requests is imported with the first request: a job that sends none does not pay for it.
    """

    def __init__(self, where: Addresses, token: Callable[[], str | None]) -> None:
        self.where = where
        self._find_token = token
        self._token: str | None = None
        self._session: Session | None = None

    def owner(self) -> str:
        """A mark of the token, which tells nothing about it."""
        return hashlib.sha256(f"agent-os {self._known_token()}".encode()).hexdigest()

    def exchange(self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request and read the whole answer, whatever its status. Raises Unavailable when none comes back whole.

        Redirects are not followed: a repository that moved is a matter for a person, since the configuration names
        what may be worked on.
        """
        what = f"{method} {url.removeprefix(self.where.api)}"
        with self._trouble(what), self._sent(method, url, body, headers or {}) as response:
            told = {name.lower(): value for name, value in response.headers.items()}
            return Answer(what, response.status_code, told, b"".join(_chunks(response, what, LARGEST_BODY)))

    def tail(self, url: str, most: int, largest: int) -> tuple[bytes, bool]:
        """The last `most` bytes of a file stored elsewhere and whether that is all of it. Sent without the token.

        No more than `largest` bytes are fetched. Raises Unavailable; Refused when it is not there or not encrypted.
        """
        what = f"GET a log from {urlsplit(url).hostname}"
        if not (url.startswith("https://") or self.where.is_loopback):
            raise Refused(f"{what}: the address is not encrypted")
        with self._trouble(what), self._elsewhere(url) as response:
            if response.status_code in (404, 410):
                raise Refused(f"{what}: {response.status_code}")
            if response.status_code != 200:
                raise Unavailable(f"{what}: {response.status_code}")
            return _tail(_chunks(response, what, largest), most)

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @contextmanager
    def _sent(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Iterator[Response]:
        token = self._known_token()

        def authorize(request: PreparedRequest) -> PreparedRequest:
            request.headers["Authorization"] = f"Bearer {token}"
            return request

        all_headers = {**HEADERS, **headers, **({"Content-Type": "application/json"} if body is not None else {})}
        session = self._opened()
        with session.request(
            method, url, data=body, headers=all_headers, auth=authorize, timeout=TIMEOUTS, allow_redirects=False, stream=True
        ) as response:
            yield response

    @contextmanager
    def _elsewhere(self, url: str) -> Iterator[Response]:
        def stay_unknown(request: PreparedRequest) -> PreparedRequest:
            return request  # with no auth at all, requests would look into ~/.netrc

        with self._opened().get(url, auth=stay_unknown, timeout=TIMEOUTS, allow_redirects=False, stream=True) as response:
            yield response

    @contextmanager
    def _trouble(self, what: str) -> Iterator[None]:
        """Tell every way in which no answer comes as Unavailable, without the original, which could hold the request."""
        import requests
        import urllib3

        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError) as problem:
            raise Unavailable(f"{what}: {self._clean(_reason(problem))}") from None

    def _opened(self) -> Session:
        if self._session is None:
            self._session = _session(self.where)
        return self._session

    def _known_token(self) -> str:
        if self._token is None:
            token = self._find_token()
            if not token:
                raise Refused("there is no GitHub token: set the variable that github.token_env names, or github.token_file")
            if not (token.isascii() and token.isprintable() and " " not in token):
                raise Refused("the GitHub token holds characters that no token has; look at the variable or file it comes from")
            self._token = token
        return self._token

    def _clean(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text


def _session(where: Addresses) -> Session:
    """A session that repeats reads, and reads alone: a write whose answer is lost may have been applied.

    GraphQL is asked by POST, but we only ever ask; so its address repeats POST as well.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import Retry

    def repeating(method: str) -> HTTPAdapter:
        return HTTPAdapter(
            max_retries=Retry(
                total=3,
                backoff_factor=0.2,
                backoff_jitter=0.1,
                status_forcelist=(502, 503, 504),
                allowed_methods=(method,),
                redirect=0,
                raise_on_status=False,
                respect_retry_after_header=False,  # waiting is the backoff's business: a job does not sit out a limit
            )
        )

    session = requests.Session()
    session.trust_env = not where.is_loopback  # proxies and company certificates, which loopback has no use for
    session.mount("https://", repeating("GET"))
    session.mount("http://", repeating("GET"))
    session.mount(where.graphql, repeating("POST"))
    return session


def _chunks(response: Response, what: str, largest: int) -> Iterator[bytes]:
    """The body piece by piece; Unavailable when it is larger than `largest` bytes or takes too long."""
    limit, size = time.monotonic() + LONGEST_READ, 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > largest:
            raise Unavailable(f"{what}: the answer is larger than {largest} bytes")
        if time.monotonic() > limit:
            raise Unavailable(f"{what}: the answer takes longer than {LONGEST_READ:.0f} s")
        yield chunk


def _tail(chunks: Iterator[bytes], most: int) -> tuple[bytes, bool]:
    kept: deque[bytes] = deque()
    size, whole = 0, True
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        while size - len(kept[0]) >= most:
            size -= len(kept.popleft())
            whole = False
    return b"".join(kept)[-most:], whole and size <= most


def _reason(problem: BaseException) -> str:
    """The innermost cause in words: `Connection refused` says more than three layers of classes around it."""
    innermost = problem
    while (deeper := _cause(innermost)) is not None:
        innermost = deeper
    return f"{type(problem).__name__}: {getattr(innermost, 'strerror', None) or type(innermost).__name__}"


def _cause(problem: BaseException) -> BaseException | None:
    """The error inside an error: urllib3 puts it into `reason` or the arguments, Python into the chain."""
    inside = (getattr(problem, "reason", None), *reversed(problem.args), problem.__cause__, problem.__context__)
    return next((one for one in inside if isinstance(one, BaseException) and one is not problem), None)
