"""What a route answers: a status, a body and headers, and the refusals in GitHub's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"

JSON = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A response before it is written out; `body` None means no content."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The request is answered with a refusal; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> Refused:
    """A refusal with GitHub's envelope: message, documentation_url, status."""
    body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status), **more}
    return Refused(Answer(status, body, headers or {}))


def not_found() -> Refused:
    """404, also for what the caller may not know about."""
    return refusal(404, "Not Found")


def forbidden(message: str = "Resource not accessible by personal access token") -> Refused:
    """403: the caller sees the thing but may not do that."""
    return refusal(403, message)


def invalid(resource: str, field_name: str, code: str = "invalid", message: str | None = None) -> Refused:
    """422 with one entry in `errors`."""
    error: JSON = {"resource": resource, "field": field_name, "code": code}
    if message is not None:
        error["message"] = message
    return refusal(422, "Validation Failed", errors=[error])


def created(body: Any) -> Answer:
    """201."""
    return Answer(201, body)


NO_CONTENT = Answer(204)
