"""What no type can say of the configuration: small rules, each of which looks at one value and its path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orchestrator.config.errors import KeyPath, Mistake, nearest
from orchestrator.config.reviewing import Labels
from orchestrator.config.schema import Project, RepoSettings, default_agents
from orchestrator.system.safe_yaml import Mapping_, Node, Scalar, Sequence_

LOOPBACK = r"(?i)http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?(/.*)?"
SECRET_NAMES = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL", "CREDENTIALS")
SECRET_STARTS = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "sk-", "xoxa-", "xoxb-", "xoxp-")
STATUSES = ("backlog_value", "in_progress_value", "blocked_value", "done_value")
STEERING = ("ready_label", "labels.hold", "labels.approved")
FOLLOWING = ("labels.working", "labels.in_review", "labels.ci_failed", "labels.needs_you")
"""Labels by which people steer the work, and labels of ours that follow it."""

Names = dict[str, str]


def broken_rules(root: Mapping_) -> list[Mistake]:
    """Every value that breaks one of our rules; values of a wrong type are left to the declaration."""
    values = list(_values(root, ()))
    agents = _known_agents(root)
    found = [
        Mistake(value.line, path, message)
        for path, value in values
        for message in (
            *_a_url_is_encrypted(path, value.text),
            *_an_agent_is_known(path, value.text, agents),
            *_a_secret_is_elsewhere(path, value.text),
            *_text_is_one_line(path, value.text),
        )
    ]
    return found + list(_repos_come_once(values)) + list(_ready_is_its_own_status(root)) + list(_labels_are_told_apart(root))


def _values(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, Scalar]]:
    match node:
        case Scalar():
            yield path, node
        case Mapping_():
            for key, entry in node.entries.items():
                yield from _values(entry.value, (*path, key))
        case Sequence_():
            for number, item in enumerate(node.items):
                yield from _values(item, (*path, number))


def _known_agents(root: Mapping_) -> tuple[str, ...]:
    configured = root.entries.get("agents")
    named = configured.value.entries if configured and isinstance(configured.value, Mapping_) else ()
    return (*default_agents(), *named)


def _a_url_is_encrypted(path: KeyPath, text: str) -> Iterator[str]:
    if path not in (("github", "api_url"), ("telegram", "api_url")):
        return
    if text.lower().startswith("http:") and not re.fullmatch(LOOPBACK, text):
        yield "must be https, for a token is sent there; plain http is only for this machine (127.0.0.1, localhost, [::1])"
    if "@" in text.partition("://")[2].partition("/")[0]:
        yield "must not hold a user name or password"


def _an_agent_is_known(path: KeyPath, text: str, agents: tuple[str, ...]) -> Iterator[str]:
    in_chain = len(path) >= 3 and path[-3] == "agent_fallbacks"
    is_default = path[-1] == "default_agent" and text != "auto"
    if (in_chain or is_default) and text not in agents:
        yield f"`{text[:60]}` is not among the agents ({', '.join(agents)}){nearest(text, agents)}"


def _a_secret_is_elsewhere(path: KeyPath, text: str) -> Iterator[str]:
    if path[:1] == ("agents",) and path[2:3] == ("set_env",) and str(path[-1]).upper().rpartition("_")[2] in SECRET_NAMES:
        yield "is a secret by its name, and a secret is never written here: name it under `env`, and set it in the environment"
    elif text.startswith(SECRET_STARTS):
        yield "looks like a secret, and a secret is never written here: withdraw it, and name a variable or a file instead"


def _text_is_one_line(path: KeyPath, text: str) -> Iterator[str]:
    if any(letter < " " or letter == "\x7f" for letter in text) and path != ("attribution", "text"):
        yield "holds a line break or another control character"


def _repos_come_once(values: list[tuple[KeyPath, Scalar]]) -> Iterator[Mistake]:
    """GitHub's names do not tell case apart; our files and flags are named OWNER-NAME, which `a/b-c` and `a-b/c` would share."""
    first: dict[str, Scalar] = {}
    for path, value in values:
        if path[:1] == ("github_projects",) and path[-1] == "github_repo":
            before = first.setdefault(value.text.lower().replace("/", "-"), value)
            if before is value:
                continue
            if before.text.lower() == value.text.lower():
                yield Mistake(value.line, path, f"`{value.text}` is listed twice; see line {before.line}")
            else:
                both = f"`{value.text}` and `{before.text}` (line {before.line})"
                yield Mistake(value.line, path, f"{both} would share the files of their name; give them an installation each")


def _ready_is_its_own_status(root: Mapping_) -> Iterator[Mistake]:
    """Otherwise work that was just taken on, or finished, would be ready again at once."""
    projects = root.entries.get("github_projects")
    for name, entry in projects.value.entries.items() if projects and isinstance(projects.value, Mapping_) else ():
        if isinstance(entry.value, Mapping_):
            yield from _ready_twice(entry.value, ("github_projects", name))


def _ready_twice(project: Mapping_, path: KeyPath) -> Iterator[Mistake]:
    ready = _status(project, "ready_value")
    for key in STATUSES:
        if _status(project, key) == ready:
            line = next((project.entries[one].line for one in ("ready_value", key) if one in project.entries), project.line)
            yield Mistake(line, (*path, "ready_value"), f"must differ from {key}: such work would start again at once")


def _status(project: Mapping_, key: str) -> str:
    defaults = dict(zip(Project.__struct_fields__[::-1], Project.__struct_defaults__[::-1], strict=False))
    entry = project.entries.get(key)
    return (entry.value.text if entry and isinstance(entry.value, Scalar) else str(defaults[key])).casefold()


def _labels_are_told_apart(root: Mapping_) -> Iterator[Mistake]:
    """A label that follows the work and steers it as well would hold it for ever, or begin it again and again."""
    ours = dict(zip(Labels.__struct_fields__, Labels.__struct_defaults__, strict=True))
    usual = {key: str(ours[key.removeprefix("labels.")]) for key in (*STEERING[1:], *FOLLOWING)}
    usual["ready_label"] = str(RepoSettings().ready_label)
    yield from _labels_at(root, (), usual)


def _labels_at(node: Node, path: KeyPath, above: Names) -> Iterator[Mistake]:
    """At this level and at those below it, each of which takes on what it does not name itself."""
    match node:
        case Mapping_():
            names = above | _named(node)
            for one, other in ((one, other) for one in STEERING for other in (*FOLLOWING, *STEERING)):
                if one != other and names[one].casefold() == names[other].casefold() and names != above:
                    yield Mistake(node.line, (*path, *one.split(".")), f"must differ from {other}: both are `{names[one]}`")
                    return
            for key in ("github_projects", "repos", *(node.entries if path == ("github_projects",) else ())):
                if key in node.entries:
                    yield from _labels_at(node.entries[key].value, (*path, key), names)
        case Sequence_():
            for number, item in enumerate(node.items):
                yield from _labels_at(item, (*path, number), above)
        case _:
            return


def _named(node: Mapping_) -> Names:
    """The labels that a level of the configuration names itself."""
    own = {"ready_label": node.entries.get("ready_label")}
    labels = node.entries.get("labels")
    if labels is not None and isinstance(labels.value, Mapping_):
        own |= {key: labels.value.entries.get(key.removeprefix("labels.")) for key in (*STEERING[1:], *FOLLOWING)}
    return {key: entry.value.text for key, entry in own.items() if entry is not None and isinstance(entry.value, Scalar)}
