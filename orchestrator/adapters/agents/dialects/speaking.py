"""What a dialect says to its program: words of the command line, variables and settings files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from orchestrator.config.schema import Provider, Scale

Rewrite = Callable[[bytes | None], bytes | None]
"""A settings file as it shall be, from what it is (None: there is none); None leaves it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a model is to be had, with the key to it."""

    provider: Provider
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a run shall be: how much of the agent, and where its model is (None: where the program goes by itself).

    `held` are the variables of the entry that are set, `logins` the files of a login that exist (relative to the home).
    """

    scale: Scale
    endpoint: Endpoint | None
    held: Mapping[str, str] = field(default_factory=dict, repr=False)
    logins: Sequence[str] = ()

    @property
    def model(self) -> str | None:
        """The model's name where it is to be had."""
        return (self.endpoint.provider.model if self.endpoint else None) or self.scale.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """`words` for the command line, variables to set and to leave out, settings files by their name below the home."""

    words: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    without: Sequence[str] = ()
    files: Mapping[str, Rewrite] = field(default_factory=dict)


def option(command: Sequence[str], *names: str) -> str | None:
    """The value that a command gives to an option, written as `-m X`, `--model X` or `--model=X`; None without one."""
    for at, word in enumerate(command):
        if word in names and at + 1 < len(command):
            return command[at + 1]
        for name in names:
            if name.startswith("--") and word.startswith(f"{name}="):
                return word.partition("=")[2]
    return None


def worded(command: Sequence[str], *names: str, value: object) -> list[str]:
    """The option with its value, nothing when there is none to tell or the person's command has the option already."""
    return [] if value is None or option(command, *names) is not None else [names[0], str(value)]


def with_words(command: Sequence[str], words: Sequence[str], program: str) -> list[str]:
    """The command with words of ours as options of `program`: before its `--` and before a last `-`, which is the prompt."""
    named = [at for at, word in enumerate(command) if PurePath(word).stem == program]
    begin = named[0] + 1 if named else 1
    ends = [at for at, word in enumerate(command) if at >= begin and (word == "--" or (word == "-" and at == len(command) - 1))]
    place = min(ends, default=len(command))
    return [*command[:place], *words, *command[place:]]
