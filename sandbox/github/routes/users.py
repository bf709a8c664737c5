"""Who is asking, and how much may still be asked."""

from collections.abc import Mapping

from sandbox.github.answers import Answer
from sandbox.github.call import Call, Handler
from sandbox.github.render.common import stamp, user


def authenticated(call: Call) -> Answer:
    """public-user: what a token without the `user` scope sees."""
    at = stamp(call.viewer.created_at)
    empty = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return Answer(200, {**user(call.links, call.viewer), **empty, **counts, "created_at": at, "updated_at": at})


def rate_limit(call: Call) -> Answer:
    """Asking costs nothing."""
    budgets = {name: call.hub.limits.look(name) for name in ("core", "search", "graphql")}
    return Answer(200, {"resources": budgets, "rate": budgets["core"]})


ROUTES: Mapping[str, Handler] = {"GET /user": authenticated, "GET /rate_limit": rate_limit}
