"""GitHub's no, told to the person: it does not change by asking again, so it is told once a day and the others go on."""

from __future__ import annotations

from orchestrator.jobs.world import World
from orchestrator.ports import Refused


def tell(about: str, trouble: Refused, world: World) -> None:
    """Note that the job left `about` (a repository, a project) for now, and tell the person once a day."""
    from orchestrator.jobs.act import act  # a minute without trouble loads neither
    from orchestrator.model.step import Tell

    world.note("Skip", about, str(trouble))
    text = f"GitHub refuses the {world.job}'s work on {about}: {trouble}. `bin/agentos doctor` helps to find out why."
    act([Tell(key=f"refused-{about}-{world.now():%Y-%m-%d}", severity="action", text=text)], world)
