"""A stand-in for the providers of models: four wire dialects over real HTTP, each answer as a script says."""

from sandbox.models.script import Behaviour, Script
from sandbox.models.server import Models
from sandbox.models.words import Tokens

__all__ = ["Behaviour", "Models", "Script", "Tokens"]
