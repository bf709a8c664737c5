"""A world from a YAML file, for the stand-in that runs alone."""

import yaml

from sandbox.github.server import GitHub


def plant(github: GitHub, text: str) -> dict[str, str]:
    """Makes what the text lists; returns login to token. ValueError when the text is no mapping."""
    seed = yaml.safe_load(text)
    if not isinstance(seed, dict):
        raise ValueError("a seed file is a mapping of users, tokens, repos, projects and issues")
    for login, kind in (seed.get("users") or {}).items():
        github.add_user(login, type=kind or "User")
    for name, repo in (seed.get("repos") or {}).items():
        github.add_repo(name, **(repo or {}))
    boards = [github.add_project(**project) for project in seed.get("projects") or ()]
    for entry in seed.get("issues") or ():
        status = entry.pop("status", None)
        issue = github.add_issue(entry.pop("repo"), **entry)
        if status is not None:
            github.add_to_project(boards[0], issue, status=status)
    return {login: github.add_token(login, scopes) for login, scopes in (seed.get("tokens") or {}).items()}
