"""Shapes of commits, changed files and comparisons, read from git."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.render.common import node_id, user_or_none
from sandbox.github.repository import GitFailed, git, remembered
from sandbox.github.state import Repo, User, World

FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x1e"
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
SIGNED = {
    "verified": True,
    "reason": "valid",
    "signature": "-----BEGIN PGP SIGNATURE-----",
    "payload": "tree",
    "verified_at": "2024-11-04T16:26:46Z",
}
WEB = User(19864447, "web-flow", "User")
WEB_S = "noreply@github.com"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True)
class Commit:
    """A commit as git tells it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


def read_commits(repo: Repo, *revisions: str) -> list[Commit]:
    """The commits that `git log` walks, newest first."""
    raw = git(repo.path, "log", "--topo-order", f"--format={FORMAT}", *revisions, "--")
    return [_parsed(record) for record in raw.split("\x1e") if record.strip()]


def read_commit(repo: Repo, sha: str) -> Commit:
    """One commit, by its whole name."""
    return _known(repo.path, sha)


@remembered
def _known(path: Path, sha: str) -> Commit:
    return _parsed(git(path, "log", "-1", f"--format={FORMAT}", sha, "--").split("\x1e")[0])


def _parsed(record: str) -> Commit:
    sha, tree, parents, an, ae, ad, cn, ce, cd, message = record.lstrip("\n").split("\x00", 9)
    return Commit(sha, tree, tuple(parents.split()), (an, ae, ad), (cn, ce, cd), message.rstrip("\n"))


def account_of(world: World, email: str) -> User | None:
    """The account that an address belongs to: `ID+login@users.noreply...` or `login@...`, and GitHub's own."""
    if email == WEB_S:
        return WEB
    login = email.split("@", 1)[0].rsplit("+", 1)[-1]
    return world.users.get(login.lower())


def commit(links: Links, world: World, repo: Repo, one: Commit) -> JSON:
    """commit, without files."""
    url, page = links.repo(repo), links.page(repo)
    inner = {
        "author": _git_user(one.author),
        "committer": _git_user(one.committer),
        "message": one.message,
        "comment_count": 0,
        "tree": {"sha": one.tree, "url": f"{url}/git/trees/{one.tree}"},
        "url": f"{url}/git/commits/{one.sha}",
        "verification": _verification(one),
    }
    parents = [{"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in one.parents]
    return {
        "sha": one.sha,
        "node_id": node_id("C", one.sha),
        "commit": inner,
        "url": f"{url}/commits/{one.sha}",
        "html_url": f"{page}/commit/{one.sha}",
        "comments_url": f"{url}/commits/{one.sha}/comments",
        "author": user_or_none(links, account_of(world, one.author[1])),
        "committer": user_or_none(links, account_of(world, one.committer[1])),
        "parents": parents,
    }


def _git_user(who: tuple[str, str, str]) -> JSON:
    return {"name": who[0], "email": who[1], "date": who[2]}


def committed(links: Links, repo: Repo, one: Commit) -> JSON:
    """timeline-committed-event."""
    url, page = links.repo(repo), links.page(repo)
    return {
        "event": "committed",
        "sha": one.sha,
        "node_id": node_id("C", one.sha),
        "url": f"{url}/git/commits/{one.sha}",
        "html_url": f"{page}/commit/{one.sha}",
        "author": _git_user(one.author),
        "committer": _git_user(one.committer),
        "tree": {"sha": one.tree, "url": f"{url}/git/trees/{one.tree}"},
        "message": one.message,
        "parents": [{"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in one.parents],
        "verification": _verification(one),
    }


def _verification(one: Commit) -> JSON:
    """What GitHub commits itself, it signs; nobody else signs here."""
    return SIGNED if one.committer[1] == WEB_S else UNSIGNED


def simple(one: Commit) -> JSON:
    """simple-commit."""
    people = {
        "author": {"name": one.author[0], "email": one.author[1]},
        "committer": {"name": one.committer[0], "email": one.committer[1]},
    }
    return {"id": one.sha, "tree_id": one.tree, "message": one.message, "timestamp": one.committer[2], **people}


def with_files(links: Links, world: World, repo: Repo, one: Commit) -> JSON:
    """commit with its files against the first parent."""
    changed = files(links, repo, one.parents[0] if one.parents else EMPTY_TREE, one.sha)
    added, removed = sum(entry["additions"] for entry in changed), sum(entry["deletions"] for entry in changed)
    return {
        **commit(links, world, repo, one),
        "stats": {"additions": added, "deletions": removed, "total": added + removed},
        "files": changed,
    }


def files(links: Links, repo: Repo, old: str, new: str) -> list[JSON]:
    """diff-entry for every file that differs between two trees."""
    counts = _line_counts(repo, old, new)
    raw = git(repo.path, "diff-tree", "-r", "-M", "-z", "--raw", "--full-index", old, new).split("\x00")
    entries, place = [], 0
    while place < len(raw) - 1:
        _, _, _, blob, status = raw[place].split(" ")
        names = raw[place + 1 : place + (3 if status[0] in "RC" else 2)]
        entries.append(_entry(links, repo, (old, new), blob, status[0], names, counts.get(names[-1], (0, 0))))
        place += 1 + len(names)
    return entries


def _line_counts(repo: Repo, old: str, new: str) -> dict[str, tuple[int, int]]:
    raw = git(repo.path, "diff-tree", "-r", "-M", "-z", "--numstat", old, new).split("\x00")
    counts, place = {}, 0
    while place < len(raw) - 1:
        added, removed, name = raw[place].split("\t")
        if not name:
            name, place = raw[place + 2], place + 2
        counts[name] = (0 if added == "-" else int(added), 0 if removed == "-" else int(removed))
        place += 1
    return counts


def _entry(
    links: Links, repo: Repo, ends: tuple[str, str], blob: str, status: str, names: list[str], counts: tuple[int, int]
) -> JSON:
    name, new = names[-1], ends[1]
    url, page = links.repo(repo), links.page(repo)
    quoted = name.replace("%", "%25").replace(" ", "%20")
    shape = {
        "sha": None if status == "D" else blob,
        "filename": name,
        "status": STATUS.get(status, "changed"),
        "additions": counts[0],
        "deletions": counts[1],
        "changes": sum(counts),
        "blob_url": f"{page}/blob/{new}/{quoted}",
        "raw_url": f"{page}/raw/{new}/{quoted}",
        "contents_url": f"{url}/contents/{quoted}?ref={new}",
    }
    patch = _patch(repo, ends, names)
    return {**shape, **({"patch": patch} if patch else {}), **({"previous_filename": names[0]} if len(names) > 1 else {})}


def _patch(repo: Repo, ends: tuple[str, str], names: list[str]) -> str:
    try:
        text = git(repo.path, "diff-tree", "-p", "-M", *ends, "--", *names)
    except GitFailed:
        return ""
    start = text.find("\n@@")
    return text[start + 1 :] if start >= 0 else ""
