"""Runs one command as the only work of a process namespace and prints what it cost: `LOG COMMAND ARGUMENTS` -> JSON.

Nothing but `os` and `sys` is imported: a child's peak memory starts with what its parent held at the fork, so a small
meter is the floor of what can be seen (about 5 MB).

How processes are counted, exactly: this program is process 1 of its namespace, where numbers are given in turn and never
twice. The command gets 2; when everything has ended, the number of one more child tells how many there were between.
Threads have numbers as well and are counted.
"""

import os
import sys


def main(log: str, command: list[str]) -> str:
    """Run the command to the end of its last descendant; its cost as a JSON object."""
    child = os.fork()
    if child == 0:
        become(log, command)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    reap()
    cost = resources()
    last = os.fork()
    if last == 0:
        os._exit(0)
    return f'{{"code": {code}, {cost}, "processes": {last - child}}}'


def become(log: str, command: list[str]) -> None:
    """Be the command, with its words in the log as the crontab does it."""
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.execv(command[0], command)  # noqa: S606 - the command is the measured script, by its path


def reap() -> None:
    """Wait for the orphans, which fall to process 1."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def resources() -> str:
    """User and system time of everything reaped (getrusage(2): RUSAGE_CHILDREN), and the largest peak of one process."""
    import resource  # after the fork: the child's peak does not hold it

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return f'"cpu_ms": {(used.ru_utime + used.ru_stime) * 1000:.3f}, "peak_mb": {used.ru_maxrss / 1024:.2f}'


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1], sys.argv[2:]) + "\n")
