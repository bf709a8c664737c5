"""What to tell a person about a repository that GitHub does not find under its configured name."""

from __future__ import annotations

from orchestrator.adapters.github.graphql import ask
from orchestrator.adapters.github.wire import Wire
from orchestrator.ports import Refused


def lost(wire: Wire, repo: str, words: str) -> Refused:
    """The exception to raise: with the present name when it was renamed or transferred, else with GitHub's `words`."""
    owner, name = repo.split("/")
    answer, _ = ask(wire, QUERY, {"owner": owner, "name": name})
    match answer.get("repository"):
        case {"nameWithOwner": str(now)}:
            return Refused(f"{repo} moved to {now}; write its present name into config.yaml")
        case _:
            return Refused(f"GitHub does not find {repo}: {words[:200]}")


QUERY = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name, followRenames: true) { nameWithOwner } }"
