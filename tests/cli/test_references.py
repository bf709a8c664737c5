from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.references import Unclear, configured, read
from orchestrator.model.github import IssueRef

WEB = "https://git.example.com"
ONE, TWO = ("acme/web",), ("acme/web", "acme/api")
REF = IssueRef("acme/web", 142)


@pytest.mark.parametrize(
    "text",
    ["142", "#142", "acme/web#142", "ACME/Web#142", f"{WEB}/acme/web/issues/142", f"{WEB}/acme/web/pull/142/files",
     f"{WEB}/acme/web/issues/142#issuecomment-1"],
)  # fmt: skip
def test_every_way_to_name_an_issue_is_understood(text: str) -> None:
    assert read(text, ONE, WEB) == REF


@pytest.mark.parametrize("text", ["acme-web-142-1", "acme-web-142-1.md", "runtime/mailbox/blocked/acme-web-142-1.md"])
def test_a_task_is_named_by_its_id_or_its_file(text: str) -> None:
    assert read(text, ONE, WEB) == "acme-web-142-1"


def test_a_bare_number_among_several_repositories_asks_which() -> None:
    with pytest.raises(Unclear, match="acme/web#142 or acme/api#142"):
        read("142", TWO, WEB)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://github.com/acme/web/issues/142", f"not on the configured GitHub, {WEB}"),
        (f"{WEB}/acme/web/wiki", "no address of an issue"),
        ("what ever", "is no issue, pull request or task"),
        ("", "is no issue, pull request or task"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_hint(text: str, told: str) -> None:
    with pytest.raises(Unclear, match=told):
        read(text, ONE, WEB)


def test_a_repository_that_is_not_configured_is_told_with_the_nearest() -> None:
    assert configured("Acme/WEB", ONE) == "acme/web"
    with pytest.raises(Unclear, match=r"not in the configuration; did you mean acme/web\?"):
        configured("acme/wbe", ONE)


@given(st.text())
def test_any_text_is_a_reference_or_unclear(text: str) -> None:
    with contextlib.suppress(Unclear):
        assert read(text, ONE, WEB)
