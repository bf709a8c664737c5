"""Imports each named module in a process of its own and prints, as JSON, what that did to the world beside reading."""

import contextlib
import importlib
import io
import json
import os
import sys

# Loaded once, before anything is watched: other people's modules are not ours to judge, and loading them again costs seconds.
LIBRARIES = ("ctypes", "email.message", "hashlib", "jinja2", "msgspec", "psutil", "requests", "telegram", "urllib3", "yaml")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.chmod", "os.chown", "os.fork", "os.forkpty", "os.kill", "os.link", "os.mkdir", "os.putenv", "os.remove",
           "os.rename", "os.rmdir", "os.symlink", "os.system", "os.truncate", "os.unsetenv", "os.utime", "subprocess.Popen",
           "os.exec", "os.posix_spawn", "os.spawn", "os.chdir", "signal.pthread_kill", "shutil.rmtree"}  # fmt: skip


def effects(name: str) -> list[str]:
    """Import `name` here and say what happened; to be called once in a process."""
    seen: list[str] = []

    def watch(event: str, args: tuple[object, ...]) -> None:
        opened = event == "open" and isinstance(args[2], int) and args[2] & WRITES
        if opened or event in CHANGES or event.startswith("socket."):
            seen.append(f"{event} {args!r:.200}")

    sys.addaudithook(watch)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        importlib.import_module(name)
    return seen + ([f"prints {said.getvalue()[:200]!r}"] if said.getvalue() else [])


def in_a_process(name: str) -> list[str]:
    """The same in a child process, so that no module finds another one loaded already."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            found = effects(name)
        except BaseException as error:  # noqa: BLE001 - whatever an import raises is the answer, SystemExit too
            found = [f"raises {error!r}"]
        os.write(writer, json.dumps(found).encode()[:60_000])
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        found = json.loads(answer.read())
    os.waitpid(child, 0)
    return list(found)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for library in LIBRARIES if any(name.startswith("orchestrator") for name in sys.argv) else ():
        importlib.import_module(library)
    print(json.dumps({name: in_a_process(name) for name in sys.argv[1:]}))
