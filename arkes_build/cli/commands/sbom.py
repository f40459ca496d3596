"""`sbom`: the bill of materials of a release."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings
    from arkes_build.history.sbom import Format

FORMATS = ("cyclonedx", "spdx")


def _sbom(settings: Settings, release: str, form: Format, output: Path | None) -> ExitCode:
    from arkes_build.pipeline.materials import sbom

    text = sbom(settings.options(), release, form)
    if output is not None:
        from arkes_build.core.atomic import write_atomically

        write_atomically(output, text)
    elif not settings.quiet:
        sys.stdout.write(text.decode())
        sys.stdout.flush()
    return ExitCode.OK


command = ProjectCommand(
    "sbom",
    callback=_sbom,
    params=[
        click.Argument(["release"], metavar="RELEASE"),
        click.Option(
            ["--format", "form"],
            type=click.Choice(FORMATS),
            default="cyclonedx",
            show_default=True,
            help="CycloneDX 1.6 or SPDX 2.3, both as JSON.",
        ),
        click.Option(
            ["--output"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write it there instead of to standard output.",
        ),
    ],
    help="""Write the bill of materials of a release.

    RELEASE is a node, a ref, a commit or the beginning of one. The packages are those of the
    database in the committed tree, with their package URLs, licences, sources and who needs
    whom. The same commit gives the same bytes.""",
    examples=(
        ("arkes-build sbom atomic > atomic.cdx.json", "CycloneDX"),
        ("arkes-build sbom atomic^ --format spdx --output old.spdx.json", "the release before"),
    ),
)
