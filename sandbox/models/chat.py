"""OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat), which most other providers speak too."""

import json
from collections.abc import Sequence

from sandbox.models.responses import key, refuse
from sandbox.models.words import Ask, Call, Dialect, Json, Say, Tokens, Turn, as_text


def _read(path: str, body: Json) -> Ask:
    results = [message for message in body.get("messages", ()) if message.get("role") == "tool"]
    return Ask(
        model=body.get("model", ""),
        tools=[tool.get("function", {}).get("name", "") for tool in body.get("tools", ())],
        results=len(results),
        heard=as_text(results[-1].get("content")) if results else "",
        streamed=bool(body.get("stream")),
    )


def _said(turn: Turn, number: str) -> dict[str, object]:
    match turn:
        case Say(text):
            return {"role": "assistant", "content": text}
        case Call(tool, arguments):
            function = {"name": tool, "arguments": json.dumps(arguments)}
            return {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"index": 0, "id": f"call_{number}", "type": "function", "function": function}],
            }


def _usage(tokens: Tokens) -> Json:
    return {
        "prompt_tokens": tokens.read,
        "completion_tokens": tokens.written,
        "total_tokens": tokens.read + tokens.written,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
        "completion_tokens_details": {"reasoning_tokens": tokens.thought},
    }


def _reason(turn: Turn) -> str:
    return "stop" if isinstance(turn, Say) else "tool_calls"


def _whole(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Json:
    choice = {"index": 0, "message": _said(turn, number), "finish_reason": _reason(turn)}
    begun = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 0, "model": ask.model}
    return {**begun, "choices": [choice], "usage": _usage(tokens)}


def _stream(ask: Ask, turn: Turn, tokens: Tokens, number: str) -> Sequence[tuple[str | None, Json]]:
    begun = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 0, "model": ask.model}
    return [
        (None, {**begun, "choices": [{"index": 0, "delta": _said(turn, number), "finish_reason": None}]}),
        (None, {**begun, "choices": [{"index": 0, "delta": {}, "finish_reason": _reason(turn)}]}),
        (None, {**begun, "choices": [], "usage": _usage(tokens)}),
    ]


CHAT = Dialect(
    name="chat",
    key=key,
    read=_read,
    runners={"bash": lambda command: {"command": command, "description": "Work on the task"}},
    stream=_stream,
    whole=_whole,
    refuse=refuse,
    last="[DONE]",
)
