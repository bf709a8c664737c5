"""What people and bots do with branches, forks and pull requests: the scripted acts of tests and demos."""

import shutil
from collections.abc import Mapping
from typing import Literal

from sandbox.github import gates, issue_acts, merging, pull_acts
from sandbox.github import repository as git
from sandbox.github.acting import Acting
from sandbox.github.moves import branch_moved
from sandbox.github.protection import install_hook, write_rules
from sandbox.github.render.commits import read_commit
from sandbox.github.repository import Person
from sandbox.github.state import Issue, Queued, Repo

Files = Mapping[str, str | bytes | None]
DEPENDABOT = "dependabot[bot]"
QUEUE = "github-merge-queue[bot]"


class Proposers(Acting):
    """Commits, forks and pull requests."""

    def push_commit(self, repo: str, branch: str, files: Files, author: str | None = None, message: str = "Change files") -> str:
        """A commit by a person with all rights; the branch is made from the default branch when missing. Returns the sha."""
        place = self.repo(repo)
        with self._act():
            tips = git.branches(place.path)
            old = tips.get(branch)
            return self._commit(place, branch, old or tips.get(place.default_branch), old, files, author, message)

    def force_push(
        self,
        repo: str,
        branch: str,
        files: Files,
        author: str | None = None,
        message: str = "Start over",
        onto: str | None = None,
    ) -> str:
        """One commit on top of `onto` (the default branch when not given) replaces whatever the branch held. Returns the sha."""
        place = self.repo(repo)
        with self._act():
            tips = git.branches(place.path)
            parent = onto or tips[place.default_branch]
            return self._commit(place, branch, parent, tips.get(branch), files, author, message)

    def amend(self, repo: str, branch: str, files: Files, *, actor: str) -> str:
        """A person makes the newest commit of a branch anew, as `git commit --amend` does: its author stays. Returns the sha."""
        place = self.repo(repo)
        with self._act():
            old = git.branches(place.path)[branch]
            last, who = read_commit(place, old), self._who(place, actor)
            by = pull_acts.person(who, self.hub.state.now())
            kept = git.commit_files(place.path, old, files, last.message, by)
            author = Person(last.author[0], last.author[1])
            sha = git.commit_tree(place.path, f"{kept}^{{tree}}", last.parents, last.message, author, by)
            git.update_ref(place.path, f"refs/heads/{branch}", sha, old)
            branch_moved(self.hub, place, branch, old, sha, who)
            return sha

    def _commit(
        self,
        place: Repo,
        branch: str,
        parent: str | None,
        old: str | None,
        files: Files,
        author: str | None,
        message: str,
        *,
        on_the_web: bool = False,
    ) -> str:
        who, now = self._who(place, author), self.hub.state.now()
        committer = pull_acts.web(now) if on_the_web else None
        sha = git.commit_files(place.path, parent, files, message, pull_acts.person(who, now), committer)
        git.update_ref(place.path, f"refs/heads/{branch}", sha, old)
        branch_moved(self.hub, place, branch, old, sha, who)
        return sha

    def move_branch(self, repo: str, branch: str, sha: str, *, actor: str | None = None) -> None:
        """Points a branch at a commit that is there, whatever it pointed at before."""
        place = self.repo(repo)
        with self._act():
            old = git.branches(place.path).get(branch)
            git.update_ref(place.path, f"refs/heads/{branch}", sha, old)
            branch_moved(self.hub, place, branch, old, sha, self._who(place, actor))

    def rename_branch(self, repo: str, old: str, new: str) -> None:
        """Renames a branch with its protection; pull requests onto it, and the default branch, go along."""
        place = self.repo(repo)
        with self._act():
            git.update_ref(place.path, f"refs/heads/{new}", git.branches(place.path)[old])
            git.delete_ref(place.path, f"refs/heads/{old}")
            if old in place.protections:
                place.protections[new] = place.protections.pop(old)
                write_rules(place)
            if place.default_branch == old:
                place.default_branch = new
                git.git(place.path, "symbolic-ref", "HEAD", f"refs/heads/{new}")
            for _, pull in place.pulls():
                pull.base_ref = new if pull.base_ref == old else pull.base_ref

    def delete_branch(self, repo: str, branch: str, *, actor: str | None = None) -> None:
        """Removes a branch, which closes its open pull requests."""
        place = self.repo(repo)
        with self._act():
            old = git.branches(place.path)[branch]
            git.delete_ref(place.path, f"refs/heads/{branch}")
            branch_moved(self.hub, place, branch, old, None, self._who(place, actor))

    def fork(self, repo: str, owner: str) -> Repo:
        """A fork with every branch, under the same name; who may read the repository may read its fork."""
        source = self.repo(repo)
        with self._act():
            now, path = self.hub.state.now(), source.path.parent.parent / owner / f"{source.name}.git"
            who = self.ensure_owner(owner, "User")
            place = Repo(
                self.hub.state.next_id(), who, source.name, path, source.default_branch, source.private, now, now, source
            )
            shutil.rmtree(path, ignore_errors=True)  # an earlier fork that was deleted
            git.init(path, source.default_branch)
            git.git(path, "fetch", "--quiet", str(source.path), "+refs/heads/*:refs/heads/*")
            install_hook(place)
            place.collaborators = dict.fromkeys((*source.collaborators, source.owner.login.lower()), "read")
            self.hub.state.world.repos[place.full_name.lower()] = place
        return place

    def delete_repo(self, repo: str) -> None:
        """Removes a repository; open pull requests from it stay, with no head repository."""
        with self._act():
            gone = self.hub.state.world.repos.pop(repo.lower())
            for place in self.hub.state.world.repos.values():
                for _, pull in place.pulls():
                    pull.head_repo = None if pull.head_repo is gone else pull.head_repo

    def open_pull(
        self,
        repo: str,
        *,
        head: str,
        title: str,
        base: str | None = None,
        author: str | None = None,
        body: str | None = None,
        draft: bool = False,
    ) -> Issue:
        """A pull request from `branch` or, from a fork, `owner:branch`; ValueError when there is no such branch."""
        place = self.repo(repo)
        with self._act():
            end = pull_acts.end_named(self.hub.state.world, place, head)
            if end is None or end[1] not in git.branches(end[0].path):
                raise ValueError(f"{repo} knows no head {head}")
            who = self._who(place, author)
            return pull_acts.open_pull(self.hub, place, who, title, body, end, base or place.default_branch, draft)

    def set_draft(self, repo: str, number: int, draft: bool = True, *, actor: str | None = None) -> None:
        """Makes a pull request a draft, or ready for review."""
        issue, pull = self.issue(repo, number), self.pull(repo, number)
        with self._act():
            if pull.draft != draft:
                pull.draft = draft
                who = self._who(issue.repo, actor)
                issue_acts.record(self.hub.state, issue, "convert_to_draft" if draft else "ready_for_review", who)

    def retarget(self, repo: str, number: int, base: str) -> None:
        """A person turns a pull request to another base branch."""
        pull = self.pull(repo, number)
        with self._act():
            pull.base_ref = base

    def enqueue(self, repo: str, number: int, *, actor: str | None = None) -> None:
        """Puts a pull request into the merge queue of its base branch; ValueError with GitHub's sentence when it may not."""
        issue, pull = self.issue(repo, number), self.pull(repo, number)
        with self._act():
            reason = gates.obstacle_for_the_queue(issue, pull)
            if reason is not None or not gates.has_queue(issue.repo, pull):
                raise ValueError(reason or f"{pull.base_ref} has no merge queue")
            who = self._who(issue.repo, actor)
            pull.queued = Queued(self.hub.state.next_id(), who, self.hub.state.now())
            issue_acts.record(self.hub.state, issue, "added_to_merge_queue", who)

    def dequeue(self, repo: str, number: int, *, actor: str | None = None) -> None:
        """Takes a pull request out of the merge queue."""
        issue, pull = self.issue(repo, number), self.pull(repo, number)
        with self._act():
            pull.queued = None
            issue_acts.record(self.hub.state, issue, "removed_from_merge_queue", self._who(issue.repo, actor))

    def let_queue_merge(self, repo: str, number: int, method: str = "squash") -> str:
        """The queue merges an entry, on the present tip of the base branch and by its own account. Returns the commit."""
        issue, pull = self.issue(repo, number), self.pull(repo, number)
        if pull.queued is None:
            raise ValueError(f"{repo}#{number} is not in the merge queue")
        with self._act():
            return merging.merge(self.hub, issue, pull, method, None, None, self.ensure_owner(QUEUE))

    def dependabot(
        self,
        repo: str,
        package: str,
        old: str,
        new: str,
        files: Files,
        *,
        update: Literal["patch", "minor", "major"] = "patch",
        ecosystem: str = "pip",
        direct: bool = True,
    ) -> Issue:
        """A pull request as Dependabot opens it: its branch, title, commit message and the block of facts at its end."""
        place = self.repo(repo)
        branch, subject = f"dependabot/{ecosystem}/{package}-{new}", f"Bump {package} from {old} to {new}"
        words = f"Bumps [{package}](https://example.com/{package}) from {old} to {new}."
        facts = (
            f"---\nupdated-dependencies:\n- dependency-name: {package}\n  dependency-version: {new}\n"
            f"  dependency-type: {'direct:production' if direct else 'indirect'}\n"
            f"  update-type: version-update:semver-{update}\n...\n"
        )
        message = f"{subject}\n\n{words}\n\n{facts}\nSigned-off-by: {DEPENDABOT} <support@github.com>"
        with self._act():
            tips = git.branches(place.path)
            there = tips.get(branch)
            parent = there or tips.get(place.default_branch)
            self._commit(place, branch, parent, there, files, DEPENDABOT, message, on_the_web=True)
        issue = self.open_pull(place.full_name, head=branch, title=subject, author=DEPENDABOT, body=words)
        with self._act():
            issue_acts.add_labels(self.hub.state, issue, ("dependencies",), issue.author)
        return issue
