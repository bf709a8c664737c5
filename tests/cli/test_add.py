from __future__ import annotations

import pytest

from orchestrator.cli import add
from orchestrator.cli.references import Unclear
from tests.cli.bench import Bench
from tests.cli.conftest import REPO, Firm

LONG = "word " * 40


def test_the_first_line_is_the_title_and_the_whole_text_the_body(firm: Firm) -> None:
    said = add.run(firm.desk.office(), "\nFix the login\n\nIt loops.", None, is_ready=False)
    (issue,) = firm.github.repo(REPO).issues.values()
    assert (issue.title, issue.body, issue.labels) == ("Fix the login", "\nFix the login\n\nIt loops.", [])
    assert said.text.splitlines() == [
        f"{firm.github.api_url.removesuffix('/api/v3')}/acme/web/issues/{issue.number}",
        "Nobody works on it yet. To start: put it on the board as Ready, or give it the label ready.",
    ]


def test_ready_starts_work(firm: Firm) -> None:
    said = add.run(firm.desk.office(), "Fix the login", "ACME/web", is_ready=True)
    (issue,) = firm.github.repo(REPO).issues.values()
    assert [label.name for label in issue.labels] == ["ready"]
    assert "takes it on within a minute" in said.text


def test_a_long_first_line_is_cut_at_a_hundred_characters() -> None:
    title = add.title_of(LONG)
    assert len(title) <= 100
    assert title.endswith("word…")


@pytest.mark.parametrize(
    ("text", "repo", "told"), [("  \n", None, "the text is empty"), ("x", "acme/wbe", "did you mean acme/web")]
)
def test_what_cannot_be_filed_is_refused_before_github_is_asked(desk: Bench, text: str, repo: str | None, told: str) -> None:
    with pytest.raises(Unclear, match=told):
        add.run(desk.office(), text, repo, is_ready=False)
