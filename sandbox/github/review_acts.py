"""What can happen to a review: submitted, answered, resolved, rewritten, dismissed."""

from collections.abc import Iterable

from sandbox.github import issue_acts
from sandbox.github.state import Dismissal, Edit, Issue, Pull, Review, ReviewComment, State, User

# Path, line (None: the whole file) and text.
Remark = tuple[str, int | None, str]


def submit(
    state: State,
    issue: Issue,
    pull: Pull,
    author: User,
    verdict: str,
    body: str = "",
    remarks: Iterable[Remark] = (),
    commit: str | None = None,
) -> Review:
    """A review of the head, or of another commit; its author is not asked for one any more."""
    now = state.now()
    review = Review(state.next_id(), author, verdict, body, commit or pull.head_sha, now)
    review.comments += [ReviewComment(state.next_id(), review, text, path, line, now) for path, line, text in remarks]
    pull.reviews.append(review)
    pull.requested = [user for user in pull.requested if user is not author]
    issue.updated_at = now
    return review


def answer(state: State, issue: Issue, pull: Pull, root: ReviewComment, author: User, body: str) -> ReviewComment:
    """An answer in a thread, which is a review of its own, as on GitHub."""
    review = submit(state, issue, pull, author, "COMMENTED")
    root = root.in_reply_to or root
    one = ReviewComment(state.next_id(), review, body, root.path, root.line, state.now(), in_reply_to=root)
    review.comments.append(one)
    return one


def rewrite(state: State, issue: Issue, one: Review | ReviewComment, body: str, editor: User) -> None:
    """New text of a review or of a comment on a line, kept with its editor."""
    one.body = body
    one.edits.append(Edit(state.next_id(), editor, state.now()))
    issue.updated_at = state.now()


def dismiss(state: State, issue: Issue, review: Review, actor: User, message: str) -> None:
    """Takes the verdict of a review back."""
    was, review.state = review.state, "DISMISSED"
    issue_acts.record(state, issue, "review_dismissed", actor, dismissed=Dismissal(review.id, was.lower(), message))
