"""The verbs about one task: their options, and help with an example for each."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from orchestrator.cli.arguments import Parser

VERBS: Final = {
    "show": "the whole story of a task, finished or not",
    "logs": "what a task's agent says, also while it says it",
    "answer": "answer a task's question, so that its work goes on",
    "retry": "give a resting task a fresh round of attempts",
    "approve": "approve the merge of a task's pull request as it is now",
    "cancel": "stop work on a task; it then waits for you in blocked/",
}

SHOW_EPILOG: Final = """\
examples:
  agentos show 142                 the task of an issue (the newest), when one repository is configured
  agentos show acme-web-142-1      a task, also one whose file is gone
  agentos show acme-web-142-1 --json | jq -r '.timeline[] | "\\(.at) \\(.what)"'

With --json one object is printed:
  task, folder (null when the file is gone), title, repo, issue, stage, branch, pull_request, trust, approved_by, approved_at,
  question (open, else empty), problem (why the file cannot be read, else null)
  limits     a list of: name, used, most (null: no limit)
  cost       runs, reported_usd, estimated_usd, unknown_runs
  timeline   a list, oldest first, of: at (UTC), kind (event, attempt, note, run, alert), who, what, result, cost_usd,
             cost_source and logs (paths); what is not known is null
  skipped    lines of the records that could not be read
  answer, next_step    as agentos why says them
"""

LOGS_EPILOG: Final = """\
examples:
  agentos logs acme-web-142-1 -f             follow the agent at work; Ctrl-C ends the looking, not the work
  agentos logs 142 --attempt 2 --run 1       an earlier run
  agentos logs 142 --prompt                  what the agent was told
  agentos logs 142 --raw --lines 20          its output as it is (made safe for terminals), the last 20 lines

The known agents write JSON; their words and commands are shown as text unless --raw is given.
Exit codes: 0 shown; 1 there is no such task or no log yet.
"""

ANSWER_EPILOG: Final = """\
examples:
  agentos answer 142 "Port 8080"
  agentos answer acme-web-142-1 - < answer.txt

The round goes on: the attempt is counted, and the agent that asked goes first. After the attempts were used up, an answer begins
a fresh round. Exit codes: 0 done; 1 not applicable, and what to do instead.
"""

RETRY_EPILOG: Final = """\
examples:
  agentos retry 142
  agentos retry acme-web-142-1 --agent claude

The same as moving its file from blocked/ or escalated/ to inbox/. Exit codes: 0 done; 1 not applicable, and what to do instead.
"""

APPROVE_EPILOG: Final = """\
examples:
  agentos approve 142                          the commit that the task's file names now; it is printed
  agentos approve acme-web-142-1 --sha 1b7e5fa the commit that you have looked at, or nothing
  agentos approve acme/web#143 --json          a pull request, by its number

For a pull request that is held until a person approves it: agentos why 142 says what about it to look at. The approval counts for
that commit, and for what our own gate builds of the same change on a moved base without any conflict; never for anything that an
agent has touched again. After merge.approval_days it does not count any more.

With --json one object is printed: task, pull_request (owner/name#n), sha, approved_by, approved_at, reasons (a list of what it
was needed for, as far as the file tells). Exit codes: 0 approved; 1 not applicable, or another commit is there, and what to do.
"""

CANCEL_EPILOG: Final = """\
example:
  agentos cancel acme-web-142-1

A running agent is ended within seconds; what it has done so far is kept. Exit codes: 0 done; 1 there is nothing to stop.
"""

Verb = Callable[[str, str], "Parser"]


def add(verb: Verb) -> None:
    """Declare them; `verb` makes the parser of one from its name and epilog."""
    show = _about(verb("show", SHOW_EPILOG))
    show.add_argument("--json", action="store_true", dest="as_json", help="print JSON instead of text")
    _add_logs(_about(verb("logs", LOGS_EPILOG)))
    answer = _about(verb("answer", ANSWER_EPILOG))
    answer.add_argument("text", help="the answer; - reads it from standard input")
    retry = _about(verb("retry", RETRY_EPILOG))
    retry.add_argument("--agent", metavar="NAME", help="who tries first, from now on")
    approve = _about(verb("approve", APPROVE_EPILOG))
    approve.add_argument("--sha", metavar="COMMIT", help="approve only if this is the commit (its first 7 letters or more)")
    approve.add_argument("--json", action="store_true", dest="as_json", help="print JSON instead of text")
    _about(verb("cancel", CANCEL_EPILOG))


def _about(parser: Parser) -> Parser:
    parser.add_argument("about", metavar="TASK|ISSUE|PR", help="a task's id, or 142, owner/name#142, an address")
    return parser


def _add_logs(logs: Parser) -> None:
    logs.add_argument("-f", "--follow", action="store_true", help="go on while the task is worked on")
    logs.add_argument("--attempt", type=_count, metavar="N", help="which attempt (default: the newest)")
    logs.add_argument("--run", type=_count, metavar="N", help="which run of the agent in that attempt (default: the newest)")
    logs.add_argument("--lines", type=_count, metavar="N", help="no more than the last N lines")
    logs.add_argument("--prompt", action="store_true", help="what the agent was told instead of what it said")
    logs.add_argument("--raw", action="store_true", help="its output line by line as it is")


def _count(told: str) -> int:
    number = int(told)
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{number} is not a whole number from 1 on")
    return number
