"""The same town as in the scenarios."""

from tests.loop.conftest import here, settle

__all__ = ["here", "settle"]
