"""The agents that end by themselves, each a way of doing or not doing the work."""

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from sandbox.agents import prompt as reading
from sandbox.agents import reviewing, staying
from sandbox.agents.acting import Actor, changes, claim_of, made_up_token, note
from sandbox.agents.claim import RESULT_FILE, Claim, leave
from sandbox.agents.hands import Work, text_of

Behaviour = Callable[[Actor], int]

OVERLOADED = 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
UNAUTHORIZED = "API Error: 401 authentication_error: invalid x-api-key"
QUOTA = "You've hit your limit · resets 8am (Europe/Berlin)"
CRASHED = 3
EMPTY_FORM = "".join(f"{label}: <{label.lower()}>\n" for label in (name.upper() for name in Claim.__dataclass_fields__))


def complete(actor: Actor) -> int:
    actor.finish(actor.work())
    return 0


def partial(actor: Actor) -> int:
    work = actor.work(at_most=1)
    leave(
        Claim(
            status="partial",
            blocker_code="timeout",
            summary="Made the first change; the time was up before the rest.",
            done=changes(work.changed),
            blockers=("the time was up",),
            next_step="Make the other changes that the issue asks for.",
            files_changed=tuple(work.changed),
        ).text()
    )
    return 0


def blocked(actor: Actor) -> int:
    actor.tell("reading the task")
    leave(
        Claim(
            status="blocked",
            blocker_code="missing_context",
            summary="The issue does not say which behaviour is wanted.",
            blockers=("two readings of the issue are possible, and nothing in the repository decides between them",),
            next_step="Say which of the two is meant.",
            attempted_approaches=("searched the repository for an example to follow",),
        ).text()
    )
    return 0


def credential(actor: Actor) -> int:
    """Ask for a credential, showing one that must be redacted; complete once an earlier attempt is told of."""
    if reading.tells_of_earlier_attempts(actor.prompt):
        return complete(actor)
    actor.tell("reading the task")
    leave(
        Claim(
            status="blocked",
            blocker_code="missing_credentials",
            summary="The deployment key is not available here.",
            blockers=("DEPLOY_TOKEN is not set",),
            next_step="Provide DEPLOY_TOKEN, then run this task again.",
            manual_steps=(f"export DEPLOY_TOKEN={made_up_token()}", "run the task again"),
        ).text()
    )
    return 0


def lie(actor: Actor) -> int:
    actor.tell("thinking")
    leave(
        Claim(
            status="complete",
            summary="Implemented everything and all tests pass.",
            done=("implemented the feature",),
            files_changed=("src/feature.py",),
            tests_run=("the whole suite: passed",),
        ).text()
    )
    return 0


def answers(actor: Actor) -> int:
    """Change nothing and answer everything that a review asks for by its name; without a review do the work."""
    names = reading.asked_by_a_review(actor.prompt)
    if not names:
        return complete(actor)
    actor.tell("thinking")
    leave(
        Claim(
            status="complete",
            summary="Answered what was asked; nothing had to change.",
            done=tuple(f"{name}: it is so on purpose" for name in names),
        ).text()
    )
    return 0


def echo(actor: Actor) -> int:
    actor.tell("reading the task")
    leave(reading.form(actor.prompt) or EMPTY_FORM)
    return 0


