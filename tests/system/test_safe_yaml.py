"""Whatever the bytes: a small closed part of YAML, or BadYaml with its place."""

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.system import safe_yaml, yaml_events
from orchestrator.system.safe_yaml import BadYaml

BOTH_PARSERS = pytest.mark.parametrize("loader", [yaml_events.FASTEST, yaml.SafeLoader], ids=["libyaml", "python"])


def value(text: str) -> object:
    """What `text` means as the value of a key."""
    return safe_yaml.to_plain(safe_yaml.parse(f"key: {text}\n").entries["key"].value)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
REFUSED = {
    "alias bomb": (BOMB, "anchor"),
    "alias": ("a: *b", "alias"),
    "anchor on a key": ("&a b: 1", "anchor"),
    "brackets": ("a: " + "[" * 6000, "too deeply"),
    "braces": ("{a: " * 3000, "too deeply"),
    "dashes": ("a:\n  " + "- " * 3000, "too deeply"),
    "tag": ("a: !!python/object/apply:os.system [id]", "tag"),
    "plain tag": ("a: !!str 1", "tag"),
    "bare tag": ("a: ! 1", "tag"),
    "tag on the whole": ("!!map {a: 1}", "tag"),
    "tag directive": ("%TAG !y! tag:example.com,2026:\n--- {a: 1}", "tags"),
    "merge key": ("<<: {a: 1}\nb: 2", "merge key"),
    "duplicate key": ("a: 1\nb: 2\na: 3", "twice"),
    "duplicate by quoting": ("a: 1\n'a': 2", "twice"),
    "whole number as key": ("1: a", "not text"),
    "truth as key": ("true: a", "not text"),
    "nothing as key": ("~: a", "not text"),
    "list as key": ("[a]: 1", "not text"),
    "complex key": ("? {a: b}\n: 1", "not text"),
    "two documents": ("a: 1\n---\nb: 2", "second document"),
    "empty": ("", "empty"),
    "only a comment": ("# nothing\n", "empty"),
    "a scalar": ("just text", "mapping"),
    "a list": ("- a", "mapping"),
    "null": ("---\n", "mapping"),
    "tab": ("a:\n\t- b", ""),
    "unclosed quote": ('a: "b', ""),
    "nul": ("a: \0", ""),
    "large": ("a: " + "x" * 70_000, "larger"),
    "lone surrogate": ("a: \ud800", "surrogate"),
    "escaped surrogate": ('a: "\\ud800"', ""),
    "escape beyond Unicode": ('a: "\\UFFFFFFFF"', ""),
}


@BOTH_PARSERS
@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_t22_what_yaml_could_do_to_us_is_refused_by_name_and_at_once(text: str, problem: str, loader: Any) -> None:
    began = time.thread_time()  # a busy machine takes none of it
    with pytest.raises(BadYaml) as refused:
        safe_yaml.parse(text, loader=loader)
    assert problem in refused.value.problem
    assert time.thread_time() - began < 1


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "9" * 5000, str(2**63), "1e999", "9" * 5000 + ".0"])
def test_t22_a_number_that_no_computer_word_holds_is_refused(number: str) -> None:
    with pytest.raises(BadYaml, match="too large a number"):
        value(number)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes",
        "on",
        "off",
        "012",
        "0o17",
        "0x1f",
        "12:30:45",
        "9999-99-99",
        "2026-11-21",
        "1_000",
        "+",
        ".inf",
        ".nan",
        "1.2.3",
        "v1",
        "1e",
        ".",
    ],
)
def test_t22_only_what_everybody_expects_is_anything_but_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("12", 12),
        ("-7", -7),
        ("0", 0),
        ("1.50", 1.5),
        ("-1e3", -1000.0),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("a b", "a b"),
        (str(-(2**63)), -(2**63)),
    ],
)
def test_plain_values_mean_what_they_say(text: str, meaning: object) -> None:
    assert value(text) == meaning
    assert type(value(text)) is type(meaning)


@pytest.mark.parametrize("text", ["12", "true", "null", "~", ""])
def test_quoted_values_are_text(text: str) -> None:
    assert value(f"'{text}'") == value(f'"{text}"') == text


