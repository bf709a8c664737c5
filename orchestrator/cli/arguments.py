"""The command line of `agentos`: its verbs, their options, and help with an example for each."""

from __future__ import annotations

import argparse
import sys
from typing import Final, NoReturn

from orchestrator.cli import exits, task_verbs
from orchestrator.config.errors import nearest

VERBS: Final = {
    "status": "what is under way, and what each task waits for",
    "why": "why an issue, pull request or task is not going on, and what to do",
    **task_verbs.VERBS,
    "costs": "what was spent, by whom, and what the limits leave",
    "estimate": "what a task will probably cost, and who would try it",
    "add": "file an issue",
    "doctor": "what this machine still lacks, and how to get it",
    "config": "what a setting is worth, and where it was set",
}

STATUS_EPILOG: Final = """\
example:
  agentos status
  agentos status --json | jq -r '.tasks[] | select(.folder == "blocked") | .task'

With --json one object is printed:
  now             the moment of looking (UTC)
  tasks           a list of: task (its id, or the name of a spoiled file), folder, waits_for, issue (owner/name#n), title,
                  stage, agent, attempt, max_attempts, created_at, pull_request (its number), has_worker (whether its lock
                  is held; only in processing); what is not known is null
  done            how many tasks are finished
  alerts          how many messages wait in the outbox
  paused          the pause flags in runtime/state
  sandbox         bubblewrap or none
  github_backoff  null, or until (UTC) and reason
"""

WHY_EPILOG: Final = """\
examples:
  agentos why 142                  an issue or pull request, when one repository is configured
  agentos why acme/web#142         an issue or pull request of that repository
  agentos why https://github.com/acme/web/issues/142
  agentos why acme-web-142-1       a task

With --json one object is printed: about, answer (one sentence), next_step, title, task, folder, stage, reasons (a list),
rules (each with rule, holds and reason; holds is null where an earlier rule decided), history (a list of lines) and
unanswered (what GitHub did not answer, else null).

Exit codes: 0 answered; 1 nothing of that name is there; 75 GitHub did not answer, and what is told comes from the files.
"""

ADD_EPILOG: Final = """\
example:
  agentos add "Fix the login redirect

  After login the page loops." --repo acme/web --ready

The first line is the title, the whole text is the issue's body.
"""

COSTS_EPILOG: Final = """\
examples:
  agentos costs                    the last seven days, by agent
  agentos costs --days 30 --by issue
  agentos costs --days 1 --json | jq .total

Days are UTC and include today. Unknown costs stand apart and are in no sum. With --json one object is printed: since, until,
by, rows and total (each with name, runs, reported_usd, estimated_usd, unknown_runs), ceilings (each with setting, spent_usd,
unknown_runs, limit_usd, left_usd) and skipped_lines.
"""

ESTIMATE_EPILOG: Final = """\
examples:
  agentos estimate 142                      an issue, or the task under way for it
  agentos estimate acme-web-142-1           a task
  agentos estimate "Fix the login redirect" --repo acme/web

With --json one object is printed: about, title, repo, task_type, complexity, forecast (null without any record; else like,
usd and seconds with middle, low, high, samples, and tasks), agents (each with agent, health, note), cannot_go,
stands_in_the_way, ceilings, max_cost_per_issue, max_attempts, max_runtime_minutes.

Exit codes: 0 answered; 1 no such task; 75 GitHub did not answer.
"""

DOCTOR_EPILOG: Final = """\
example:
  agentos doctor

With --json a list is printed: subject, standing (ok, warning or missing), told, fix (empty when nothing is to be done).
Exit codes: 0 nothing is missing (there may be warnings); 1 something is.
"""

CONFIG_EPILOG: Final = """\
example:
  agentos config explain merge.no_ci --repo acme/web
"""


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes end with the usual exit code for them and name the nearest verb."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        self.exit(exits.USAGE, f"{self.prog}: {message}\n{self.prog} --help says more\n")


def parser() -> Parser:
    """All of it."""
    verbs = "\n".join(f"  {verb:8} {meaning}" for verb, meaning in VERBS.items())
    whole = Parser(
        prog="agentos",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="agentos VERB [ARGUMENTS]",
        description=f"The operator's command of Agent OS.\n\n{verbs}",
        epilog="agentos VERB --help tells of each with an example. In doubt, start with: agentos doctor",
    )
    commands = whole.add_subparsers(dest="verb", metavar="VERB", help=argparse.SUPPRESS, parser_class=Parser)
    status = _verb(commands, "status", STATUS_EPILOG)
    why = _verb(commands, "why", WHY_EPILOG)
    why.add_argument("about", metavar="ISSUE|PR|TASK", help="142, owner/name#142, an address, or a task's id")
    add = _verb(commands, "add", ADD_EPILOG)
    add.add_argument("text", help="what to do")
    add.add_argument("--repo", metavar="OWNER/NAME", help="where; not needed when one repository is configured")
    add.add_argument("--ready", action="store_true", help="set the ready label as well, so that work starts")
    doctor = _verb(commands, "doctor", DOCTOR_EPILOG)
    for one in (status, why, doctor, _add_costs(commands), _add_estimate(commands)):
        one.add_argument("--json", action="store_true", dest="as_json", help="print JSON instead of text")
    task_verbs.add(lambda verb, epilog: _verb(commands, verb, epilog))
    _add_config(commands)
    return whole


def read(argv: list[str]) -> argparse.Namespace:
    """The parsed arguments. Exits with help when nothing is asked, and with the nearest verb when one is misspelled."""
    whole = parser()
    if not argv:
        whole.print_help(sys.stderr)
        whole.exit(exits.USAGE)
    if not argv[0].startswith("-") and argv[0] not in VERBS:
        whole.error(f"there is no verb {argv[0]}{nearest(argv[0], VERBS)}")
    return whole.parse_args(argv)


def _verb(commands: argparse._SubParsersAction[Parser], verb: str, epilog: str) -> Parser:
    return commands.add_parser(
        verb,
        prog=f"agentos {verb}",
        description=f"{VERBS[verb][0].upper()}{VERBS[verb][1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_costs(commands: argparse._SubParsersAction[Parser]) -> Parser:
    costs = _verb(commands, "costs", COSTS_EPILOG)
    costs.add_argument("--days", type=_days, default=7, metavar="N", help="so many days, today included (default: 7)")
    costs.add_argument(
        "--by", choices=("agent", "repo", "issue", "day"), default="agent", help="a line for each (default: agent)"
    )
    return costs


def _add_estimate(commands: argparse._SubParsersAction[Parser]) -> Parser:
    estimate = _verb(commands, "estimate", ESTIMATE_EPILOG)
    estimate.add_argument("about", metavar="ISSUE|TASK|TEXT", help="142, owner/name#142, an address, a task's id, or a text")
    estimate.add_argument("--repo", metavar="OWNER/NAME", help="where a text would be filed; not needed with one repository")
    return estimate


def _days(told: str) -> int:
    days = int(told)
    if not 1 <= days <= 3660:
        raise ValueError
    return days


def _add_config(commands: argparse._SubParsersAction[Parser]) -> None:
    config = _verb(commands, "config", CONFIG_EPILOG)
    questions = config.add_subparsers(dest="question", metavar="explain", required=True, parser_class=Parser)
    explain = questions.add_parser(
        "explain",
        help="print a setting's value for a repository, and which level said so",
        prog="agentos config explain",
        epilog=CONFIG_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explain.add_argument("key", metavar="KEY", help="a setting such as max_attempts or merge.no_ci")
    explain.add_argument("--repo", metavar="OWNER/NAME", help="for which; not needed when one repository is configured")
