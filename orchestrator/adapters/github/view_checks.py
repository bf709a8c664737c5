"""What GitHub tells of the checks on a pull request's head, in our words: one check a name, and what is still to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from orchestrator.adapters.github.checks import CONCLUSIONS, FAILED, STATES, UNFINISHED, known, worse
from orchestrator.adapters.github.view_shapes import CheckRun, StatusContext, WorkflowRun
from orchestrator.model.github import Check, CheckState
from orchestrator.ports import Unavailable

RUN_STATES = {**CONCLUSIONS, **dict.fromkeys(FAILED, CheckState.FAILURE)}
STATUS_STATES = {**STATES, "expected": CheckState.PENDING}

MOST_TELLING_FIRST = (
    CheckState.FAILURE,
    CheckState.PENDING,
    CheckState.ACTION_REQUIRED,
    CheckState.SUCCESS,
    CheckState.NEUTRAL,
    CheckState.SKIPPED,
)
"""Among several workflows' runs of one name: what one of them skipped and another one ran is judged by the one that ran."""


def checks_of(seen: Sequence[CheckRun | StatusContext]) -> tuple[Check, ...]:
    """One check per name: its newest run, and where a status has the name too, the worse of the two.

    GitHub lists a job once for each workflow and event (`on: [push, pull_request]`), and a later one does not replace the
    others: of several sources the run that tells most counts, so that green never hides red.
    """
    found: dict[str, Check] = {}
    latest = _newest_of_each_source(one for one in seen if isinstance(one, CheckRun))
    for run in latest:
        _add(_check_of_run(run), found, _more_telling)
    for status in seen:
        if isinstance(status, StatusContext):
            _add(_check_of_status(status), found, worse)
    return (*found.values(), *_still_to_come(latest))


def _add(check: Check, found: dict[str, Check], choose: Callable[[Check, Check], Check]) -> None:
    twin = found.get(check.name, check)
    found[check.name] = replace(choose(check, twin), is_required=check.is_required or twin.is_required)


def _more_telling(one: Check, other: Check) -> Check:
    return min(one, other, key=lambda check: MOST_TELLING_FIRST.index(check.state))


def _newest_of_each_source(runs: Iterable[CheckRun]) -> list[CheckRun]:
    """A rerun, and a run of the same workflow for the same event, replace the earlier one, in whatever suite: as `gh pr checks`
    has it (cli/cli, pkg/cmd/pr/checks/aggregate.go)."""
    return list({_source(run): run for run in sorted(runs, key=lambda run: run.database_id)}.values())


def _source(run: CheckRun) -> tuple[str | None, ...]:
    app, flow = run.check_suite.app, run.check_suite.workflow_run
    by = (flow.workflow.id, flow.event) if flow is not None else ()
    return (run.name, app.id if app is not None else None, *by)


def _still_to_come(latest: Sequence[CheckRun]) -> list[Check]:
    """A workflow that goes on although all of its jobs that are listed have ended: a job that `needs` another is listed only
    once that one has ended (camunda/camunda#48376), and what it says must be waited for."""
    flows = {flow: run.check_suite.status for run in latest if (flow := run.check_suite.workflow_run) is not None}
    running = {run.check_suite.workflow_run for run in latest if run.status != "COMPLETED"}
    return [_more_of(flow) for flow, status in flows.items() if status != "COMPLETED" and flow not in running]


def _more_of(flow: WorkflowRun) -> Check:
    return Check(name=f"more of workflow {flow.workflow.name}", state=CheckState.PENDING, workflow_run=flow.database_id)


def _check_of_run(run: CheckRun) -> Check:
    flow = run.check_suite.workflow_run
    return Check(
        name=run.name,
        state=_state_of_run(run),
        run_id=run.database_id,
        url=run.details_url or "",
        workflow_run=flow.database_id if flow is not None else None,
        is_required=run.is_required,
    )


def _state_of_run(run: CheckRun) -> CheckState:
    if run.status != "COMPLETED":
        return known(dict.fromkeys(UNFINISHED, CheckState.PENDING), run.status.lower())
    if run.conclusion is None:
        raise Unavailable(f"check run {run.database_id} is completed without a conclusion")
    return known(RUN_STATES, run.conclusion.lower())


def _check_of_status(status: StatusContext) -> Check:
    state = known(STATUS_STATES, status.state.lower())
    return Check(name=status.context, state=state, url=status.target_url or "", is_required=status.is_required)
