"""kill -9 before any effect of the janitor: work that nobody kept is never lost, and the next look finishes."""

from __future__ import annotations

from itertools import count

from tests.crash import trial
from tests.loop.test_janitor import TASK, TRIPLE, copy, git, look
from tests.loop.town import Town

STEP = 6


def test_p2_s66_the_janitor_may_die_anywhere(here: Town) -> None:
    here.until_merged(here.file("Add triple", TRIPLE))
    here.rest()
    for n in count(1, STEP):
        place = copy(here)
        (place / "more.txt").write_text(f"work {n}")
        (here.office.runtime / "state" / "leftovers" / "due.md").touch()
        died = trial.die_in(here, "queue", n) == trial.KILLED
        assert place.exists() or kept(here, f"work {n}"), "the files go only once they are kept"
        look(here)
        assert list(place.parent.iterdir()) == []
        assert kept(here, f"work {n}")
        forget(here)
        if not died:
            break
    assert n > 2 * STEP, "it had effects to die before"


def kept(here: Town, words: str) -> bool:
    """Whether a reference holds the file with these words."""
    return any(words == git(here, "show", f"{ref}:more.txt") for ref in left(here))


def left(here: Town) -> list[str]:
    """The references under which the janitor kept files."""
    refs = git(here, "for-each-ref", "--format=%(refname)", f"refs/agentos/salvage/{TASK}/").splitlines()
    return [ref for ref in refs if "left-" in ref]


def forget(here: Town) -> None:
    """Let every trial begin with the same references."""
    for ref in left(here):
        git(here, "update-ref", "-d", ref)
