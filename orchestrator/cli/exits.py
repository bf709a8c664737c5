"""The exit codes of the verbs. Sources: sysexits.h, and 1 for an answer that is no."""

from __future__ import annotations

from typing import Final

OK: Final = 0
NO: Final = 1
"""The question was understood, and something is missing, refused or not there."""

USAGE: Final = 64
UNANSWERED: Final = 75
"""GitHub did not answer; asking again later helps."""

CONFIG: Final = 78
