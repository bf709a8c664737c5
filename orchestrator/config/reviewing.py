"""The settings of reviewing and merging: what a merge needs, whose word counts, and what is done with pull requests of others."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

LabelName = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^\S(.*\S)?$", description="A label on GitHub.")]
Login = Annotated[str, Meta(min_length=1, max_length=100, description="A login on GitHub.")]


class NoCi(StrEnum):
    """What to do with a pull request on which no check ever runs."""

    HOLD = "hold"
    MERGE = "merge"


class MergeMethod(StrEnum):
    """How a tested commit gets onto its base branch."""

    AUTO = "auto"
    SQUASH = "squash"
    FAST_FORWARD = "fast_forward"


class ApprovalNeeded(StrEnum):
    """Which pull requests of ours wait for a person's approval."""

    RISKY = "risky"
    ALWAYS = "always"


class ExternalMode(StrEnum):
    """When pull requests that are not ours are reviewed."""

    OFF = "off"
    ON_REQUEST = "on_request"
    ON_READY = "on_ready"
    AUTO = "auto"


def risky_paths() -> list[str]:
    """What decides about other people's code that gets in, or about what runs where nobody looks."""
    return [
        "**/package.json", "**/package-lock.json", "**/pnpm-lock.yaml", "**/yarn.lock",
        "**/pyproject.toml", "**/setup.py", "**/requirements*.txt", "**/poetry.lock", "**/uv.lock", "**/Pipfile*",
        "**/go.mod", "**/go.sum", "**/Cargo.toml", "**/Cargo.lock", "**/Gemfile*", "**/composer.*",
        "**/Dockerfile*", "**/docker-compose*", "**/Makefile", "**/conftest.py",
    ]  # fmt: skip


class LockFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A generated file that its own tool makes anew when two branches changed it."""

    path: Annotated[str, Meta(min_length=1, max_length=200, description="The file, or a pattern like protected_paths.")]
    command: Annotated[str, Meta(min_length=1, max_length=4000, description="What `sh -c` runs to make it anew, in the sandbox.")]


class Merge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a pull request of ours is merged."""

    method: Annotated[
        MergeMethod,
        Meta(
            description="squash: GitHub squashes. fast_forward: the tested commit itself becomes the tip, or nothing happens. "
            "auto: fast_forward where the base branch is not protected, else squash."
        ),
    ] = MergeMethod.AUTO
    no_ci: Annotated[NoCi, Meta(description="A pull request without any check: hold it for a person, or merge it.")] = NoCi.HOLD
    no_ci_after_minutes: Annotated[
        int,
        Meta(
            ge=1,
            le=1440,
            description="How long to wait for the first check before a pull request counts as one without CI.",
        ),
    ] = 30
    required_checks: Annotated[
        list[str],
        Meta(
            description="Names of checks that must be green. Empty: those that the branch protection requires, else all that ran."
        ),
    ] = field(default_factory=list)
    rerun_failed: Annotated[
        bool, Meta(description="Run failed jobs once more before an agent repairs: a flaky check costs a minute, not an agent.")
    ] = True
    max_ci_fixes: Annotated[int, Meta(ge=0, le=20, description="How often a red CI goes back to an agent.")] = 3
    max_review_rounds: Annotated[
        int, Meta(ge=0, le=20, description="How often what a trusted person asks for in a review goes back to an agent.")
    ] = 2
    max_rebases: Annotated[
        int, Meta(ge=0, le=50, description="How often the branch is rebuilt because the base branch moved.")
    ] = 5
    lock_files: Annotated[
        list[LockFile], Meta(description="Files that are made anew by their own tool when they are all that conflicts.")
    ] = field(default_factory=list)
    approval: Annotated[
        ApprovalNeeded,
        Meta(description="always: a person approves each merge. risky: only what approval_paths and docs/review.md name."),
    ] = ApprovalNeeded.RISKY
    approval_paths: Annotated[
        list[str], Meta(description="A change to one of these paths waits for a person's approval (patterns as protected_paths).")
    ] = field(default_factory=risky_paths)
    approval_days: Annotated[float, Meta(gt=0, le=365, description="Days after which an approval does not count any more.")] = 7
    stuck_hours: Annotated[
        float, Meta(gt=0, le=720, description="Hours without any progress after which you are told, with the rule that waits.")
    ] = 6


class Labels(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Labels on issues and pull requests. Ours follow the task; yours steer it."""

    enabled: Annotated[bool, Meta(description="Whether the issue carries a label that shows where its task is.")] = True
    working: LabelName = "agent: working"
    in_review: LabelName = "agent: in review"
    ci_failed: LabelName = "agent: CI failed"
    needs_you: LabelName = "agent: needs you"
    hold: Annotated[
        str, Meta(min_length=1, max_length=50, description="Set by anybody who may: nothing is done until it is taken off.")
    ] = "hold"
    approved: Annotated[
        str,
        Meta(min_length=1, max_length=50, description="Set by a trusted person: approves the commit that is there then."),
    ] = "agent: approved"


class ExternalPrs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pull requests that no task here has made. They are read and judged, never pushed to."""

    mode: Annotated[
        ExternalMode,
        Meta(
            description="off; on_request: when a trusted person comments `/agentos review`; on_ready: each commit of one that is "
            "no draft; auto: the same, and a good verdict may approve (auto_approve)."
        ),
    ] = ExternalMode.OFF
    author_filter: Annotated[list[str], Meta(description="Whose pull requests; `*` is anybody.")] = field(
        default_factory=lambda: ["*"]
    )
    label_filter: Annotated[list[str], Meta(description="Labels that must all be there.")] = field(default_factory=list)
    exclude_bots: Annotated[bool, Meta(description="Leave those of bots alone.")] = True
    exclude_drafts: Annotated[bool, Meta(description="Leave drafts alone.")] = True
    auto_approve: Annotated[
        bool, Meta(description="With mode auto: post a good verdict as an approving review instead of a comment.")
    ] = False
    max_per_day: Annotated[int, Meta(ge=1, le=1000, description="Most reviews a day (UTC) for a repository.")] = 10


class Dependabot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Updates of dependencies by a bot, judged by how large a step they are (semantic versioning)."""

    auto_review: Annotated[bool, Meta(description="Review each of its pull requests.")] = False
    auto_merge_patch: Annotated[bool, Meta(description="Merge patch updates when the required checks are green.")] = False
    auto_merge_minor: Annotated[
        bool, Meta(description="Merge minor updates when the checks are green and a review of that commit found nothing.")
    ] = False
    auto_migrate_breaking: Annotated[
        bool, Meta(description="For a major update, file an issue that asks for the migration. It is never merged by itself.")
    ] = False
    bot_usernames: Annotated[list[Login], Meta(description="The bots that this is about.")] = field(
        default_factory=lambda: ["dependabot[bot]"]
    )


class Review(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reviews by an agent, which reads and judges and cannot change anything."""

    external_prs: ExternalPrs = field(default_factory=ExternalPrs)
    max_diff_lines: Annotated[int, Meta(ge=50, le=50_000, description="Most lines of a diff that a reviewer is shown.")] = 3000
