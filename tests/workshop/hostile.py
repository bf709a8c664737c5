"""What a hijacked agent may leave in its working copy. Each trick changes the folder; each also edits README.md, as work does.

A trick that gets anything to run leaves the canary.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from tests.workshop.forge import Forge, git

Trick = Callable[[Forge, Path], None]
TRICKS: dict[str, tuple[Trick, dict[bytes, bytes | None] | str]] = {}
WORK: dict[bytes, bytes | None] = {b"README.md": b"worked on\n"}


def trick(expected: dict[bytes, bytes | None] | str | None = None) -> Callable[[Trick], Trick]:
    """Register a trick with what must come of it: the changes beside the work, or the code of the refusal."""

    def register(function: Trick) -> Trick:
        TRICKS[function.__name__] = (function, expected if isinstance(expected, str) else WORK | (expected or {}))
        return function

    return register


def evil(forge: Forge) -> Path:
    """A program that leaves the canary and passes its input on, so that a filter seems to work."""
    program = forge.folder / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {forge.canary}\ncat\n")
    program.chmod(0o755)
    return program


def hostile_repo(forge: Forge, place: Path, *, with_commit: bool = True) -> Path:
    """A repository whose every setting that names a program names the evil one."""
    git(forge.folder, "init", "-q", str(place))
    if with_commit:
        git(place, "commit", "-q", "--allow-empty", "-m", "nested")
    configure(forge, place / ".git" / "config")
    for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-push"):
        (place / ".git" / "hooks").mkdir(exist_ok=True)
        shutil.copy(evil(forge), place / ".git" / "hooks" / name)
    return place


def configure(forge: Forge, config: Path) -> None:
    program = evil(forge)
    names = (
        "core.fsmonitor core.sshCommand core.editor core.pager core.askPass core.alternateRefsCommand diff.external gpg.program"
    )
    names += " credential.helper uploadpack.packObjectsHook filter.evil.clean filter.evil.smudge filter.evil.process"
    names += " diff.evil.textconv diff.evil.command merge.evil.driver alias.ls-files"
    names += " remote.origin.receivepack remote.origin.uploadpack"
    for name in names.split():
        git(forge.folder, "config", "--file", str(config), name, str(program))
    git(forge.folder, "config", "--file", str(config), "core.hooksPath", str(forge.folder))


@trick()
def hooks_in_its_git_folder(forge: Forge, work: Path) -> None:
    hostile_repo(forge, work)


@trick()
def programs_named_in_its_configuration(forge: Forge, work: Path) -> None:
    configure(forge, work / ".git" / "config")


@trick()
def another_worktree_named_in_its_configuration(forge: Forge, work: Path) -> None:
    git(work, "config", "core.worktree", "/usr")


@trick()
def configuration_included_from_elsewhere(forge: Forge, work: Path) -> None:
    configure(forge, forge.folder / "included")
    git(work, "config", "include.path", str(forge.folder / "included"))


@trick()
def configuration_of_its_worktree(forge: Forge, work: Path) -> None:
    git(work, "config", "extensions.worktreeConfig", "true")
    configure(forge, work / ".git" / "config.worktree")


@trick()
def git_folder_replaced_by_a_file(forge: Forge, work: Path) -> None:
    shutil.rmtree(work / ".git")
    (work / ".git").write_text(f"gitdir: {hostile_repo(forge, forge.folder / 'other')}/.git\n")


@trick()
def git_folder_replaced_by_a_link(forge: Forge, work: Path) -> None:
    shutil.rmtree(work / ".git")
    (work / ".git").symlink_to(hostile_repo(forge, forge.folder / "other") / ".git")


@trick()
def git_folder_deleted(forge: Forge, work: Path) -> None:
    shutil.rmtree(work / ".git")


@trick()
def common_folder_elsewhere(forge: Forge, work: Path) -> None:
    (work / ".git" / "commondir").write_text(str(hostile_repo(forge, forge.folder / "other") / ".git"))


@trick()
def alternates_that_lead_elsewhere(forge: Forge, work: Path) -> None:
    (work / ".git" / "objects" / "info" / "alternates").write_text("/nowhere\n")


@trick()
def replaced_objects_and_grafts(forge: Forge, work: Path) -> None:
    empty = git(work, "commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-m", "empty")
    git(work, "replace", forge.base, empty)
    (work / ".git" / "info" / "grafts").write_text(f"{forge.base} {empty}\n")


@trick()
def index_locked_and_hiding_files(forge: Forge, work: Path) -> None:
    git(work, "update-index", "--assume-unchanged", "README.md", "src/app.py")
    git(work, "update-index", "--skip-worktree", "README.md")
    git(work, "sparse-checkout", "set", "--no-cone", "/*")
    (work / ".git" / "index.lock").write_text("")


@trick({b"hidden.py": b"x"})
def its_own_exclude_list_hides_everything(forge: Forge, work: Path) -> None:
    (work / ".git" / "info" / "exclude").write_text("*\n")
    git(work, "config", "core.excludesFile", "/dev/stdin")
    (work / "hidden.py").write_text("x")


@trick({b"mine.py": b"x"})
def s53_it_commits_by_itself(forge: Forge, work: Path) -> None:
    (work / "mine.py").write_text("x")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "Closes #1 [skip ci]")
    git(work, "checkout", "-q", "-b", "elsewhere")


@trick("G05")
def nested_repository(forge: Forge, work: Path) -> None:
    hostile_repo(forge, work / "vendor" / "nested")


@trick("G05")
def nested_repository_without_a_commit(forge: Forge, work: Path) -> None:
    hostile_repo(forge, work / "nested", with_commit=False)


@trick({b".gitmodules": b'[submodule "s"]\n\tpath = s\n\turl = ../s\n\tupdate = !touch canary\n'})
def submodule_declared(forge: Forge, work: Path) -> None:
    (work / ".gitmodules").write_text('[submodule "s"]\n\tpath = s\n\turl = ../s\n\tupdate = !touch canary\n')


@trick({b".gitattributes": b"* filter=evil diff=evil merge=evil\n*.md working-tree-encoding=UTF-16 eol=crlf ident\n"})
def filters_by_attributes(forge: Forge, work: Path) -> None:
    configure(forge, work / ".git" / "config")
    (work / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n*.md working-tree-encoding=UTF-16 eol=crlf ident\n")
    (work / ".git" / "info" / "attributes").write_text("* filter=evil\n")


@trick({b"passwd": b"/etc/passwd", b"up": b"../../../.."})
def links_out_of_the_tree(forge: Forge, work: Path) -> None:
    (work / "passwd").symlink_to("/etc/passwd")
    (work / "up").symlink_to("../../../..")


@trick({b"src": b"ELSEWHERE", b"src/app.py": None})
def folder_of_the_tree_replaced_by_a_link(forge: Forge, work: Path) -> None:
    shutil.rmtree(work / "src")
    (forge.folder / "elsewhere").mkdir()
    (forge.folder / "elsewhere" / "app.py").write_text("a file from outside\n")
    (work / "src").symlink_to(forge.folder / "elsewhere")


@trick({b"src": b"now a file", b"src/app.py": None})
def folder_of_the_tree_replaced_by_a_file(forge: Forge, work: Path) -> None:
    shutil.rmtree(work / "src")
    (work / "src").write_text("now a file")


@trick({b".gitignore": None, b".gitignore/x": b"x"})
def file_of_the_tree_replaced_by_a_folder(forge: Forge, work: Path) -> None:
    (work / ".gitignore").unlink()
    (work / ".gitignore").mkdir()
    (work / ".gitignore" / "x").write_text("x")


@trick()
def s54_result_file_forced_into_its_commit(forge: Forge, work: Path) -> None:
    (work / ".agent_result.md").write_text("STATUS: complete\n")
    git(work, "add", "-f", ".agent_result.md")
    git(work, "commit", "-q", "-m", "result")


@trick()
def f05_ignored_output_and_logs(forge: Forge, work: Path) -> None:
    (work / "build").mkdir()
    (work / "build" / "out.bin").write_bytes(b"\0" * 5000)
    (work / "trace.log").write_text("noise")


@trick({b".env.example": b"TOKEN=\n"})
def f04_files_that_hold_secrets_by_habit(forge: Forge, work: Path) -> None:
    for name in (".env.local", "id_rsa", "deploy/server.KEY"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_text("secret")
    (work / ".env.example").write_text("TOKEN=\n")


ODD = (
    b"line\nbreak",
    b'quo"te',
    b"-rf",
    b"caf\xe9",
    b"back\\slash",
    b":(exclude)*",
    b"tab\there",
    "ünï".encode(),
    b" lead ",
    b"$(id)",
)


@trick(dict.fromkeys(ODD, b"odd"))
def names_that_trip_parsers(forge: Forge, work: Path) -> None:
    for name in ODD:
        with open(os.path.join(os.fsencode(work), name), "wb") as file:
            file.write(b"odd")


@trick({b"Makefile": b"1", b"makefile": b"2", b"MAKEFILE": b"3"})
def names_that_differ_in_case(forge: Forge, work: Path) -> None:
    for number, name in enumerate(("Makefile", "makefile", "MAKEFILE"), 1):
        (work / name).write_text(str(number))


@trick("G09")
def git_folder_in_capitals(forge: Forge, work: Path) -> None:
    (work / ".GIT").mkdir()
    configure(forge, work / ".GIT" / "config")


@trick("G09")
def git_folder_with_an_invisible_letter(forge: Forge, work: Path) -> None:
    (work / "sub" / ".g\u200cit").mkdir(parents=True)
    (work / "sub" / ".g\u200cit" / "config").write_text("x")


@trick("G06")
def file_of_the_tree_replaced_by_a_pipe(forge: Forge, work: Path) -> None:
    (work / "src" / "app.py").unlink()
    os.mkfifo(work / "src" / "app.py")


@trick()
def new_pipes_and_sockets(forge: Forge, work: Path) -> None:
    os.mkfifo(work / "pipe")
    here = os.getcwd()
    os.chdir(work)  # the address of a socket has at most 108 characters
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    finally:
        os.chdir(here)


@trick("G03")
def enormous_file(forge: Forge, work: Path) -> None:
    with open(work / "big", "wb") as file:
        file.truncate(5 << 30)


@trick("G02")
def too_many_files(forge: Forge, work: Path) -> None:
    for folder in range(21):
        (work / "many" / str(folder)).mkdir(parents=True)
        for number in range(1000):
            os.close(os.open(work / "many" / str(folder) / str(number), os.O_CREAT))


@trick({b"run.sh": b"#!/bin/sh\n"})
def modes_that_git_does_not_know(forge: Forge, work: Path) -> None:
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o6711)
    (work / "src").chmod(0o1777)


@trick()
def empty_folders_and_loops(forge: Forge, work: Path) -> None:
    (work / "empty" / "deeper").mkdir(parents=True)


@trick({b"loop": b"loop"})
def link_to_itself(forge: Forge, work: Path) -> None:
    (work / "loop").symlink_to("loop")


@trick({b"src/app.py": None})
def file_of_the_tree_deleted_from_it(forge: Forge, work: Path) -> None:
    (work / "src" / "app.py").unlink()
