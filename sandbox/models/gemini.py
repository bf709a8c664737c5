"""Google's generateContent (https://ai.google.dev/api/generate-content), which gemini speaks."""

from collections.abc import Mapping, Sequence

from sandbox.models.words import Ask, Call, Dialect, Json, Refusal, Say, Tokens, Trouble, Turn, as_text, bearer

_TYPES = "type.googleapis.com/google.rpc"


def _key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    return headers.get("x-goog-api-key") or query.get("key") or bearer(headers)


def _read(path: str, body: Json) -> Ask:
    """The model and the way of answering stand in the path: `MODEL:streamGenerateContent`."""
    model, _, method = path.rpartition("/")[2].partition(":")
    parts = [part for content in body.get("contents", ()) for part in content.get("parts", ())]
    results = [part["functionResponse"] for part in parts if "functionResponse" in part]
    return Ask(
        model=model,
        tools=[each["name"] for tool in body.get("tools", ()) for each in tool.get("functionDeclarations", ())],
        results=len(results),
        heard=as_text(results[-1].get("response")) if results else "",
        streamed=method.startswith("stream"),
        schema=body.get("generationConfig", {}).get("responseJsonSchema"),
    )


def _part(turn: Turn) -> Json:
    match turn:
        case Say(text):
            return {"text": text}
        case Call(tool, arguments):
            return {"functionCall": {"name": tool, "args": arguments}}


def _usage(tokens: Tokens) -> Json:
    return {
        "promptTokenCount": tokens.read,
        "cachedContentTokenCount": tokens.cached,
        "candidatesTokenCount": tokens.written - tokens.thought,
        "thoughtsTokenCount": tokens.thought,
        "totalTokenCount": tokens.read + tokens.written,
    }


def _whole(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Json:
    candidate = {"content": {"role": "model", "parts": [_part(turn)]}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": _usage(tokens), "modelVersion": ask.model, "responseId": number}


def _stream(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Sequence[tuple[str | None, Json]]:
    return [(None, _whole(ask, turn, tokens, number))]


_OAUTH_WORDS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_QUOTA_WORDS = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
_NO: Mapping[Trouble, tuple[int, str, str]] = {
    Trouble.WRONG_KEY: (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    Trouble.UNAUTHORIZED: (401, "UNAUTHENTICATED", _OAUTH_WORDS),
    Trouble.QUOTA: (429, "RESOURCE_EXHAUSTED", _QUOTA_WORDS),
    Trouble.OVERLOADED: (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
}
"""https://ai.google.dev/gemini-api/docs/troubleshooting; a wrong API key is answered with 400."""


def _refuse(trouble: Trouble, retry_after: int) -> Refusal:
    status, name, message = _NO[trouble]
    if trouble is Trouble.QUOTA:
        message += f"\nPlease retry in {retry_after}s."
    error = {"code": status, "message": message, "status": name, "details": _details(trouble, retry_after)}
    return Refusal(status, {"error": error}, {"retry-after": str(retry_after)} if trouble is Trouble.QUOTA else {})


def _details(trouble: Trouble, retry_after: int) -> list[Json]:
    match trouble:
        case Trouble.WRONG_KEY:
            domain = {"domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"}}
            return [{"@type": f"{_TYPES}.ErrorInfo", "reason": "API_KEY_INVALID", **domain}]
        case Trouble.QUOTA:
            metric = "generativelanguage.googleapis.com/generate_content_free_tier_requests"
            day = {"quotaMetric": metric, "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}
            return [
                {"@type": f"{_TYPES}.QuotaFailure", "violations": [day]},
                {"@type": f"{_TYPES}.RetryInfo", "retryDelay": f"{retry_after}s"},
            ]
        case _:
            return []


GEMINI = Dialect(
    name="gemini",
    key=_key,
    read=_read,
    runners={"run_shell_command": lambda command: {"command": command, "description": "Work on the task"}},
    stream=_stream,
    whole=_whole,
    refuse=_refuse,
)
