"""Which agent tries next."""

from orchestrator.rules.routing import chain, has_untried, in_turn
from tests import make

ORDER = ("codex", "claude", "gemini")


def test_the_agent_named_on_the_issue_goes_first_then_the_chain() -> None:
    assert chain(make.task(agent="gemini"), ORDER, "auto") == ("gemini", "codex", "claude")
    assert chain(make.task(agent="auto"), ORDER, "claude") == ("claude", "codex", "gemini")
    assert chain(make.task(agent="auto"), ORDER, "auto") == ORDER


def test_whoever_has_tried_least_goes_next_in_the_order_of_the_chain() -> None:
    assert in_turn(ORDER, ()) == ORDER
    assert in_turn(ORDER, ("codex",)) == ("claude", "gemini", "codex")
    assert in_turn(("codex",), ("codex",)) == ("codex",)


def test_others_are_left_while_somebody_available_has_not_tried() -> None:
    assert has_untried(ORDER, ("codex",), {})
    assert not has_untried(ORDER, ("codex", "claude"), {"gemini": "missing"})


def test_an_agent_at_its_soft_limit_goes_behind_the_others_but_is_not_left_out() -> None:
    assert in_turn(ORDER, (), soft=("codex",)) == ("claude", "gemini", "codex")
    assert in_turn(ORDER, ("claude", "gemini"), soft=("codex",)) == ("codex", "claude", "gemini")


def test_s42_health_only_reorders_those_who_have_tried_as_often() -> None:
    assert in_turn(ORDER, (), worse=("codex",)) == ("claude", "gemini", "codex")
    assert in_turn(ORDER, ("claude",), soft=("gemini",), worse=("codex",)) == ("codex", "gemini", "claude")
