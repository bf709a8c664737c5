"""Shapes of repositories, branches, refs and protection."""

from sandbox.github.answers import JSON
from sandbox.github.links import Links
from sandbox.github.permissions import permission_of, reaches
from sandbox.github.render.common import node_id, stamp, user
from sandbox.github.state import Protection, Repo, User

PLAIN = (
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "hooks",
    "languages",
    "merges",
    "stargazers",
    "subscribers",
    "tags",
    "teams",
)
TEMPLATED = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "statuses": "/statuses/{sha}",
    "trees": "/git/trees{/sha}",
}

# The same for every repository of the stand-in.
ALIKE: JSON = {
    **dict.fromkeys(("description", "homepage", "mirror_url", "language", "license")),
    **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0),
    **dict.fromkeys(("has_issues", "has_projects", "has_downloads", "allow_forking"), True),
    **dict.fromkeys(("is_template", "has_wiki", "has_pages", "has_discussions", "archived", "disabled"), False),
    "web_commit_signoff_required": False,
    "size": 1,
}


def repository(links: Links, repo: Repo, viewer: User | None = None) -> JSON:
    """repository, minimal-repository and (with a viewer's permissions) full-repository: one shape serves all three."""
    url, page = links.repo(repo), links.page(repo)
    open_issues = sum(issue.state == "open" for issue in repo.issues.values())
    shape: JSON = {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": user(links, repo.owner),
        "html_url": page,
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in PLAIN},
        "subscription_url": f"{url}/subscription",
        **{f"{name}_url": f"{url}{rest}" for name, rest in TEMPLATED.items()},
        "git_url": f"git:{page.split(':', 1)[1]}.git",
        "ssh_url": f"git@localhost:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        **ALIKE,
        "fork": repo.source is not None,
        "topics": [],
        "default_branch": repo.default_branch,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "visibility": "private" if repo.private else "public",
        "pushed_at": stamp(repo.pushed_at),
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.pushed_at),
    }
    return shape if viewer is None else {**shape, **_for_viewer(links, repo, viewer)}


def _for_viewer(links: Links, repo: Repo, viewer: User) -> JSON:
    merging = {f"allow_{way}": True for way in ("squash_merge", "merge_commit", "rebase_merge")}
    more: JSON = {
        "permissions": permissions(permission_of(repo, viewer)),
        **merging,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
    }
    more |= {"network_count": 0, "subscribers_count": 0}
    return more | ({"organization": user(links, repo.owner)} if repo.owner.type == "Organization" else {})


def permissions(role: str) -> JSON:
    """The five booleans of a role."""
    levels = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
    return {name: reaches(role, level) for name, level in levels.items()}


def git_ref(links: Links, repo: Repo, ref: str, sha: str) -> JSON:
    """git-ref."""
    url = links.repo(repo)
    return {
        "ref": ref,
        "node_id": node_id("REF", f"{repo.id}:{ref}"),
        "url": f"{url}/git/{ref}",
        "object": {"sha": sha, "type": "commit", "url": f"{url}/git/commits/{sha}"},
    }


def protection_summary(protection: Protection | None) -> JSON:
    """The short form inside a branch."""
    contexts = list(protection.required_checks) if protection else []
    level = "off" if protection is None or not contexts else "everyone" if protection.enforce_admins else "non_admins"
    checks = {
        "enforcement_level": level,
        "contexts": contexts,
        "checks": [{"context": name, "app_id": None} for name in contexts],
    }
    return {"enabled": protection is not None, "required_status_checks": checks}


def protection(links: Links, repo: Repo, branch: str, rules: Protection) -> JSON:
    """branch-protection and protected-branch."""
    url = f"{links.repo(repo)}/branches/{branch}/protection"
    off = {"enabled": False}
    shape: JSON = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rules.enforce_admins},
        **dict.fromkeys(
            (
                "required_linear_history",
                "allow_force_pushes",
                "allow_deletions",
                "block_creations",
                "required_conversation_resolution",
                "lock_branch",
                "allow_fork_syncing",
            ),
            off,
        ),
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
    }
    if rules.required_checks or rules.strict:
        part = f"{url}/required_status_checks"
        contexts = list(rules.required_checks)
        checks = [{"context": name, "app_id": None} for name in contexts]
        shape["required_status_checks"] = {
            "url": part,
            "strict": rules.strict,
            "contexts": contexts,
            "contexts_url": f"{part}/contexts",
            "checks": checks,
        }
    if rules.require_pull_request:
        shape["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": rules.required_approvals,
        }
    return shape
