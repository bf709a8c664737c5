"""What may leave a working copy, rule by rule."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from orchestrator.config.schema import Gate
from orchestrator.model.tree import Change
from orchestrator.safety.gate import RULES, judge
from orchestrator.safety.paths import matcher
from orchestrator.safety.redact import Redactor

HIDE = Redactor(["our-own-secret-value"])


def new(path: str = "src/new.py", added: str | None = "x = 1\n", mode: str = "100644", size: int = 6) -> Change:
    return Change(path=path, status="A", old_mode="000000", new_mode=mode, size=size, added=added)


def edited(path: str, added: str | None = "x = 1\n", old: str = "100644", mode: str = "100644") -> Change:
    return Change(path=path, status="M", old_mode=old, new_mode=mode, size=6, added=added)


def deleted(path: str, old: str = "100644") -> Change:
    return Change(path=path, status="D", old_mode=old, new_mode="000000")


def codes(*changes: Change, gate: Gate | None = None, neighbours: tuple[str, ...] = ()) -> list[str]:
    return [refusal.code for refusal in judge(changes, gate=gate or Gate(), redactor=HIDE, neighbours=neighbours)]


def test_ordinary_work_may_leave() -> None:
    work = [
        new(),
        edited("README.md"),
        deleted("old.py"),
        new("run.sh", "#!/bin/sh\n", "100755"),
        new("logo.png", None),
        edited("run", "", mode="100755"),
    ]
    assert codes(*work, new("docs/ünï code.md"), new("src/.gitignore"), new(".env.example", "TOKEN=\n")) == []


def test_the_worker_s_memory_file_may_leave() -> None:
    assert codes(edited("CODEBASE.md", "### 2026-11-21 — [acme-web-1-1] (#1)\n\nDone.\n")) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (new(size=513 << 10), "G03"),
        (new("to", "/etc/passwd", "120000"), "G04"),
        (edited("to", "/etc/passwd", "120000", "120000"), "G04"),
        (new("sub", None, "160000"), "G05"),
        (deleted("sub", "160000"), "G05"),
        (new(".gitmodules"), "G05"),
        (new("a/.GitModules"), "G05"),
        (new("tool", "\x7fELF", "100755"), "G06"),
        (new("tool", None, "100755"), "G06"),
        (edited("tool", None, mode="100755"), "G06"),
        (new("odd", mode="100664"), "G06"),
        (new("a\nb"), "G09"),
        (new("a\x1b[2Jb"), "G09"),
        (new("pay\u202eload"), "G09"),
        (new("caf\\xe9"), "G09"),
        (new("a/../b"), "G09"),
        (new("/etc/x"), "G09"),
        (new("x" * 256), "G09"),
        (new("a/.GIT/config"), "G09"),
        (new("git~1/config"), "G09"),
        (new(".git./x"), "G09"),
        (new(".git::$INDEX_ALLOCATION/x"), "G09"),
        (new(".g\u200cit/x"), "G09"),
        (new("name "), "G09"),
        (new(added="k = 'our-own-secret-value'\n"), "G10"),
        (new(added="k = 'ghp_aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5'\n"), "G10"),
        (new("our-own-secret-value.py"), "G10"),
        (new(".agent_result.md"), "G13"),
        (edited("docs/.Agent_Result.md"), "G13"),
        (new("t.md", "---\nid: acme-web-1-1\nrepo: acme/web\nstage: claimed\n---\n"), "G13"),
        (edited("a.py", "<<<<<<< ours\none\n=======\ntwo\n>>>>>>> theirs\n"), "G15"),
    ],
)
def test_t9_what_must_not_leave_is_refused_with_its_code(change: Change, code: str) -> None:
    assert code in codes(change)


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".GitHub/Workflows/ci.yml",
        ".gitlab-ci.yml",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        "a/b/.gitattributes",
        ".husky/pre-commit",
        ".pre-commit-config.yaml",
        "AGENTS.md",
        "sub/agents.MD",
        "CLAUDE.md",
        ".claude/settings.json",
        ".agentos/checks.yaml",
        "x/.mcp.json",
        ".vscode/tasks.json",
        ".g\u00adithub/workflows/ci.yml",
    ],
)
@pytest.mark.parametrize("make", [new, edited, deleted])
def test_s57_t4_t11_a_protected_path_is_refused_however_it_is_written(make: Callable[[str], Change], path: str) -> None:
    assert "G07" in codes(make(path))


@pytest.mark.parametrize(
    "path", ["src/github/a.py", "docs/.github.md", "agents.py", "AGENTS.md.bak", "githooks/x", "my.gitlab-cix"]
)
def test_a_path_that_only_resembles_a_protected_one_may_leave(path: str) -> None:
    assert codes(new(path)) == []


def test_a_protected_name_is_known_in_any_composition() -> None:
    assert matcher(["Ünï/**"])(unicodedata.normalize("NFD", "ünÏ/x"))


def test_t9_names_that_are_one_where_case_does_not_count_are_refused() -> None:
    assert codes(new("Makefile"), new("makefile")) == ["G09", "G09"]
    assert codes(new("SRC/app.py"), neighbours=("src/app.py",)) == ["G09"]
    assert codes(new("SRC/app.py"), deleted("src/app.py"), neighbours=("src/app.py",)) == []


def test_limits_are_the_configuration_s() -> None:
    several = [new(f"f{number}.py") for number in range(4)]
    assert codes(*several, gate=Gate(max_files=3)) == ["G02"]
    assert codes(new(added="x" * 2000), new("b", "y" * 2000), gate=Gate(max_added_kib=3)) == ["G03"]
    assert codes(new(size=2000), gate=Gate(max_blob_kib=1)) == ["G03"]


def test_a_refusal_never_repeats_the_secret() -> None:
    refusals = judge([new("our-own-secret-value.py", "our-own-secret-value")], gate=Gate(), redactor=HIDE)
    assert not any("our-own" in refusal.sentence for refusal in refusals if refusal.code == "G10")


def test_many_reasons_of_one_kind_are_told_briefly() -> None:
    refusals = judge([new(f"l{number}", "x", "120000") for number in range(50)], gate=Gate(), redactor=HIDE)
    assert len(refusals) == 6
    assert refusals[-1].sentence == "and 45 more like these"


def test_every_rule_says_its_code() -> None:
    assert all((rule.__doc__ or "").startswith("G") for rule in RULES)


def test_a_deleted_secret_and_a_deleted_link_may_leave() -> None:
    assert codes(deleted("link", "120000"), deleted("key.py")) == []
