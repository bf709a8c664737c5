"""OpenAI's Responses API (https://platform.openai.com/docs/api-reference/responses), which codex speaks."""

import json
from collections.abc import Mapping, Sequence

from sandbox.models.words import Ask, Call, Dialect, Json, Refusal, Say, Tokens, Trouble, Turn, as_text, bearer

_RESULTS = ("function_call_output", "custom_tool_call_output", "local_shell_call_output")


_FREEFORM = "exec"
"""The tool that takes a program in JavaScript; codex gives it to its newer models in place of a shell."""


def _read(path: str, body: Json) -> Ask:
    said = [item for item in body.get("input", ()) if isinstance(item, dict)]
    results = [item for item in said if item.get("type") in _RESULTS]
    added = [tool for item in said if item.get("type") == "additional_tools" for tool in item.get("tools", ())]
    return Ask(
        model=body.get("model", ""),
        tools=[name for tool in (*body.get("tools", ()), *added) for name in _names(tool)],
        results=len(results),
        heard=as_text(results[-1].get("output")) if results else "",
        streamed=bool(body.get("stream")),
        effort=(body.get("reasoning") or {}).get("effort"),
    )


def _names(tool: Json) -> list[str]:
    """The tool's name, or the names of all in a namespace."""
    if tool.get("type") == "namespace":
        return [name for each in tool.get("tools", ()) for name in _names(each)]
    return [str(tool.get("name") or tool.get("type"))]


def _item(turn: Turn, number: str) -> Json:
    match turn:
        case Say(text):
            content = [{"type": "output_text", "text": text, "annotations": []}]
            return {"type": "message", "id": f"msg_{number}", "status": "completed", "role": "assistant", "content": content}
        case Call(tool, arguments) if tool == _FREEFORM:
            told = {"name": tool, "input": arguments["input"]}
            return {"type": "custom_tool_call", "id": f"ctc_{number}", "call_id": f"call_{number}", "status": "completed", **told}
        case Call(tool, arguments):
            told = {"name": tool, "arguments": json.dumps(arguments)}
            return {"type": "function_call", "id": f"fc_{number}", "call_id": f"call_{number}", "status": "completed", **told}


def _usage(tokens: Tokens) -> Json:
    return {
        "input_tokens": tokens.read,
        "input_tokens_details": {"cached_tokens": tokens.cached},
        "output_tokens": tokens.written,
        "output_tokens_details": {"reasoning_tokens": tokens.thought},
        "total_tokens": tokens.read + tokens.written,
    }


def _whole(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Json:
    begun = {"id": f"resp_{number}", "object": "response", "model": ask.model}
    return {**begun, "status": "completed", "output": [_item(turn, number)], "usage": _usage(tokens)}


def _stream(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Sequence[tuple[str | None, Json]]:
    whole, item = _whole(ask, turn, tokens, number), _item(turn, number)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[Json] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress"}},
        *([{"type": "response.output_text.delta", "output_index": 0, "item_id": item["id"], "content_index": 0,
            "delta": turn.text}] if isinstance(turn, Say) else []),
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]  # fmt: skip
    return [(str(event["type"]), {**event, "sequence_number": n}) for n, event in enumerate(events)]


_KEY_WORDS = "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."
_QUOTA_WORDS = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
)
_LOAD_WORDS = "Our servers are currently overloaded. Please try again later."
_NO: Mapping[Trouble, tuple[int, str, str, str]] = {
    Trouble.WRONG_KEY: (401, "invalid_request_error", "invalid_api_key", _KEY_WORDS),
    Trouble.UNAUTHORIZED: (401, "invalid_request_error", "invalid_api_key", _KEY_WORDS),
    Trouble.QUOTA: (429, "insufficient_quota", "insufficient_quota", _QUOTA_WORDS),
    Trouble.OVERLOADED: (503, "service_unavailable_error", "server_is_overloaded", _LOAD_WORDS),
}  # fmt: skip
"""https://platform.openai.com/docs/guides/error-codes"""


def refuse(trouble: Trouble, retry_after: int) -> Refusal:
    """OpenAI's no, in the words of both of its APIs."""
    status, kind, code, message = _NO[trouble]
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Refusal(status, body, {"retry-after": str(retry_after)} if trouble is Trouble.QUOTA else {})


def key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """OpenAI's key."""
    return bearer(headers)


RESPONSES = Dialect(
    name="responses",
    key=key,
    read=_read,
    runners={
        _FREEFORM: lambda command: {"input": f"text((await tools.exec_command({json.dumps({'cmd': command})})).output)"},
        "exec_command": lambda command: {"cmd": command},
        "shell_command": lambda command: {"command": command},
        "shell": lambda command: {"command": ["sh", "-c", command]},
    },
    stream=_stream,
    whole=_whole,
    refuse=refuse,
)
