"""The way to GitHub: one pool of connections, its headers and time limits, and the world's silence told as Unavailable."""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from orchestrator.adapters.github.addresses import Addresses
from orchestrator.adapters.github.answers import Answer, GaveUp
from orchestrator.ports import Refused, Unavailable

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager, Retry

TIMEOUTS = (5.0, 30.0)
"""Seconds to connect, and of silence while reading."""

LONGEST_READ = 120.0
LARGEST_BODY = 32_000_000
CHUNK = 65_536
BARE_HEADERS = {"User-Agent": "agent-os", "Accept-Encoding": "gzip, deflate"}
HEADERS = {**BARE_HEADERS, "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class Http:
    """Sends single requests. The token is asked for once, goes into the Authorization header alone, and is in no message.

    urllib3 is imported with the first request: a job that sends none does not pay for it. It is used without `requests`
    around it, which takes 40 ms more of every minute to import and adds cookies and character sets that no API has.
    """

    def __init__(self, where: Addresses, token: Callable[[], str | None]) -> None:
        self.where = where
        self._find_token = token
        self._token: str | None = None
        self._pool: PoolManager | None = None

    def owner(self) -> str:
        """A mark of the token, which tells nothing about it."""
        return hashlib.sha256(f"agent-os {self._known_token()}".encode()).hexdigest()

    def exchange(self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request and read the whole answer, whatever its status. Raises Unavailable when none comes back whole.

        Redirects are not followed: a repository that moved is a matter for a person, since the configuration names
        what may be worked on.
        """
        what = f"{method} {url.removeprefix(self.where.api)}"
        own = {"Authorization": f"Bearer {self._known_token()}"} | (
            {"Content-Type": "application/json"} if body is not None else {}
        )
        with self._trouble(what), self._sent(method, url, body, {**HEADERS, **(headers or {}), **own}) as response:
            told = {name.lower(): value for name, value in response.headers.itermerged()}
            return Answer(what, response.status, told, b"".join(_chunks(response, what, LARGEST_BODY)))

    def tail(self, url: str, most: int, largest: int) -> tuple[bytes, bool]:
        """The last `most` bytes of a file stored elsewhere and whether that is all of it. Sent without the token.

        No more than `largest` bytes are fetched. Raises Unavailable; Refused when it is not there or not encrypted.
        """
        what = f"GET a log from {urlsplit(url).hostname}"
        if not (url.startswith("https://") or self.where.is_loopback):
            raise Refused(f"{what}: the address is not encrypted")
        with self._trouble(what), self._sent("GET", url, None, BARE_HEADERS) as response:
            if response.status in (404, 410):
                raise Refused(f"{what}: {response.status}")
            if response.status != 200:
                raise Unavailable(f"{what}: {response.status}")
            return _tail(_chunks(response, what, largest), most)

    def close(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            self._pool.clear()
            self._pool = None

    @contextmanager
    def _sent(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Iterator[BaseHTTPResponse]:
        from urllib3 import Timeout

        if self._pool is None:
            self._pool = _pool(self.where)
        connect, read = TIMEOUTS
        response = self._pool.urlopen(
            method, url, body=body, headers=headers, redirect=False, preload_content=False,
            retries=_retries("POST" if url == self.where.graphql else "GET"), timeout=Timeout(connect=connect, read=read),
        )  # fmt: skip
        try:
            yield response
        except BaseException:
            response.close()  # what was not read to its end must not be the beginning of the next answer
            raise
        finally:
            response.release_conn()

    @contextmanager
    def _trouble(self, what: str) -> Iterator[None]:
        """Tell every way in which no answer comes as Unavailable, without the original, which could hold the request."""
        from urllib3.exceptions import HTTPError

        try:
            yield
        except HTTPError as problem:
            raise Unavailable(f"{what}: {self._clean(_reason(problem))}") from None

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


def _retries(method: str) -> Retry:
    """Repeats reads, and reads alone: a write whose answer is lost may have been applied.

    GraphQL is asked by POST, but we only ever ask; so its address repeats POST.
    """
    from urllib3 import Retry

    return Retry(
        total=3,
        status=1 if method == "POST" else 3,  # GitHub thinks for 10 s before it gives up on a question; a smaller one helps more
        backoff_factor=0.2,
        backoff_jitter=0.1,
        status_forcelist=(502, 503, 504),
        allowed_methods=(method,),
        redirect=0,
        raise_on_status=False,
        respect_retry_after_header=False,  # waiting is the backoff's business: a job does not sit out a limit
    )


def _pool(where: Addresses) -> PoolManager:
    """Connections to one GitHub, through the proxy and with the certificates that the environment names.

    Loopback has no use for either. The variables are those that curl and requests know.
    """
    from urllib3 import PoolManager, ProxyManager, make_headers
    from urllib3.util import parse_url

    if where.is_loopback:
        return PoolManager()
    proxy = _proxy(urlsplit(where.api).hostname or "")
    if proxy is None:
        return PoolManager(**_certificates())
    login = parse_url(proxy).auth
    headers = make_headers(proxy_basic_auth=unquote(login)) if login else None
    return ProxyManager(proxy, proxy_headers=headers, **_certificates())


def _certificates() -> dict[str, Any]:
    """Who is trusted: a company's own authorities, in a file or a folder, or Mozilla's."""
    import certifi

    place = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or certifi.where()
    return {"ca_cert_dir" if os.path.isdir(place) else "ca_certs": place}


def _proxy(host: str) -> str | None:
    """The proxy on the way to the host, None when there is none or NO_PROXY names the host."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    named = proxies.get("https") or proxies.get("all")
    if not named or proxy_bypass(host):
        return None
    return named if "://" in named else f"http://{named}"


def _chunks(response: BaseHTTPResponse, what: str, largest: int) -> Iterator[bytes]:
    """The body piece by piece; GaveUp when it is larger than `largest` bytes, Unavailable when it takes too long."""
    limit, size = time.monotonic() + LONGEST_READ, 0
    for chunk in response.stream(CHUNK, decode_content=True):
        size += len(chunk)
        if size > largest:
            raise GaveUp(f"{what}: the answer is larger than {largest} bytes")
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
