"""Fills a template of this room; a value that a template needs and does not get is an error, never an empty place."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: object) -> str:
    """The text of `templates/<template>` with the values in place; they are text, never templates themselves.

    Raises jinja2.UndefinedError for a missing value and jinja2.TemplateNotFound for a missing template.
    """
    return _environment().get_template(template).render(**values)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 50 ms and 19 MB that an idle tick does not pay

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - prompts are plain text for a model; fences, not HTML entities, mark what is data
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
