"""Every REST request and response is held against GitHub's published description.

Requests are validated by openapi-core (2 to 4 ms; what it allowed is kept), responses by checks compiled from the same schemas:
a list of a hundred issues takes openapi-core 215 ms and the compiled check 16 ms.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema_path import SchemaPath
from openapi_core import V30RequestValidator
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import RequestBodyValidationError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from sandbox.github.answers import Refused, refusal
from sandbox.github.schema_check import Check, Compiler

DESCRIPTION = Path(__file__).parent / "data" / "github-openapi.json"


@functools.cache
def description() -> dict[str, Any]:
    """The description as published, with the corrections below."""
    tree: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    _correct(tree)
    return tree


def _correct(tree: dict[str, Any]) -> None:
    # An issue has everything that a draft issue needs: `oneOf` would refuse the answer that the documentation shows.
    content = tree["components"]["schemas"]["projects-v2-item-simple"]["properties"]["content"]
    content["anyOf"] = content.pop("oneOf")
    # The prose says "pass an empty array to remove all labels"; the schema's minimum of one would refuse it.
    put = tree["paths"]["/repos/{owner}/{repo}/issues/{issue_number}/labels"]["put"]["requestBody"]["content"][
        "application/json"
    ]["schema"]
    put["anyOf"] = put.pop("oneOf")
    for part in put["anyOf"]:
        part.get("properties", {}).get("labels", {}).pop("minItems", None)
    # A pull request whose fork was deleted has no head repository.
    schemas = tree["components"]["schemas"]
    for name in ("pull-request", "pull-request-simple"):
        head = schemas[name]["properties"]["head"]["properties"]
        head["repo"] = {"nullable": True, "allOf": [head["repo"]]}
    _let_null_through(tree)


def _let_null_through(tree: Any) -> None:
    """By the letter of OpenAPI 3.0 `nullable` says nothing beside `oneOf` or an `enum` without null; what is meant is null."""
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        _let_null_through(part)
    if isinstance(tree, dict) and tree.get("nullable") is True and "type" not in tree:
        for choice in tree.get("oneOf", ())[:1]:
            choice["nullable"] = True
    if isinstance(tree, dict) and tree.get("nullable") is True and isinstance(tree.get("enum"), list):
        tree["enum"] = [*tree["enum"], None]


@functools.cache
def operations() -> Mapping[str, str]:
    """`METHOD /path` to operation id, for everything in the description."""
    return {
        f"{verb.upper()} {path}": verbs[verb]["operationId"] for path, verbs in description()["paths"].items() for verb in verbs
    }


@functools.cache
def _request_validator() -> V30RequestValidator:
    return V30RequestValidator(SchemaPath.from_dict(description()))


class _Request:
    """A request in the form that openapi-core reads."""

    host_url = "http://localhost"
    content_type = "application/json"

    def __init__(self, method: str, path: str, query: Iterable[tuple[str, str]], body: bytes | None) -> None:
        self.method = method.lower()
        self.path = path
        self.body = body
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(), cookie=ImmutableMultiDict(), path={}
        )


def check_request(route: str, captures: Mapping[str, str], query: Iterable[tuple[str, str]], body: bytes | None) -> None:
    """Refuses (422, in GitHub's words) a request that the description does not allow."""
    method, path = route.split(" ", 1)
    for name, value in captures.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="") or "-")
    try:
        _allowed(method, path, tuple(query), body)
    except OpenAPIError as trouble:
        raise _refused(trouble) from None


@functools.lru_cache(maxsize=4000)
def _allowed(method: str, path: str, query: tuple[tuple[str, str], ...], body: bytes | None) -> None:
    """Asks the description; what it allows once it allows always, so that is kept. Raises OpenAPIError, anew each time."""
    _request_validator().validate(_Request(method, path, query, body))


def _refused(trouble: OpenAPIError) -> Refused:
    cause = trouble.__cause__
    reasons = (
        [str(error.message) for error in cause.schema_errors if hasattr(error, "message")]
        if isinstance(cause, InvalidSchemaValue)
        else [str(cause or trouble)]
    )
    if isinstance(trouble, RequestBodyValidationError):
        return refusal(422, "Invalid request.\n\n" + "\n".join(reasons), errors=reasons)
    return refusal(
        422,
        "Validation Failed",
        errors=[{"resource": "Search", "field": getattr(trouble, "name", "query"), "code": "invalid", "message": reasons[0]}],
    )


@functools.cache
def _compiler() -> Compiler:
    return Compiler(description()["components"]["schemas"])


@functools.cache
def _response_check(route: str, status: int) -> Check | None:
    method, path = route.split(" ", 1)
    responses = description()["paths"][path][method.lower()]["responses"]
    answer = responses.get(str(status))
    if answer is None:
        return None
    while "$ref" in answer:
        answer = description()["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    content = answer.get("content", {}).get("application/json")
    return _compiler().compile(content["schema"]) if content else None


def response_problem(route: str, status: int, body: Any) -> str | None:
    """What is wrong with an answer by the description, None when it is right."""
    check = _response_check(route, status)
    if body is None or check is None:
        return None
    wrong = check(body, "$")
    return f"{route} {status}: {wrong}" if wrong else None
