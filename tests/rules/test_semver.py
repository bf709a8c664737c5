"""How large an update is: by versions, by titles, by the bot's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.rules.semver import Step, dependency, largest, of_message, of_title, of_versions

FACTS = (
    "---\nupdated-dependencies:\n- dependency-name: {name}\n  dependency-version: {new}\n"
    "  update-type: version-update:semver-{size}\n"
)


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("4.17.20", "4.17.21", Step.PATCH),
        ("4.17.20", "4.18.0", Step.MINOR),
        ("4.17.20", "5.0.0", Step.MAJOR),
        ("3", "4", Step.MAJOR),
        ("v3.1", "v3.2", Step.MINOR),
        ("1.9.9", "1.10.0", Step.MINOR),
        ("0.4.1", "0.4.2", Step.PATCH),
        ("0.4.1", "0.5.0", Step.MAJOR),
        ("0.0.3", "0.0.4", Step.MAJOR),
        ("0.9.0", "1.0.0", Step.MAJOR),
        ("2.0.0", "1.9.0", None),
        ("1.0.0", "1.0.0", None),
        ("1.0.0-beta", "1.0.0", None),
        ("1.2.3.4", "1.2.3.5", None),
        ("^1.0", "^1.1", None),
        ("a1b2c3d", "d4e5f6a", None),
    ],
)
def test_a_step_is_read_from_two_versions(old: str, new: str, step: Step | None) -> None:
    assert of_versions(old, new) is step
    assert of_title(f"Bump left-pad from {old} to {new} in /web") is step


@pytest.mark.parametrize(
    "title", ["Bump the dev group with 3 updates", "Update left-pad", "from 1.0.0 to 1.0.1 from 1.0.0 to 9.0.0", ""]
)
def test_a_title_that_does_not_say_is_unknown(title: str) -> None:
    assert of_title(title) is None


def entry(size: str, new: str, name: str = "left-pad") -> str:
    return FACTS.format(name=name, new=new, size=size).partition("dependencies:\n")[2]


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ("Bumps left-pad from 1.0.0 to 1.0.1.", Step.PATCH),
        ("Bumps left-pad from 1.0.0 to 1.0.1.\n\n" + FACTS.format(name="left-pad", new="1.0.1", size="patch"), Step.PATCH),
        ("Bumps left-pad from 1.0.0 to 2.0.0.\n\n" + FACTS.format(name="left-pad", new="2.0.0", size="patch"), Step.MAJOR),
        ("Bumps left-pad from 0.4.0 to 0.5.0.\n\n" + FACTS.format(name="left-pad", new="0.5.0", size="minor"), Step.MAJOR),
        ("A group.\n\n" + FACTS.format(name="a", new="1.0.1", size="patch") + entry("minor", "1.1.0", "b"), Step.MINOR),
        ("A group.\n\n" + FACTS.format(name="a", new="1.0.1", size="patch") + entry("minor", "0.5.0", "b"), Step.MAJOR),
        ("A group.\n\n" + FACTS.format(name="a", new="1.0.1", size="patch") + entry("odd", "1.1.0", "b"), None),
        ("A group.\n\n---\nupdated-dependencies:\n- dependency-name: a\n  dependency-version: 1.0.1\n", None),
        ("Updates a from 1.0.0 to 1.0.1\nUpdates b from 1.0.0-rc to 1.0.0\n", None),
        ("Bumps a from 1.0.0 to 1.0.1-rc.1.\n\n" + FACTS.format(name="a", new="1.0.1-rc.1", size="patch"), None),
        ("Bumps a from 1.0.2 to 1.0.1.\n\n" + FACTS.format(name="a", new="1.0.1", size="patch"), None),
        ("Bumps a from 8ade135 to 692973e.\n\n" + FACTS.format(name="a", new="4.1.1", size="patch"), None),
        ("Update a requirement from ~> 1.0 to ~> 1.1\n\n" + FACTS.format(name="a", new="1.1.0", size="minor"), None),
        ("A group.\n\n" + FACTS.format(name="a", new="1.0.1-rc.1", size="patch"), None),
        ("A group.\n\n" + FACTS.format(name="a", new="'0.5'", size="minor"), Step.MAJOR),
        ("A group.\n\n" + FACTS.format(name="a", new="0.0.4", size="patch"), Step.MAJOR),
        (FACTS.format(name="a", new="1.0.1", size="patch") + "...\n\nUpdates b from 1.0.0 to 2.0.0\n", Step.MAJOR),
        ("Change files", None),
    ],
)
def test_the_largest_step_of_a_message_counts_and_what_it_does_not_say_is_unknown(message: str, step: Step | None) -> None:
    assert of_message(message) is step
    assert of_message(message.replace("\n", "\r\n")) is step


def test_a_major_step_far_down_in_a_long_message_is_not_lost() -> None:
    """A group of sixty updates with their links is longer than twenty thousand characters."""
    links = "- [Release notes](https://example.com/releases)\n" * 8
    many = "".join(f"Updates `p{number}` from 1.0.0 to 1.0.1\n{links}\n" for number in range(80))
    assert of_message(many) is Step.PATCH
    assert of_message(f"{many}Updates `last` from 1.0.0 to 2.0.0\n") is Step.MAJOR
    assert of_message(many * 20) is None, "what is too long to be read is unknown"


def test_one_unknown_step_makes_the_whole_unknown() -> None:
    assert largest([Step.PATCH, None]) is None
    assert largest([]) is None
    assert largest([Step.PATCH, Step.MINOR]) is Step.MINOR


def test_s19_two_steps_to_one_major_version_are_one_migration() -> None:
    assert dependency("Bump left-pad from 1.2.0 to 2.0.0 in /web") == dependency("chore: bump left-pad from 1.3.0 to 2.1.0")
    assert dependency("Bump left-pad from 1.2.0 to 3.0.0") != dependency("Bump left-pad from 1.2.0 to 2.0.0")
    assert dependency("Bump left-pad from 0.4.0 to 0.5.0") != dependency("Bump left-pad from 0.4.0 to 0.6.0")
    assert dependency("Bump the dev group with 3 updates") is None


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    written = f"Bump x from {text} to {text}"
    assert {of_title(written), of_message(written)} <= {None, *Step}
    assert isinstance(dependency(written), str | None)
