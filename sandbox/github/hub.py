"""The parts of one running stand-in, in one hand."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.github.limits import Limits
from sandbox.github.links import Links
from sandbox.github.state import State

if TYPE_CHECKING:
    from sandbox.github.ci import Runner


@dataclass
class Hub:
    """State, addresses, CI and limits; `problems` are the stand-in's own mistakes, tests assert that there are none."""

    state: State
    links: Links
    ci: "Runner"
    problems: list[str]
    limits: Limits = field(default_factory=Limits)
