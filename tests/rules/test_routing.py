"""Which agent tries next."""

from orchestrator.rules.routing import Choice, chain, has_untried, in_turn, next_agent
from tests import make

ORDER = ("codex", "claude", "gemini")


def test_the_agent_named_on_the_issue_goes_first_then_the_chain() -> None:
    assert chain(make.task(agent="gemini"), ORDER, "auto") == ("gemini", "codex", "claude")
    assert chain(make.task(agent="auto"), ORDER, "claude") == ("claude", "codex", "gemini")
    assert chain(make.task(agent="auto"), ORDER, "auto") == ORDER


def test_whoever_has_tried_least_goes_next_in_the_order_of_the_chain() -> None:
    assert next_agent(ORDER, (), {}).agent == "codex"
    assert next_agent(ORDER, ("codex",), {}).agent == "claude"
    assert next_agent(("codex",), ("codex",), {}).agent == "codex"


def test_s23_agents_that_cannot_go_are_skipped_with_their_reasons() -> None:
    assert next_agent(ORDER, (), {"codex": "no key"}) == Choice("claude", {"codex": "no key"})
    assert next_agent(("codex",), (), {"codex": "no key"}) == Choice(None, {"codex": "no key"})


def test_others_are_left_while_somebody_available_has_not_tried() -> None:
    assert has_untried(ORDER, ("codex",), {})
    assert not has_untried(ORDER, ("codex", "claude"), {"gemini": "missing"})


def test_an_agent_at_its_soft_limit_goes_behind_the_others_but_is_not_left_out() -> None:
    assert in_turn(ORDER, (), soft=("codex",)) == ("claude", "gemini", "codex")
    assert in_turn(ORDER, ("claude", "gemini"), soft=("codex",)) == ("codex", "claude", "gemini")


def test_s42_health_only_reorders_those_who_have_tried_as_often() -> None:
    assert in_turn(ORDER, (), worse=("codex",)) == ("claude", "gemini", "codex")
    assert in_turn(ORDER, ("claude",), soft=("gemini",), worse=("codex",)) == ("codex", "gemini", "claude")
