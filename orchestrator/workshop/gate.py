"""The gate: our bare repository of one managed repository, through which everything comes in and goes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.model.tree import Change, Refusal
from orchestrator.workshop import bare, foreign, git, intake, looking, merging, trees, working_copy
from orchestrator.workshop import changes as telling
from orchestrator.workshop.merging import Merge3, Rebuilt
from orchestrator.workshop.remote import LeaseLost, Pushed, Remote, protocols

THERE = "refs/remotes/origin/"
"""Where the other side's branches are kept as we last saw them."""

__all__ = ["Gate", "LeaseLost", "Merge3", "Pushed", "Rebuilt"]


class Gate:
    """One managed repository's bare repository at `<folder>/<owner>/<name>.git`, where `folder` is `<runtime>/repos`.

    `url` is where it comes from: https, http to loopback, or a folder. `token` is asked at each call to the other side and
    lives in that one process's environment. `identity` (name, address) is the author of every commit made here. `confined`
    says whether the one git command that looks at an agent's folder runs inside bubblewrap.
    """

    def __init__(
        self, folder: Path, repo: str, url: str, token: Callable[[], str | None], *, identity: tuple[str, str], confined: bool
    ) -> None:
        protocols(url)
        self.repo = repo
        self.place = (folder / f"{repo}.git").absolute()
        self.objects = self.place / "objects"
        self.identity = identity
        self.confined = confined
        self.remote = Remote(self.place, url, token)

    # -- the other side

    def fetch(self, *branches: str) -> dict[str, str | None]:
        """The tips of the branches as they are there now, brought here; None for a branch that does not exist there.

        Raises Unavailable when the other side does not answer (or a lock is busy), Refused when it does not let us in.
        """
        with bare.exclusive(self.place):
            bare.clear_half_made(self.place)
            bare.make(self.place)
            bare.sweep(self.place, time.time())
            with bare.used(self.place):
                return self._brought(branches)

    def fetch_pull(self, number: int) -> str | None:
        """The head of a pull request as it is there now, brought here under refs/agentos/pulls/; None when there is none.

        Raises Unavailable, and Refused also for objects that git does not take.
        """
        with bare.exclusive(self.place):
            bare.make(self.place)
            with bare.used(self.place):
                return self.remote.fetch_pull(number, bare.kept(f"pulls/{number}"))

    def _brought(self, branches: Sequence[str]) -> dict[str, str | None]:
        tips, known = self.remote.heads(branches), self._known(branches)
        if missing := [name for name, sha in tips.items() if known.get(name) != sha]:
            self._make_room_for(missing)
            self.remote.fetch(missing)
            known = self._known(branches)
        for name in set(known) - set(tips):
            git.output(self.place, "update-ref", "-d", f"{THERE}{name}")
        return {name: known[name] if name in tips else None for name in branches}

    def _make_room_for(self, branches: Sequence[str]) -> None:
        """Let go of what is in the way of a branch's name: git keeps no `release` beside a `release/1`, neither here nor there,
        so that the one that we know is gone there, renamed mostly."""
        listed = git.line(self.place, "for-each-ref", "--format=%(refname)", THERE).splitlines()
        for old in (ref.removeprefix(THERE) for ref in listed):
            if any(new.startswith(f"{old}/") or old.startswith(f"{new}/") for new in branches):
                git.output(self.place, "update-ref", "-d", f"{THERE}{old}")

    def _known(self, branches: Sequence[str]) -> dict[str, str]:
        """Where we last saw the branches, all by one question."""
        refs = (f"{THERE}{name}" for name in branches)
        rows = git.line(self.place, "for-each-ref", "--format=%(objectname) %(refname)", *refs).splitlines()
        found = (row.split(" ", 1) for row in rows)
        return {ref.removeprefix(THERE): sha for sha, ref in found if ref.removeprefix(THERE) in branches}

    def branch(self, name: str) -> str | None:
        """The tip of a branch of the other side as it was when we last looked; no network."""
        return self._sha(f"{THERE}{name}")

    def push(self, branch: str, commit: str, expected: str | None) -> Pushed | LeaseLost:
        """Move agent/… there to `commit` if it still is at `expected` (None: it must not exist); see Remote.push."""
        outcome = self.remote.push(branch, commit, expected)
        if isinstance(outcome, Pushed):
            with bare.used(self.place):
                git.output(self.place, "update-ref", f"{THERE}{branch}", commit)
        return outcome

    def delete_branch(self, branch: str, expected: str) -> bool:
        """Delete agent/… there if it still is at exactly `expected`; whether it is gone."""
        is_gone = self.remote.delete(branch, expected)
        if is_gone:
            self._forget(f"{THERE}{branch}")
        return is_gone

    # -- working copies

    def prepare(self, workdir: Path, commit: str, *, tree: str | None = None) -> None:
        """Make a task's working copy at `commit`, its files those of `tree` if given; one that is there stays as it is."""
        working_copy.make(self.place, workdir, commit, tree)

    def take_in(self, workdir: Path, *, base: str, keep_ref: str) -> str | Refusal:
        """The tree of the working files, stored here as a commit on `base` under refs/agentos/<keep_ref>; or a refusal.

        Runs nothing of the folder's, whatever it holds. Ignored files, the result file and new files that are named like
        secrets are not in it; the latter are told by `left_out`.
        """
        try:
            found = intake.differences(self.place, workdir, base, confined=self.confined)
        except looking.NotTaken as refused:
            return refused.refusal
        with bare.used(self.place):
            return intake.record(self.place, found, base, bare.kept(keep_ref), self.identity)

    def left_out(self, keep_ref: str) -> tuple[str, ...]:
        """The new files that `take_in` left out because they are named like secrets."""
        return intake.left_out(self.place, bare.kept(keep_ref))

    def remove(self, workdir: Path, *, safe_commit: str | None) -> bool:
        """Put a working copy into the bin if nothing is lost: its files are those of `safe_commit` (a commit or a tree), and
        that is held by one of our references or by a branch of the other side. Otherwise leave it; whether it is gone.

        Taking a copy out of the way is one rename; deleting thousands of files is left to `working_copy.empty_bin`.
        """
        if not workdir.is_dir():
            return True
        if safe_commit is None or not self._is_held(safe_commit) or self._differs(workdir, safe_commit):
            return False
        working_copy.take_away(workdir)
        return True

    def discard(self, folder: Path) -> None:
        """Remove a folder of ours in which nothing is worth keeping, whatever commands left in it; none is no error."""
        if folder.is_dir():
            working_copy.take_away(folder)
        working_copy.clear_leftovers(folder)

    def _differs(self, workdir: Path, treeish: str) -> bool:
        try:
            return bool(intake.differences(self.place, workdir, treeish, confined=self.confined).edits)
        except looking.NotTaken:
            return True

    def _is_held(self, treeish: str) -> bool:
        tree = self._sha(f"{treeish}^{{tree}}")
        if tree is None:
            return False
        held = git.line(self.place, "for-each-ref", "--format=%(tree)", bare.KEPT, THERE).split()
        return tree in held or self._is_in_history(treeish)

    def _is_in_history(self, commit: str) -> bool:
        words = ("for-each-ref", "--count=1", f"--contains={commit}", bare.KEPT, THERE)
        finished = git.attempt(self.place, *words)
        return finished.code == 0 and bool(finished.out)

    # -- judging and building

    def changes(self, base: str, tree: str) -> tuple[Change, ...] | Refusal:
        """What differs between two commits or trees; the refusal G14 when it is too large to judge."""
        return telling.changes(self.place, base, tree)

    def commit(self, tree: str, parent: str, message: str, when: datetime) -> str:
        """A commit of ours: same tree, parent, message and time, same name. `when` must be aware."""
        name, email = self.identity
        date = f"@{int(when.astimezone(UTC).timestamp())} +0000"
        roles = ("AUTHOR", "COMMITTER")
        env = {f"GIT_{role}_{what}": text for role in roles for what, text in (("NAME", name), ("EMAIL", email), ("DATE", date))}
        return git.line(self.place, "commit-tree", f"{tree}^{{tree}}", "-p", parent, stdin=message.encode(), env=env)

    def merge_trees(self, base_commit: str, ours: str, theirs: str) -> Merge3:
        """The three-way merge of two trees; conflicting paths hold markers."""
        return merging.merge_trees(self.place, base_commit, ours, theirs)

    def rebuild(self, onto: str, base: str, commit: str, memory_file: str) -> Rebuilt:
        """The change base..commit applied on `onto`; the memory file is merged by structure."""
        return merging.rebuild(self.place, onto, base, commit, memory_file)

    def read(self, commit_or_tree: str, path: str, limit: int = 1 << 20) -> str | None:
        """The first `limit` bytes of a regular file as text, undecodable bytes replaced; None when there is none."""
        content = trees.read(self.place, commit_or_tree, path, limit)
        return None if content is None else content.decode(errors="replace")

    def memory(self, commit_or_tree: str, path: str) -> str | None:
        """The whole memory file as text that gives its very bytes back (`surrogateescape`), empty when there is none; None where
        something else has its name."""
        if trees.is_another_thing(self.place, commit_or_tree, path):
            return None
        content = trees.read(self.place, commit_or_tree, path, merging.MAX_MEMORY)
        return (content or b"").decode(errors="surrogateescape")

    def paths(self, commit_or_tree: str) -> tuple[str, ...]:
        """Every path of a tree, in git's order; bytes that are no text as Python escapes."""
        return tuple(path.decode(errors="backslashreplace") for path in trees.listing(self.place, commit_or_tree))

    def with_file(self, tree: str, path: str, content: bytes) -> str:
        """The tree with that one file replaced or added."""
        return trees.with_file(self.place, tree, path, content)

    def with_files_of(self, tree: str, other: str, paths: Sequence[str]) -> str:
        """The tree with those files as another tree has them, and without those that it does not have."""
        known = trees.listing(self.place, other, *paths) if paths else {}
        return trees.edited(self.place, tree, {path: known.get(path.encode()) for path in paths})

    def is_ancestor(self, a: str, b: str) -> bool:
        """Whether commit `a` is in the history of `b`."""
        finished = git.attempt(self.place, "merge-base", "--is-ancestor", a, b)
        if finished.code not in (0, 1):
            raise git.GitFailed(("merge-base", "--is-ancestor", a, b), finished)
        return finished.code == 0

    def contains(self, tip: str, commit: str) -> bool:
        """Whether a commit is known here and in the history of another; what is unknown is in nobody's."""
        known = all(self._sha(f"{name}^{{commit}}") for name in (tip, commit))
        return known and self.is_ancestor(commit, tip)

    def tree_of(self, commit: str) -> str:
        """The name of a commit's tree (a tree's own name for a tree)."""
        return git.line(self.place, "rev-parse", "--verify", f"{commit}^{{tree}}")

    def parent_of(self, commit: str) -> str:
        """The commit that a commit of ours was made on; it has one."""
        return git.line(self.place, "rev-parse", "--verify", f"{commit}^")

    # -- pull requests that are not ours

    def trouble_with(self, base: str, head: str) -> Refusal | None:
        """Why a stranger's tree is not checked out here; None when it may be."""
        return foreign.trouble_with(self.place, base, head)

    def difference(self, base: str, head: str) -> str | Refusal:
        """What `head` changes since it left `base`, as a unified difference; the refusal G14 when it is too large."""
        return foreign.difference(self.place, base, head)

    def commits(self, base: str, head: str) -> tuple[foreign.Commit, ...]:
        """The commits that `head` has and `base` has not, newest first."""
        return foreign.commits(self.place, base, head)

    def is_clean_merge(self, commit: foreign.Commit, base: str) -> bool:
        """Whether a commit merges the base branch in and holds nothing else."""
        return foreign.is_clean_merge(self.place, commit, base)

    def touched(self, workdir: Path, commit: str) -> tuple[str, ...]:
        """The paths at which a working copy differs from the commit that it was made from."""
        return foreign.touched(self.place, workdir, commit, confined=self.confined)

    # -- our own references

    def keep(self, ref: str, sha: str) -> None:
        """Hold an object under refs/agentos/<ref>, so that it stays whatever happens to branches."""
        with bare.used(self.place):
            git.output(self.place, "update-ref", bare.kept(ref), sha)

    def kept(self, ref: str) -> str | None:
        """What refs/agentos/<ref> holds."""
        return self._sha(bare.kept(ref))

    def trees_below(self, ref: str) -> tuple[str, ...]:
        """The trees that are held under refs/agentos/<ref>/, each once."""
        found = git.line(self.place, "for-each-ref", "--format=%(tree)", f"{bare.kept(ref)}/")
        return tuple(dict.fromkeys(found.split()))

    def forget(self, ref: str) -> None:
        """Let go of refs/agentos/<ref>; one that is not there is no error."""
        self._forget(bare.kept(ref))

    def _sha(self, ref: str) -> str | None:
        finished = git.attempt(self.place, "rev-parse", "--verify", "--quiet", ref)
        return finished.out.decode().strip() if finished.code == 0 else None

    def _forget(self, ref: str) -> None:
        if self._sha(ref):
            with bare.used(self.place):
                git.output(self.place, "update-ref", "-d", ref)
