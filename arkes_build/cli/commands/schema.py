"""`schema`: the JSON Schema of what is read and printed."""

from __future__ import annotations

import sys

import click

from arkes_build.cli import front
from arkes_build.core.errors import ExitCode
from arkes_build.front.command import Command


def _schema(name: str | None) -> ExitCode:
    from arkes_build.core.diagnostics import did_you_mean
    from arkes_build.ui import schemas

    if name is None:
        width = max(len(each) for each in schemas.NAMES)
        front.print_lines(f"{each:{width}}  {schemas.meaning(each)}" for each in schemas.NAMES)
    elif name in schemas.NAMES:
        sys.stdout.write(schemas.text(name))
    else:
        hint = did_you_mean(name, schemas.NAMES) or f"one of: {', '.join(schemas.NAMES)}"
        raise click.UsageError(f"there is no schema {name!r}; {hint}")
    return ExitCode.OK


command = Command(
    "schema",
    callback=_schema,
    params=[click.Argument(["name"], required=False, metavar="[NAME]")],
    help="""Print the JSON Schema of a document.

    That is arkes.toml, or what a command prints as JSON. Without a NAME, list what there
    is a schema of. The same texts are under docs/schema/, one folder for each version.""",
    examples=(
        ("arkes-build schema", "what there is a schema of"),
        ("arkes-build schema plan", "the schema of a plan"),
        ("arkes-build schema arkes.toml > arkes.schema.json", "for an editor"),
    ),
)
