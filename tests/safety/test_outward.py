"""What leaves shows itself as it is and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.safety.outward import ALERT_LIMIT, PUBLIC_LIMIT, alert_text, public_text, quote_block, visible
from orchestrator.safety.redact import Redactor

HIDE = Redactor(["our-own-secret-value"])
MENTION = re.compile(r"@[A-Za-z0-9]")
REFERENCE = re.compile(r"#[0-9]|\bgh-[0-9]|/(?:issues|pull|pulls|discussions|commit)/[0-9a-f]", re.IGNORECASE)
MARKUP = re.compile(r"<[A-Za-z/!?]|!\[")

ACTING = [
    "ping @alice and @acme/core",
    "Closes #12",
    "fixes: acme/web#12",
    "resolves GH-12 or gh-3",
    "Closes https://github.com/acme/web/issues/12",
    "see https://ghe.example.org/a/b/pull/3 and a/b@3fa85f64",
    "<img src=x onerror=y> <!-- agentos: x y --> </details>",
    "![pixel](https://example.org/p.png?leak)",
    "`@alice` and ```\n#12\n``` and ` #3",
    "@\u200balice #\u200b12 <\u200bimg",
    "@\x1b[0malice #\u00ad12",
    "\uff20ok &#64;alice",
]


@pytest.mark.parametrize("text", ACTING)
def test_t13_nothing_in_it_mentions_refers_closes_or_renders(text: str) -> None:
    shown = public_text(text, HIDE)
    assert not any(pattern.search(shown) for pattern in (MENTION, REFERENCE, MARKUP))


@given(st.text(alphabet=st.sampled_from("@#<!/[]()`~ \nagh-1\u200b\x1b[0m\r\u00ad\u202e"), max_size=60))
def test_t13_no_text_at_all_acts_and_doing_it_again_changes_nothing(text: str) -> None:
    shown = public_text(text, HIDE)
    assert not any(pattern.search(shown) for pattern in (MENTION, REFERENCE, MARKUP))
    assert public_text(shown, HIDE) == shown


@pytest.mark.parametrize(
    "text", ["plain words, e-mail me", "a list\n- one\n\ttwo", "`List<` and a > b", "issue no. 12", "50 # of them"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert public_text(text, HIDE) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil\x07link\x1b]8;;\x07", "link"),
        ("a\rb\r\nc", "a\nb\nc"),
        ("a\x00\x07\x7f\x9b31mb", "ab"),
        ("abc\u202edef\u200b\ufeff\U000e0041", "abcdef"),
        ("e\u0301", "é"),
        ("tab\tand ✓ 日本 🙂", "tab\tand ✓ 日本 🙂"),
        ("lone \ud800 half", "lone  half"),
    ],
)
def test_what_does_not_show_is_taken_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_a11_whatever_leaves_can_be_written_as_utf8(text: str) -> None:
    public_text(text, HIDE).encode()
    alert_text(text, HIDE).encode()


@pytest.mark.parametrize(
    "text", ["our-own-secret-value", "our-own-\u200bsecret-value", "our-own-\x1b[0msecret-value", "our-own-sec\x00ret-value"]
)
def test_s80_a_secret_does_not_leave_in_any_way_out(text: str) -> None:
    for shown in (public_text(text, HIDE), alert_text(text, HIDE)):
        assert "our-own" not in shown
        assert "[redacted: known value]" in shown


def test_a_secret_at_the_cut_leaves_no_half() -> None:
    assert "our-own" not in public_text("x" * (PUBLIC_LIMIT - 26) + " our-own-secret-value " + "y" * 50, HIDE)


@given(st.text(max_size=200), st.integers(min_value=0, max_value=5000))
def test_long_text_is_cut_and_says_so(text: str, times: int) -> None:
    assert len(alert_text(text * times, HIDE)) <= ALERT_LIMIT
    assert len(public_text("word " * times, HIDE)) <= PUBLIC_LIMIT


def test_a_code_block_left_open_is_closed() -> None:
    assert public_text("before\n````py\ncode\n```", HIDE).endswith("```\n````")


@given(st.text(alphabet="`~ab\n", max_size=40))
def test_nothing_in_a_quote_closes_its_fence(text: str) -> None:
    first, *inside, last = quote_block(text).split("\n")
    fence = first.removesuffix("text")
    assert last == fence
    assert not any(line.strip() and set(line.strip()) == {"`"} and len(line.strip()) >= len(fence) for line in inside)


def test_an_alert_keeps_its_words() -> None:
    assert alert_text("acme/web #12 needs @you <now>", HIDE) == "acme/web #12 needs @you <now>"
