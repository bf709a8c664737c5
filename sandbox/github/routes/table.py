"""Which module serves which operation, and which operations are not served and why."""

from collections.abc import Mapping

from sandbox.github.call import Handler
from sandbox.github.routes import (
    actions,
    branches,
    checks,
    comments,
    commits,
    git_refs,
    issues,
    labels,
    links,
    merging,
    projects,
    pulls,
    repos,
    reviews,
    search,
    timeline,
    users,
)

SUBJECTS = (
    actions,
    branches,
    checks,
    comments,
    commits,
    git_refs,
    issues,
    labels,
    links,
    merging,
    projects,
    pulls,
    repos,
    reviews,
    search,
    timeline,
    users,
)

HANDLERS: Mapping[str, Handler] = {name: handler for subject in SUBJECTS for name, handler in subject.ROUTES.items()}

NOT_SERVED: Mapping[str, str] = {
    "POST /app/installations/{installation_id}/access_tokens": "an app signs with its key; tests make tokens with add_token",
}
