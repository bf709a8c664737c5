"""What stands where a key belongs is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.agents import placeholders

PLACEHOLDERS = [
    "changeme", "change-me-please", "CHANGE_ME", "your-api-key", "your_openrouter_key_here", "sk-your-key", "xxx", "XXXXXXXXXXXX",
    "sk-xxxxxxxxxxxxxxxxxxxx", "sk-or-v1-xxxxxxxxxxxx", "<your key>", "<OPENROUTER_API_KEY>", "sk-...", "sk-…", "placeholder",
    "PLACEHOLDER_TOKEN", "...", "****************", "${OPENROUTER_API_KEY}", "$OPENROUTER_API_KEY", "%OPENROUTER_API_KEY%",
    "none", "null", "undefined", "test", "secret", "insert-key-here", "paste_your_key", "replace-with-your-key",
    "example-key-1234567890", "api-key-goes-here", "TODO-put-the-key", "[redacted: known value]", "{{ openrouter_key }}",
    "0000000000000000", "dummy-key-123456",
]  # fmt: skip


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_known_and_not_repeated(value: str) -> None:
    assert placeholders.stands_for(value)
    fault = placeholders.fault(value)
    assert fault is not None
    assert value not in fault.replace("holds a placeholder", "")


@pytest.mark.parametrize(
    "value", ["", "   ", "short", "sk-abc", "a key with spaces", "ключ-от-провайдера", "line\nbreak-1234567890"]
)
def test_what_no_key_looks_like_is_none(value: str) -> None:
    assert placeholders.fault(value) is not None


@pytest.mark.parametrize(
    "value",
    [
        "sk-or-v1-" + "4f9a2b7c" * 8,
        "cpk_" + "9d8e7f6a5b4c" * 3,
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "sk-Zt9qLmYw3Rk",
    ],
)
def test_a_key_is_a_key(value: str) -> None:
    assert placeholders.fault(value) is None


@given(st.from_regex(r"\A(?:sk-|cpk_|nano_)?[a-km-z1-9]{24,48}\Z"))
def test_random_keys_are_seldom_taken_for_placeholders(value: str) -> None:
    words = ("test", "todo", "dummy", "xxxx", "example", "redacted", "insert", "change")
    assert any(word in value for word in words) or placeholders.fault(value) is None or len(set(value)) < 4
