"""What changed between two trees, as git's plumbing tells it, for the gate to judge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One path that differs. Modes are git's octal texts (`100644`, `120000`, `160000`, `000000` for absent).

    `status` is git's letter (A, M, D, T); `size` the new blob's bytes; `added` the added lines (decoded with
    replacement, capped), None for binary or deleted.
    """

    path: str
    status: str
    old_mode: str
    new_mode: str
    size: int = 0
    added: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change may not leave the worktree: a gate code such as `G07` and a sentence with the path."""

    code: str
    sentence: str
