"""Repositories and who may do what in them."""

from collections.abc import Mapping

from sandbox.github.answers import Answer, not_found
from sandbox.github.call import Call, Handler
from sandbox.github.permissions import legacy, permission_of
from sandbox.github.render.common import user
from sandbox.github.render.repos import permissions, repository


def get(call: Call) -> Answer:
    return Answer(200, repository(call.links, call.repo(), call.viewer))


def collaborator_permission(call: Call) -> Answer:
    """`permission` has the four old words, `role_name` the real one; 404 for an account that does not exist."""
    repo = call.writable_repo()
    person = call.world.users.get(call.path["username"].lower())
    if person is None:
        raise not_found()
    role = permission_of(repo, person)
    who = {**user(call.links, person), "permissions": permissions(role), "role_name": role}
    return Answer(200, {"permission": legacy(role), "role_name": role, "user": who})


ROUTES: Mapping[str, Handler] = {
    "GET /repos/{owner}/{repo}": get,
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission": collaborator_permission,
}