def test_every_node_knows_where_it_stands() -> None:
    top = safe_yaml.parse("a: 1\nbig:\n  - x\n  -   y: z\n")
    assert (top.line, top.entries["big"].line, top.entries["big"].column) == (1, 2, 1)
    listed = top.entries["big"].value
    assert isinstance(listed, safe_yaml.Sequence_)
    assert listed.items[0] == safe_yaml.Scalar(3, 5, "x", is_plain=True)
    assert isinstance(listed.items[1], safe_yaml.Mapping_)
    assert listed.items[1].entries["y"].line == 4


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: 1\nb: 2\n  a: 3", (3, 4)), ("a: 1\nb: &x 2", (2, 4)), ("a: 1\na: 2", (2, 1)), (b"a: 1\nb: \xff", (2, 4))],
)
def test_the_place_of_a_problem_is_told(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(BadYaml) as refused:
        safe_yaml.parse(text)
    assert (refused.value.line, refused.value.column) == place


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter() -> None:
    assert safe_yaml.to_plain(safe_yaml.parse("\ufeffa: 1\r\nb: x\r\n".encode())) == {"a": 1, "b": "x"}


def test_a_reader_may_ask_for_every_repeated_key_at_once() -> None:
    top = safe_yaml.parse("a: 1\nb: {c: 1, c: {d: 2}}\na: 3\na: 4\n", keep_repeats=True)
    assert top.repeats == (("a", 3), ("a", 4))
    assert safe_yaml.to_plain(top) == {"a": 1, "b": {"c": 1}}


def test_depth_and_size_are_the_caller_s_choice() -> None:
    safe_yaml.parse("a: [[1]]", max_depth=3)
    with pytest.raises(BadYaml, match="deep"):
        safe_yaml.parse("a: [[1]]", max_depth=2)
    safe_yaml.parse("a: 1", max_bytes=4)
    with pytest.raises(BadYaml, match="larger than 3"):
        safe_yaml.parse("a: 1", max_bytes=3)


def refusal(source: bytes | str, loader: Any) -> BadYaml | None:
    """How the source is refused, None when it is taken."""
    try:
        safe_yaml.to_plain(safe_yaml.parse(source, loader=loader))
    except BadYaml as bad:
        return bad
    return None


SNIPPETS = [
    "a: ",
    "- ",
    "? ",
    ": ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!!str ",
    "!",
    "|",
    ">",
    "'",
    '"',
    "\\x",
    "%YAML 9.9\n",
    "%TAG ! x\n",
    "---\n",
    "...\n",
    "#",
    "<<",
    "@",
    "`",
    "\t",
    "\r",
    "\u2028",
    "\x85",
    "9" * 25,
    "\\",
    "\ufeff",
    "~",
    "0x",
    "é",
]


@BOTH_PARSERS
@settings(max_examples=300, deadline=1000)
@given(
    source=st.one_of(
        st.binary(max_size=400), st.text(max_size=400), st.lists(st.sampled_from(SNIPPETS), max_size=60).map("".join)
    )
)
def test_t22_any_bytes_are_a_node_or_bad_yaml(source: bytes | str, loader: Any) -> None:
    bad = refusal(source, loader)
    assert bad is None or (bad.line >= 1 and bad.column >= 1 and "\n" not in bad.problem)


TEXTS = st.text(max_size=60) | st.sampled_from(
    ["no", "012", "null", "", " ", "a: b", "a #b", "- a", "---", "...", "\u2028", "\x85", "[", "{", "1e5", "é", "=", "a:"]
)
WORDS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8)


@BOTH_PARSERS
@settings(max_examples=300, deadline=1000)
@given(mapping=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=6))
def test_what_is_written_is_read_back_the_same(mapping: dict[str, object], loader: Any) -> None:
    assert safe_yaml.to_plain(safe_yaml.parse(safe_yaml.dump(mapping), max_depth=30, loader=loader)) == mapping


@given(
    mapping=st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=20), st.one_of(TEXTS, st.booleans(), st.none()), min_size=1, max_size=6
    )
)
def test_other_programs_yaml_reads_our_text_the_same(mapping: dict[str, object]) -> None:
    assert yaml.load(safe_yaml.dump(mapping), Loader=yaml.CSafeLoader) == mapping


def test_times_are_written_in_utc_and_lists_on_one_line() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=3)))
    assert safe_yaml.dump(
        {"created_at": noon, "agents_tried": ["codex", "a b"], "none": [], "issue": 142, "title": "Fix: it"}
    ) == ('created_at: 2026-11-21T09:00:00Z\nagents_tried: [codex, a b]\nnone: []\nissue: 142\ntitle: "Fix: it"\n')


@pytest.mark.parametrize("bad", [float("inf"), float("nan"), "\udc80", datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)])
def test_what_yaml_cannot_hold_is_refused_when_written(bad: object) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        safe_yaml.dump({"key": bad})


def test_a_value_of_a_foreign_type_or_a_giant_key_is_refused_when_written() -> None:
    with pytest.raises(TypeError):
        safe_yaml.dump({"key": object()})
    with pytest.raises(ValueError, match="too long"):
        safe_yaml.dump({"k" * 2000: 1})
