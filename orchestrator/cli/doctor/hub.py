"""GitHub: the token, what it may do in each repository, the boards and the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from orchestrator.cli.doctor.findings import Finding, Standing, missing, ok, warning
from orchestrator.cli.office import Office
from orchestrator.config.errors import ConfigErrors
from orchestrator.config.schema import NoCi, Project
from orchestrator.ports import Refused, Unavailable

TOKEN = "GitHub token"  # noqa: S105 - the name of a finding, not a token


def look(office: Office) -> Iterator[Finding]:
    """The token first: without one nothing else can be asked."""
    access = office.config.settings.github
    fix = (
        f"put a token into {access.token_env}, or into a file of mode 0600 named by github.token_file in config.yaml,\n"
        "or run: gh auth login"
    )
    try:
        token = office.github_token()
    except ConfigErrors as errors:
        yield missing(TOKEN, str(errors), fix)
        return
    if token is None:
        yield missing(TOKEN, "no token is found", fix)
        return
    us = each(TOKEN, lambda: [ok(TOKEN, f"found; we are {office.github.whoami()}")], fix)
    yield from us
    if us[0].standing is Standing.OK:
        yield from places(office)


def places(office: Office) -> Iterator[Finding]:
    """Every repository and board of the configuration."""
    for repo in office.config.repos:
        yield from each(f"repository {repo}", partial(repository, repo, office), "does the token reach it?")
    for name, project in office.config.settings.github_projects.items():
        fix = "look at project_number, project_owner, owner_type and status_field in config.yaml, and at the token's access"
        yield from each(f"board of {name}", partial(board, name, project, office), fix)


def repository(repo: str, office: Office) -> list[Finding]:
    """Our permission there, and whether anything is tested before it is merged."""
    subject, seen = f"repository {repo}", office.github.repository(repo)
    if not seen.permission.may_write():
        fix = f"give the token's account write permission: {office.web}/{repo}/settings/access"
        return [missing(subject, f"we may only {seen.permission}" if seen.permission != "none" else "no permission", fix)]
    fix = "does the token reach them? A person's fine-grained one cannot, in a private repository; a classic one with repo can"
    tested = each(f"checks of {repo}", lambda: [checks(repo, seen.default_branch, office)], fix)
    return [ok(subject, f"we have {seen.permission}"), *tested]


def checks(repo: str, default_branch: str, office: Office) -> Finding:
    """The checks that a pull request must pass, once those of the base branch were read: without that nothing is ever merged."""
    settings = office.config.repo(repo)
    subject, name = f"checks of {repo}", settings.base_branch or default_branch
    base = office.github.branch(repo, name)
    office.github.checks(repo, base.sha, ())
    required = tuple(settings.merge.required_checks) or base.required_checks
    if required:
        return ok(subject, f"required on {name}: {', '.join(required)}")
    told = f"{name} requires none: all that run must be green"
    if settings.merge.no_ci is NoCi.MERGE:
        return warning(subject, f"{told}, and where none runs it is merged untested (merge.no_ci: merge)", protect(repo, office))
    return warning(subject, f"{told}, and a pull request on which none runs is held for you", protect(repo, office))


def protect(repo: str, office: Office) -> str:
    """How to require a check."""
    return f"require a check at {office.web}/{repo}/settings/branches, or name it in merge.required_checks"


def board(name: str, project: Project, office: Office) -> list[Finding]:
    """The board and the options that the configuration names."""
    subject, options = f"board of {name}", office.statuses(name)
    if options is None:
        return [ok(subject, "none is configured: issues are started by label")]
    values = (project.backlog_value, project.ready_value, project.in_progress_value, project.blocked_value, project.done_value)
    absent = [value for value in values if value.casefold() not in options]
    if absent:
        fix = f"add the options to the board's field {project.status_field}, or set the *_value keys to those that it has"
        return [missing(subject, f"has no {', '.join(absent)}; it has: {', '.join(options)}", fix)]
    return [ok(subject, f"number {project.project_number}, with all {len(values)} statuses")]


def each(subject: str, look_at: Callable[[], Iterable[Finding]], fix: str) -> list[Finding]:
    """The findings, or GitHub's refusal or silence as one."""
    try:
        return list(look_at())
    except Unavailable as trouble:
        return [warning(subject, f"GitHub does not answer: {trouble}", "run agentos doctor again later")]
    except Refused as trouble:
        return [missing(subject, f"GitHub refuses: {trouble}", fix)]