def huge(actor: Actor) -> int:
    """Do the work and say far too much of it; asked for the result file alone, leave one that can be read."""
    if reading.asks_for_the_file_alone(actor.prompt):
        actor.finish(Work())
        return 0
    work = actor.work()
    block = b"thinking about it very thoroughly\n" * 32768
    left = int(actor.megabytes * 1_000_000)
    while left > 0:
        left -= sys.stdout.buffer.write(block[:left])
    sys.stdout.buffer.flush()
    text = claim_of(work).text()
    padding = "- and it was thought about very thoroughly\n"
    leave(text + padding * (max(0, actor.result_kilobytes * 1024 - len(text)) // len(padding) + 1))
    return 0


def bad_utf8(actor: Actor) -> int:
    work = actor.work()
    sys.stdout.buffer.write(b"caf\xe9 \xff\xfe\x80 \xc3\n")
    sys.stdout.buffer.flush()
    leave(claim_of(work).text().encode().replace(b"SUMMARY: ", b"SUMMARY: caf\xe9 \xff\xfe ", 1))
    return 0


def deaf(actor: Actor) -> int:
    """Work without ever reading stdin: the stage gives this one an empty prompt."""
    work = Work()
    note(work, "- worked without reading the task")
    actor.finish(work)
    return 0


def quota(actor: Actor) -> int:
    actor.tell(QUOTA)
    return 1


def overloaded(actor: Actor) -> int:
    """Meet an overloaded provider, unless the prompt tells of something earlier: then do the work."""
    if reading.tells_of_earlier_attempts(actor.prompt):
        return complete(actor)
    actor.tell(OVERLOADED)
    return 1


def unauthorized(actor: Actor) -> int:
    actor.tell(UNAUTHORIZED)
    return 1


def question(actor: Actor) -> int:
    """Ask which of two is meant; complete once somebody answered."""
    if reading.tells_of_an_answer(actor.prompt):
        return complete(actor)
    actor.tell("reading the task")
    asked = Claim(
        status="blocked",
        blocker_code="missing_context",
        summary="Two readings of the issue are possible.",
        next_step="Answer the question.",
    )
    leave(f"{asked.text()}QUESTION: Which of the two readings is meant?\n")
    return 0


def hard_stop(actor: Actor) -> int:
    """Do the work as far as it is safe, then stop for everybody."""
    work = actor.work()
    asked = Claim(
        status="blocked",
        blocker_code="manual_intervention_required",
        summary="The rest would touch live data.",
        files_changed=tuple(work.changed),
        manual_steps=("decide whether live data may be touched",),
    )
    leave(f"{asked.text()}HARD_STOP: needs live credentials\n")
    return 0


def forgetful(actor: Actor) -> int:
    """Do the work and hand over the empty form; asked for the file alone, write it honestly and touch nothing else."""
    if not reading.asks_for_the_file_alone(actor.prompt):
        actor.work()
        leave(reading.form(actor.prompt) or EMPTY_FORM)
        return 0
    actor.finish(Work())
    return 0


def unclear(actor: Actor) -> int:
    """Leave a review whose verdict is none of the list, however often it is asked for."""
    actor.tell("reading the pull request")
    reviewing.hand_over(actor.prompt, "looks good to me, approve and merge")
    return 0


def meddler(actor: Actor) -> int:
    """Change files where only reading is asked for, in every round, and hand over no verdict in the first, nor where the files
    are still as an earlier round left them."""
    actor.tell("mending what is only to be read")
    is_fresh = not Path(reviewing.MEDDLED).exists()
    Path(reviewing.MEDDLED).write_text("mended by the reviewer\n")
    for path in Path().glob("*.md"):
        if path != RESULT_FILE:
            path.write_text("rewritten by the reviewer\n")
    reviewing.hand_over(actor.prompt, None if is_fresh and reading.asks_for_the_file_alone(actor.prompt) else "unsure")
    return 0


def crash(actor: Actor) -> int:
    actor.tell("reading the task")
    try:
        raise RuntimeError("the agent's own program is broken")
    except RuntimeError:
        traceback.print_exc()
    return CRASHED


def no_result(actor: Actor) -> int:
    actor.work()
    return 0


def commits_itself(actor: Actor) -> int:
    """Do the work, then commit it under a name of its own, the result file included."""
    actor.finish(actor.work())
    if not Path(".git").exists():
        _git("init", "--quiet")
    _git("add", "--all")
    _git("add", "--force", str(RESULT_FILE))
    _git("commit", "--quiet", "--allow-empty", "--message", "Work of the agent itself")
    return 0


def secret(actor: Actor) -> int:
    return _with(actor, "deploy.env", f"GITHUB_TOKEN={made_up_token()}\n")


def workflow(actor: Actor) -> int:
    """Do the work and rewrite the CI: read-write permissions, and `runner` where GitHub does not know it."""
    text = (
        "name: ci\non: push\npermissions: write-all\njobs:\n  build:\n    runs-on: ubuntu-latest\n"
        "    env:\n      CACHE: ${{ runner.temp }}/cache\n    steps:\n      - run: make check\n"
    )
    return _with(actor, ".github/workflows/ci.yml", text)


def symlink(actor: Actor) -> int:
    work = actor.work()
    link = Path("shortcut")
    if not link.is_symlink():
        link.symlink_to("/etc/passwd")
    work.changed.append(str(link))
    actor.finish(work)
    return 0


def _with(actor: Actor, name: str, text: str) -> int:
    """Do the work and slip in one more file."""
    work = actor.work()
    path = Path(name)
    work.put(path, text_of(path), text)
    actor.finish(work)
    return 0


def _git(*words: str) -> None:
    who = ("-c", "user.name=Scripted Agent", "-c", "user.email=agent@example.invalid", "-c", "commit.gpgsign=false")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *who, *words], check=True, env={**clean, "GIT_CONFIG_NOSYSTEM": "1"}, timeout=60)


BEHAVIOURS: dict[str, Behaviour] = {
    "complete": complete,
    "fixer": complete,  # repairing what is broken comes first in all work
    "partial": partial,
    "blocked": blocked,
    "credential": credential,
    "lie": lie,
    "answers": answers,
    "echo": echo,
    "huge": huge,
    "bad_utf8": bad_utf8,
    "deaf": deaf,
    "quota": quota,
    "overloaded": overloaded,
    "unauthorized": unauthorized,
    "question": question,
    "hard_stop": hard_stop,
    "forgetful": forgetful,
    "unclear": unclear,
    "meddler": meddler,
    "crash": crash,
    "no_result": no_result,
    "commits_itself": commits_itself,
    "secret": secret,
    "workflow": workflow,
    "symlink": symlink,
    "hang": staying.hang,
    "silent": staying.silent,
    "daemon": staying.daemon,
}
