"""An agent's output for a person's eyes: lines that no terminal obeys, and JSON events of the known agents as what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from orchestrator.safety import outward

LONGEST_JSON: Final = 400_000
"""Characters of a line that is still read as an event."""
SHORT: Final = 240
"""Characters of a command, or of an event that we do not know."""
SILENT: Final = frozenset(
    ("system", "thread.started", "turn.started", "turn.completed", "item.started", "item.updated", "step_start", "init", "user")
)
"""Events that tell a person nothing; the end of a command is told with its beginning, or where it failed."""

Event = Mapping[str, Any]


def plain(line: bytes) -> str:
    """The line as text in which nothing is hidden and nothing is a command to the terminal; its indentation stays."""
    shown = outward.visible(line.decode(errors="replace")).replace("\n", " ")
    return "".join(letter if letter.isprintable() or letter == "\t" else "\N{REPLACEMENT CHARACTER}" for letter in shown)


def readable(line: str) -> list[str]:
    """What a line says: an event's words and commands, else the line itself."""
    event = _event(line)
    if event is None:
        return [line]
    said = _claude(event) or _codex(event) or _gemini(event) or _opencode(event) or _trouble(event)
    if said is None:
        return [] if event.get("type") in SILENT else [_short(line)]
    return said


def _event(line: str) -> Event | None:
    if not line.lstrip().startswith("{") or len(line) > LONGEST_JSON:
        return None
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and isinstance(told.get("type"), str) else None


def _claude(event: Event) -> list[str] | None:
    """https://docs.claude.com/en/docs/claude-code/sdk: stream-json."""
    match event:
        case {"type": "assistant" | "user", "message": {"content": [*blocks]}}:
            return [line for block in blocks for line in _block(block)]
        case {"type": "result", "is_error": bool(failed), **rest}:
            words = [f"  {line}" for line in _text(rest.get("result"))] if failed else []
            return [f"[{'failed' if failed else 'ended'} after {rest.get('num_turns', '?')} turns]", *words]
    return None


def _block(block: object) -> list[str]:
    match block:
        case {"type": "text", "text": str(text)}:
            return _text(text)
        case {"type": "tool_use", "name": name, "input": {"command": str(command)}}:
            return [f"$ {_short(command)}"]
        case {"type": "tool_use", "name": name, "input": given}:
            return [f"> {_short(f'{name} {_named(given)}')}"]
        case {"type": "tool_result", "is_error": True, "content": content}:
            return [f"  failed: {_short(_flat(content))}"]
    return []


def _codex(event: Event) -> list[str] | None:
    match event:
        case {"type": "item.completed", "item": {"type": "agent_message", "text": str(text)}}:
            return _text(text)
        case {"type": "item.completed", "item": {"type": "command_execution", "command": str(command), **rest}}:
            return [f"$ {_short(command)}", f"  exit {rest.get('exit_code', '?')}"]
        case {"type": "item.completed", "item": {"type": "file_change", "changes": [*changes]}}:
            paths = (one.get("path") for one in changes if isinstance(one, dict))
            return [f"> changed {_short(', '.join(str(path) for path in paths))}"]
        case {"type": "item.completed", "item": {"type": "error", "message": str(words)}}:
            return [f"  failed: {_short(words)}"]
        case {"type": "item.completed", "item": {"type": "reasoning"}}:
            return []
        case {"type": "turn.failed", "error": {"message": str(words)}}:
            return [f"[failed] {_short(words)}"]
    return None


def _gemini(event: Event) -> list[str] | None:
    match event:
        case {"type": "message", "role": "assistant", "content": str(text)}:
            return _text(text)
        case {"type": "message"}:
            return []
        case {"type": "tool_use", "tool_name": name, "parameters": {"command": str(command)}}:
            return [f"$ {_short(command)}"]
        case {"type": "tool_use", "tool_name": name, "parameters": given}:
            return [f"> {_short(f'{name} {_named(given)}')}"]
        case {"type": "tool_result", "status": str(status), **rest}:
            return [f"  failed: {_short(_flat(rest.get('output') or rest.get('error')))}"] if status != "success" else []
        case {"type": "result", "status": str(status)}:
            return [f"[{'ended' if status == 'success' else _short(status)}]"]
    return None


def _opencode(event: Event) -> list[str] | None:
    match event:
        case {"type": "text", "part": {"text": str(text)}}:
            return _text(text)
        case {"type": "tool_use", "part": {"tool": name, "state": {"input": {"command": str(command)}, **state}}}:
            ended = state.get("metadata")
            code = ended.get("exit", "?") if isinstance(ended, dict) else "?"
            return [f"$ {_short(command)}", f"  exit {code}"]
        case {"type": "tool_use", "part": {"tool": name, "state": {"input": given}}}:
            return [f"> {_short(f'{name} {_named(given)}')}"]
        case {"type": "step_finish"}:
            return []
    return None


def _trouble(event: Event) -> list[str] | None:
    """What went wrong, as all of them tell it in one way or another."""
    match event:
        case {"type": "error", "message": str(words)}:
            return [f"[failed] {_short(words)}"]
        case {"type": "error", "error": error}:
            return [f"[failed] {_short(_flat(error))}"]
    return None


def _text(text: object) -> list[str]:
    return [plain(line.encode(errors="replace")) for line in text.splitlines()] if isinstance(text, str) else []


def _named(given: object) -> str:
    """What a tool was used on: the path or pattern of its arguments, else all of them."""
    if isinstance(given, dict):
        known = (given.get(key) for key in ("file_path", "filePath", "absolute_path", "path", "pattern", "query", "url"))
        return next((value for value in known if isinstance(value, str)), _flat(given))
    return _flat(given)


def _flat(told: object) -> str:
    match told:
        case str():
            return told
        case [{"text": str(text)}, *_]:
            return text
    return json.dumps(told, ensure_ascii=False, default=str)


def _short(text: str) -> str:
    line = " ".join(plain(text.encode(errors="replace")).split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
