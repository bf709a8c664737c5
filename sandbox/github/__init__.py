"""A stand-in for GitHub: real HTTP, real git, validated against GitHub's published description."""

from sandbox.github.faults import Fault
from sandbox.github.server import GitHub

__all__ = ["Fault", "GitHub"]
