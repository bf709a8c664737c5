"""What people do in a review, and what an app says about a commit: the scripted acts of tests and demos."""

from collections.abc import Iterable
from typing import Literal

from sandbox.github import repository as git
from sandbox.github import review_acts
from sandbox.github.acting import Acting
from sandbox.github.review_acts import Remark
from sandbox.github.state import CheckRun, Review, ReviewComment

Verdict = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "PENDING"]


class Reviewers(Acting):
    """Reviews, their threads, and checks."""

    def submit_review(
        self,
        repo: str,
        number: int,
        author: str,
        state: Verdict,
        body: str = "",
        comments: Iterable[Remark] = (),
        commit: str | None = None,
    ) -> Review:
        """A review of the head, or of an older commit; each comment is (path, line, text) and opens a thread."""
        issue, pull = self.issue(repo, number), self.pull(repo, number)
        with self._act():
            who = self._who(issue.repo, author)
            return review_acts.submit(self.hub.state, issue, pull, who, state, body, comments, commit)

    def reply(self, repo: str, number: int, to: ReviewComment, author: str, body: str) -> ReviewComment:
        """An answer in the thread of a comment."""
        issue, pull = self.issue(repo, number), self.pull(repo, number)
        with self._act():
            return review_acts.answer(self.hub.state, issue, pull, to, self._who(issue.repo, author), body)

    def resolve_thread(self, comment: ReviewComment, resolved: bool = True) -> None:
        """Marks the thread of a comment as resolved, or not."""
        with self._act():
            (comment.in_reply_to or comment).resolved = resolved

    def edit_review_comment(self, repo: str, number: int, comment: ReviewComment, body: str, *, actor: str) -> None:
        """New text of a comment on a line; GitHub shows who wrote it."""
        issue = self.issue(repo, number)
        with self._act():
            review_acts.rewrite(self.hub.state, issue, comment, body, self._who(issue.repo, actor))

    def edit_review(self, repo: str, number: int, review: Review, body: str, *, actor: str) -> None:
        """New words of a review; only GraphQL shows who wrote them."""
        issue = self.issue(repo, number)
        with self._act():
            review_acts.rewrite(self.hub.state, issue, review, body, self._who(issue.repo, actor))

    def dismiss_review(self, repo: str, number: int, review: Review, *, actor: str | None = None, message: str = "stale") -> None:
        """Takes the verdict of a review back."""
        issue = self.issue(repo, number)
        with self._act():
            review_acts.dismiss(self.hub.state, issue, review, self._who(issue.repo, actor), message)

    def report_check(self, repo: str, ref: str, name: str, conclusion: str | None) -> CheckRun:
        """A further run of a check on a commit: `success`, `failure`..., or None for one that is still running.

        Where the check is a job of a workflow run it is a further attempt of that job.
        """
        place = self.repo(repo)
        sha = git.resolve(place.path, ref)
        if sha is None:
            raise ValueError(f"{repo} has no commit {ref}")
        with self._act():
            return self.hub.ci.report(place, sha, name, conclusion)
