"""Anthropic's Messages API (https://docs.anthropic.com/en/api/messages), which claude speaks, to whoever sells the model."""

import json
from collections.abc import Mapping, Sequence

from sandbox.models.words import Ask, Call, Dialect, Json, Refusal, Say, Tokens, Trouble, Turn, as_text, bearer


def _key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    return headers.get("x-api-key") or bearer(headers)


def _read(path: str, body: Json) -> Ask:
    results = [
        block
        for message in body.get("messages", ())
        if isinstance(message.get("content"), list)
        for block in message["content"]
        if block.get("type") == "tool_result"
    ]
    return Ask(
        model=body.get("model", ""),
        tools=[tool["name"] for tool in body.get("tools", ()) if "name" in tool],
        results=len(results),
        heard=as_text(results[-1].get("content")) if results else "",
        streamed=bool(body.get("stream")),
        effort=body.get("output_config", {}).get("effort"),
    )


def _block(turn: Turn, number: str) -> Json:
    match turn:
        case Say(text):
            return {"type": "text", "text": text}
        case Call(tool, arguments):
            return {"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": arguments}


def _usage(tokens: Tokens) -> Json:
    return {
        "input_tokens": tokens.read - tokens.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.written,
    }


def _message(ask: Ask, number: str) -> dict[str, object]:
    return {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": ask.model, "stop_sequence": None}


def _reason(turn: Turn) -> str:
    return "end_turn" if isinstance(turn, Say) else "tool_use"


def _whole(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Json:
    return {**_message(ask, number), "content": [_block(turn, number)], "stop_reason": _reason(turn), "usage": _usage(tokens)}


def _stream(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Sequence[tuple[str | None, Json]]:
    begun = {**_message(ask, number), "content": [], "stop_reason": None, "usage": {**_usage(tokens), "output_tokens": 1}}
    events: list[Json] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": _emptied(_block(turn, number))},
        {"type": "content_block_delta", "index": 0, "delta": _delta(turn)},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": _reason(turn), "stop_sequence": None}, "usage": _usage(tokens)},
        {"type": "message_stop"},
    ]
    return [(str(event["type"]), event) for event in events]


def _emptied(block: Json) -> Json:
    return {**block, **({"text": ""} if block["type"] == "text" else {"input": {}})}


def _delta(turn: Turn) -> Json:
    match turn:
        case Say(text):
            return {"type": "text_delta", "text": text}
        case Call(_, arguments):
            return {"type": "input_json_delta", "partial_json": json.dumps(arguments)}


_NO: Mapping[Trouble, tuple[int, str, str]] = {
    Trouble.WRONG_KEY: (401, "authentication_error", "invalid x-api-key"),
    Trouble.UNAUTHORIZED: (401, "authentication_error", "invalid x-api-key"),
    Trouble.QUOTA: (
        429,
        "rate_limit_error",
        "This request would exceed your account's rate limit. Please try again later.",
    ),
    Trouble.OVERLOADED: (529, "overloaded_error", "Overloaded"),
}
"""https://docs.anthropic.com/en/api/errors"""


def _refuse(trouble: Trouble, retry_after: int) -> Refusal:
    status, kind, message = _NO[trouble]
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_standin"}
    return Refusal(status, body, {"retry-after": str(retry_after)} if trouble is Trouble.QUOTA else {})


ANTHROPIC = Dialect(
    name="anthropic",
    key=_key,
    read=_read,
    runners={"Bash": lambda command: {"command": command, "description": "Work on the task"}},
    stream=_stream,
    whole=_whole,
    refuse=_refuse,
)
