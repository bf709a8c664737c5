"""What an agent says is shown as it says it, as text a person can read, and harmless to the terminal."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from orchestrator.cli import exits, logs
from orchestrator.cli.found import NotDone
from orchestrator.cli.logs import Wish
from orchestrator.cli.readable import plain, readable
from orchestrator.model.task import Folder
from sandbox.installation import ROOT
from tests.cli.bench import Bench

ID = "acme-web-142-1"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def wrote(desk: Bench, text: str | bytes, attempt: int = 1, run: int = 1, name: str = "agent.log") -> Path:
    """What a run of an agent left."""
    folder = desk.place.runtime / "logs" / ID / str(attempt)
    path = (folder if run == 1 else folder / f"run-{run}") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as log:
        log.write(text if isinstance(text, bytes) else text.encode())
    return path


def shown(desk: Bench, wish: Wish = Wish(), out: io.StringIO | None = None) -> str:  # noqa: B008 - a frozen value
    out = out or io.StringIO()
    assert logs.run(desk.office(), ID, wish, out).code == exits.OK
    return out.getvalue()


def test_the_newest_run_of_the_newest_attempt_is_shown(desk: Bench) -> None:
    desk.put(Folder.DONE)
    for attempt, run in ((1, 1), (2, 1), (2, 2), (10, 1)):
        wrote(desk, f"{attempt}.{run}\n", attempt, run)
    assert shown(desk) == "10.1\n"
    assert shown(desk, Wish(attempt=2)) == "2.2\n"
    assert shown(desk, Wish(attempt=2, run=1)) == "2.1\n"


def test_the_last_lines_and_a_line_that_is_not_ended_yet(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    wrote(desk, "one\ntwo\nthree\nfour")
    assert shown(desk, Wish(lines=2)) == "three\nfour\n"


def test_the_prompt_is_shown_on_wish(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    wrote(desk, "said\n")
    wrote(desk, "# The task\n{}\n", name="prompt.md")
    assert shown(desk, Wish(prompt=True), Terminal()) == "# The task\n{}\n"


def test_a_task_whose_file_is_gone_still_has_its_log(desk: Bench) -> None:
    wrote(desk, "said\n")
    assert shown(desk) == "said\n"


def test_what_there_is_not_is_told_with_what_there_is(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    with pytest.raises(NotDone, match="There is none: no agent was started yet"):
        shown(desk)
    wrote(desk, "said\n", 2)
    with pytest.raises(NotDone, match="There is attempt 2 run 1"):
        shown(desk, Wish(attempt=3))
    with pytest.raises(NotDone, match="run 1 of acme-web-142-1 has no prompt yet"):
        shown(desk, Wish(prompt=True))


def test_a_link_in_the_place_of_a_log_is_not_followed(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    wrote(desk, "x", name="prompt.md").with_name("agent.log").symlink_to("/etc/passwd")
    assert "root:" not in shown(desk)


def test_secrets_are_hidden_also_over_the_end_of_a_line(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    wrote(desk, "token made-up-token\nand made-up\n-token\n")
    assert "made-up-token" not in shown(desk).replace("\n", "")


@pytest.mark.parametrize(
    "nasty", ["\x1b[2Jgone", "\x1b]0;title\x07", "a\rb", "\u202eright", "\x9b31m", "\x00", "bell\x07", "\ufeff"]
)
def test_no_terminal_obeys_what_an_agent_wrote(nasty: str) -> None:
    line = plain(f"  before {nasty} after".encode())
    assert line.isprintable()
    assert line.startswith("  before ")
    assert line.endswith(" after")


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert plain(b"\xff\xfe caf\xc3\xa9") == "\ufffd\ufffd caf\xe9"


# ---- the known agents' events


CLAUDE = [
    {"type": "system", "subtype": "init", "model": "m"},
    {
        "type": "assistant",
        "message": {
            "content": [
                {"type": "text", "text": "I look.\nThen"},
                {"type": "tool_use", "name": "Bash", "input": {"command": "ls"}},
            ]
        },
    },
    {"type": "user", "message": {"content": [{"type": "tool_result", "is_error": True, "content": "Exit code 2"}]}},
    {"type": "assistant", "message": {"content": [{"type": "tool_use", "name": "Read", "input": {"file_path": "a.py"}}]}},
    {"type": "result", "subtype": "success", "is_error": False, "num_turns": 3, "result": "done"},
]
CODEX = [
    {"type": "thread.started", "thread_id": "x"},
    {"type": "item.completed", "item": {"type": "agent_message", "text": "I look."}},
    {"type": "item.completed", "item": {"type": "command_execution", "command": "ls", "exit_code": 2, "aggregated_output": "no"}},
    {"type": "turn.failed", "error": {"message": "too bad"}},
]
GEMINI = [
    {"type": "init", "session_id": "x"},
    {"type": "message", "role": "assistant", "content": "I look.", "delta": True},
    {"type": "tool_use", "tool_name": "run_shell_command", "parameters": {"command": "ls"}},
    {"type": "tool_result", "status": "error", "output": "no"},
    {"type": "result", "status": "success", "stats": {}},
]
OPENCODE = [
    {"type": "step_start", "part": {}},
    {"type": "text", "part": {"text": "I look."}},
    {"type": "tool_use", "part": {"tool": "bash", "state": {"input": {"command": "ls"}, "metadata": {"exit": 2}}}},
    {"type": "error", "error": {"name": "APIError"}},
]


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (CLAUDE, ["I look.", "Then", "$ ls", "  failed: Exit code 2", "> Read a.py", "[ended after 3 turns]"]),
        (CODEX, ["I look.", "$ ls", "  exit 2", "[failed] too bad"]),
        (GEMINI, ["I look.", "$ ls", "  failed: no", "[ended]"]),
        (OPENCODE, ["I look.", "$ ls", "  exit 2", '[failed] {"name": "APIError"}']),
    ],
)
def test_the_events_of_a_known_agent_are_told_as_words_and_commands(events: list[object], told: list[str]) -> None:
    assert [line for event in events for line in readable(json.dumps(event))] == told


def test_an_escape_inside_an_event_s_text_reaches_no_terminal() -> None:
    event = {"type": "item.completed", "item": {"type": "agent_message", "text": "a\u001b[2Jb\u202e"}}
    assert readable(json.dumps(event)) == ["ab"]


@pytest.mark.parametrize(
    "line", ["plain words", "{not json", "{}", '{"type": 7}', "[1]", "{" * 3000, '{"type":"assistant","message":7}']
)
def test_what_is_no_event_that_we_know_is_shown(line: str) -> None:
    assert readable(line) != []


def test_events_stay_events_in_a_pipe_and_on_wish(desk: Bench) -> None:
    desk.put(Folder.BLOCKED)
    line = json.dumps(CODEX[1])
    wrote(desk, f"{line}\n")
    assert shown(desk) == f"{line}\n"
    assert shown(desk, Wish(raw=True), Terminal()) == f"{line}\n"
    assert shown(desk, Wish(), Terminal()) == "I look.\n"


# ---- following


class Following(threading.Thread):
    """`agentos logs -f` in a thread, with what it has printed so far."""

    def __init__(self, desk: Bench, wish: Wish) -> None:
        super().__init__(daemon=True)
        self.out = io.StringIO()
        self._desk, self._wish = desk, wish
        self.start()

    def run(self) -> None:
        logs.run(self._desk.office(), ID, self._wish, self.out)

    def until(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.out.getvalue():
            assert time.monotonic() < deadline, self.out.getvalue()
            time.sleep(0.02)


def test_following_goes_on_to_the_next_run_and_attempt_and_ends_with_the_task(desk: Bench) -> None:
    desk.put(Folder.PROCESSING)
    wrote(desk, "first\n")
    following = Following(desk, Wish(follow=True))
    following.until("first\n")
    wrote(desk, "second\nhal")
    following.until("second\n")
    assert "hal" not in following.out.getvalue(), "a line is shown when it is whole"
    wrote(desk, "f\n")
    wrote(desk, "repair\n", run=2)
    following.until("half\nrepair\n")
    mailbox = desk.office().mailbox
    mailbox.move(ID, Folder.PROCESSING, Folder.INBOX)
    mailbox.move(ID, Folder.INBOX, Folder.PROCESSING)
    wrote(desk, "next attempt\n", attempt=2)
    following.until("next attempt\n")
    wrote(desk, "the end", attempt=2)
    desk.office().mailbox.folder(Folder.REVIEW).mkdir(parents=True)
    mailbox.move(ID, Folder.PROCESSING, Folder.REVIEW)
    following.join(60)
    assert not following.is_alive()
    assert following.out.getvalue() == "first\nsecond\nhalf\nrepair\nnext attempt\nthe end\n"


def test_following_begins_with_the_last_lines_when_asked(desk: Bench) -> None:
    desk.put(Folder.DONE)
    wrote(desk, "one\ntwo\nthree\n")
    assert shown(desk, Wish(follow=True, lines=1)) == "three\n"


def test_ctrl_c_is_a_clean_end(desk: Bench) -> None:
    task = desk.put(Folder.PROCESSING)
    wrote(desk, "first\n")
    # What a shell starts in the background ignores SIGINT, and all that it starts too; a person's terminal does not.
    argv = ["env", "--default-signal=INT", str(ROOT / "bin" / "agentos"), "logs", "-f", ID]
    with desk.hold(task), subprocess.Popen(argv, env=desk.place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as looking:
        assert looking.stdout is not None
        assert looking.stdout.readline() == b"first\n"
        looking.send_signal(signal.SIGINT)
        _, said = looking.communicate(timeout=60)
    assert looking.returncode == 0
    assert b"Traceback" not in said


def test_a_reader_that_goes_away_ends_the_following(desk: Bench) -> None:
    desk.put(Folder.DONE)
    wrote(desk, "line\n" * 100_000)
    line = f"set -o pipefail; '{ROOT}/bin/agentos' logs {ID} | head -1"
    said = subprocess.run(["bash", "-c", line], env=desk.place.env, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout, said.stderr) == (0, "line\n", "")
