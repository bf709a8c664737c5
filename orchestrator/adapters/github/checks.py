"""Checks on a commit: what is green, and only what GitHub says is green."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from orchestrator.adapters.github.account import Accounts, repo_path
from orchestrator.adapters.github.answers import Declined, GaveUp
from orchestrator.adapters.github.paging import pages
from orchestrator.adapters.github.shapes import path
from orchestrator.adapters.github.wire import Wire
from orchestrator.model.github import Check, CheckState
from orchestrator.ports import Refused, Unavailable

LONGEST_LOG = 2_000_000
LARGEST_LOG = 50_000_000
"""Bytes: how much of a log's end is given, and the most that is fetched to reach the end."""

CONCLUSIONS = {
    "success": CheckState.SUCCESS,
    "neutral": CheckState.NEUTRAL,
    "skipped": CheckState.SKIPPED,
    "action_required": CheckState.ACTION_REQUIRED,
}
FAILED = ("failure", "cancelled", "timed_out", "stale", "startup_failure")
UNFINISHED = ("queued", "in_progress", "waiting", "requested", "pending")
STATES = {
    "success": CheckState.SUCCESS,
    "pending": CheckState.PENDING,
    "failure": CheckState.FAILURE,
    "error": CheckState.FAILURE,
}
WORST_FIRST = (
    CheckState.FAILURE,
    CheckState.PENDING,
    CheckState.ACTION_REQUIRED,
    CheckState.SKIPPED,
    CheckState.NEUTRAL,
    CheckState.SUCCESS,
)

JOB = re.compile(r"/job/(\d+)")


class _Output(Struct):
    title: str | None = None
    summary: str | None = None


class _Run(Struct):
    id: int
    name: str
    status: str
    conclusion: str | None
    html_url: str | None
    output: _Output


class _Runs(Struct):
    total_count: int
    check_runs: list[_Run]


class _Status(Struct):
    context: str
    state: str
    description: str | None
    target_url: str | None


class _Statuses(Struct):
    total_count: int
    statuses: list[_Status]


class Checks(Accounts):
    """The part of the GitHub port about checks; a subject of `GitHubClient`."""

    def checks(self, repo: str, sha: str, names: Sequence[str]) -> Sequence[Check]:
        """Check runs and, where a name is missing among them, commit statuses; the newest per name.

        A run and a status of the same name are both required by GitHub, so the worse of the two stands for the name.
        """
        commit = f"{repo_path(repo)}{path('commits', sha)}"
        found = _newest(_runs(self._wire, commit))
        if not names or any(name not in found for name in names):
            for check in _statuses(self._wire, commit):
                found[check.name] = worse(check, found.get(check.name, check))
        return tuple(found.values())

    def check_log(self, repo: str, check: Check) -> str:
        """The end of the log of a check run of GitHub Actions (a run's id is its job's); empty when GitHub has none.

        At most 2 MB; what was left out before is said in the first line. Untrusted text. Refused for one that is larger than
        50 MB: it stays so, however often it is asked for.
        """
        if check.run_id is None:
            return ""
        job = JOB.search(check.url)
        place = self._wire.find_file(f"{repo_path(repo)}{path('actions', 'jobs', job[1] if job else check.run_id, 'logs')}")
        if place is None:
            return ""
        try:
            log, is_whole = self._wire.tail(place, LONGEST_LOG, LARGEST_LOG)
        except Refused:
            return ""  # its address had run out, or the log was removed
        except GaveUp as too_large:
            raise Refused(str(too_large)) from None
        return ("" if is_whole else "[earlier lines left out]\n") + log.decode(errors="replace")

    def rerun_failed(self, repo: str, workflow_run: int) -> bool:
        """Run the failed jobs of a run of GitHub Actions once more; False when GitHub will not.

        It will not while the run goes on, when nothing in it failed, when it is older than a month, and when our token may not
        (`actions: write`): for us these are one, since there is no second way to ask.
        """
        place = f"{repo_path(repo)}{path('actions', 'runs', workflow_run, 'rerun-failed-jobs')}"
        try:
            self._wire.send("POST", place)
        except Declined as no:
            if no.status not in (403, 404, 409):
                raise
            return False
        return True


def _runs(wire: Wire, commit: str) -> list[_Run]:
    """All check runs; `filter=latest` is one per name of each app."""
    answers = [answer.read(_Runs) for answer in pages(wire, f"{commit}/check-runs", {"filter": "latest"})]
    runs = [run for answer in answers for run in answer.check_runs]
    _is_complete(commit, len(runs), max(answer.total_count for answer in answers))
    return runs


def _statuses(wire: Wire, commit: str) -> list[Check]:
    """The newest status of each context, as the combined status lists them."""
    answers = [answer.read(_Statuses) for answer in pages(wire, f"{commit}/status")]
    seen = [status for answer in answers for status in answer.statuses]
    _is_complete(commit, len(seen), max(answer.total_count for answer in answers))
    return [
        Check(name=one.context, state=known(STATES, one.state), summary=one.description or "", url=one.target_url or "")
        for one in seen
    ]


def _is_complete(commit: str, read: int, total: int) -> None:
    """A list that is shorter than it says is no list: the check that is missing could be the red one."""
    if read < total:
        raise Unavailable(f"{commit}: GitHub gave {read} of {total} checks")


def _newest(runs: Iterable[_Run]) -> dict[str, Check]:
    return {run.name: _check(run) for run in sorted(runs, key=lambda run: run.id)}


def _check(run: _Run) -> Check:
    summary = "\n\n".join(part for part in (run.output.title, run.output.summary) if part)
    return Check(name=run.name, state=_state(run), summary=summary, run_id=run.id, url=run.html_url or "")


def worse(one: Check, other: Check) -> Check:
    """The check that stands for a name that a run and a status share: GitHub asks for both."""
    return min(one, other, key=lambda check: WORST_FIRST.index(check.state))


def _state(run: _Run) -> CheckState:
    """A run that ended otherwise than in one of the known ways failed, whatever GitHub calls it."""
    if run.status != "completed":
        return known(dict.fromkeys(UNFINISHED, CheckState.PENDING), run.status)
    if run.conclusion is None:
        raise Unavailable(f"check run {run.id} is completed without a conclusion")
    return CONCLUSIONS.get(run.conclusion, CheckState.FAILURE)


def known(states: Mapping[str, CheckState], word: str) -> CheckState:
    """F-15: a word that we do not know tells nothing; it raises Unavailable."""
    try:
        return states[word]
    except KeyError:
        raise Unavailable(f"GitHub tells a state of a check that we do not know: {word!r}") from None
