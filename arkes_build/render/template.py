"""Fill the templates in: strict about names, closed to everything but their arguments."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from arkes_build.render import quoting

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> Environment:
    """Return the environment of all templates.

    They see their arguments and the quoting functions, nothing of the machine: no clock,
    no files, no environment variables. A name without a value is an error, never an
    empty text.
    """
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("arkes_build.render", "templates"),
        undefined=StrictUndefined,
        # Escaping for HTML would damage these languages; each value goes through its own
        # language's quoting filter, and the tests hold hostile values against them.
        autoescape=False,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.filters = {
        "comment": quoting.comment,
        "release_value": lambda value, name: quoting.release_value(name, value),
        "word": quoting.word,
    }
    return made


def fill(name: str, **arguments: object) -> str:
    """Return a template's text with its arguments filled in."""
    return environment().get_template(name).render(**arguments)
