"""From method and path to the route that serves it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.github.call import Handler
from sandbox.github.validate import operations

# Branch names hold slashes, and GitHub takes them as they are in these places.
GREEDY = {"ref", "branch", "basehead"}


@dataclass(frozen=True)
class Route:
    """A served operation."""

    name: str
    operation_id: str
    pattern: re.Pattern[str]
    handler: Handler


class Router:
    """Finds routes; the more segments a template has and the fewer of them are open, the earlier it is tried."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        known = operations()
        routes = [Route(name, known[name], _pattern(name), handler) for name, handler in handlers.items()]
        self._routes = sorted(routes, key=lambda route: _rank(route.name))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route with what its path holds, decoded; None when nothing is served there."""
        line = f"{method} {path}"
        for route in self._routes:
            match = route.pattern.fullmatch(line)
            if match:
                return route, {name: unquote(value) for name, value in match.groupdict().items()}
        return None


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", lambda match: _capture(match[1]), re.escape(name)))


def _capture(name: str) -> str:
    if name in GREEDY:
        return rf"(?P<{name}>.+)"
    digits = name.endswith(("_id", "_number")) and name != "installation_id"
    return rf"(?P<{name}>\d+)" if digits else rf"(?P<{name}>[^/]+)"


def _rank(name: str) -> tuple[int, str]:
    return (-name.count("/"), re.sub(r"\{\w+\}", "~", name))
