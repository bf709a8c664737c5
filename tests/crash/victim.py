"""A job that is killed before its n-th effect on the world: `python -m tests.crash.victim N JOB [ARGUMENTS]`.

Effects are what another process or the next tick could see: a file written, synced or renamed, a request sent, a process
started. No product code knows of this: an audit hook counts. N = 0 never dies and prints the number of effects.
"""

from __future__ import annotations

import os
import signal
import sys

from orchestrator.__main__ import main

EFFECTS = frozenset(
    {"files.write", "files.rename", "http.client.send", "subprocess.Popen", "os.rename", "os.remove", "shutil.rmtree"}
)


def watch(fatal: int) -> list[int]:
    """Count every effect from now on; die of SIGKILL before effect number `fatal`. The count, as it grows."""
    count = [0]

    def hook(event: str, _: tuple[object, ...]) -> None:
        if event in EFFECTS:
            count[0] += 1
            if count[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return count


if __name__ == "__main__":
    seen = watch(int(sys.argv[1]))
    code = main(sys.argv[2:])
    sys.stdout.write(f"effects {seen[0]}\n")
    sys.exit(code)
