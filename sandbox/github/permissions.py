"""Who may do what in a repository and on a board."""

from sandbox.github.state import LEVELS, Project, Repo, User, World

LEGACY = {"triage": "read", "maintain": "write"}


def permission_of(repo: Repo, user: User) -> str:
    """The role name of a user in a repository; everyone reads a public one."""
    if repo.owner is user or repo.owner.login.lower() == user.login.lower():
        return "admin"
    floor = "none" if repo.private else "read"
    role = repo.collaborators.get(user.login.lower(), floor)
    return role if reaches(role, floor) else floor


def reaches(role: str, level: str) -> bool:
    """Whether a role includes a level."""
    return LEVELS.index(role) >= LEVELS.index(level)


def legacy(role: str) -> str:
    """The four old words that the `permission` field still uses."""
    return LEGACY.get(role, role)


def may_read_project(world: World, project: Project, user: User) -> bool:
    """Public boards are for everyone, others for those who work in one of the owner's repositories."""
    return project.public or _role_with(world, project.owner, user) != "none"


def may_write_project(world: World, project: Project, user: User) -> bool:
    """The owner, and whoever may write to one of the owner's repositories."""
    return reaches(_role_with(world, project.owner, user), "write")


def _role_with(world: World, owner: User, user: User) -> str:
    if owner.login == user.login:
        return "admin"
    roles = [
        repo.collaborators.get(user.login.lower(), "none") for repo in world.repos.values() if repo.owner.login == owner.login
    ]
    return max(roles, key=LEVELS.index, default="none")
