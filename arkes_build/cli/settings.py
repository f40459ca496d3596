"""Take the options that all commands share, and hand them on as one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arkes_build.core.names import Arch, Family
from arkes_build.front.command import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.pipeline.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was said on the command line besides the names."""

    project: Path | None = None
    store: Path | None = None
    family: str | None = None
    arch: str | None = None
    jobs: int | None = None
    as_json: bool = False
    dry_run: bool = False
    rebuild: bool = False
    locked: bool = False
    quiet: bool = False
    verbose: bool = False

    def options(self) -> Options:
        """Return what the pipeline wants to know of it."""
        from arkes_build.pipeline.options import Options

        return Options(
            project=self.project,
            store=self.store,
            family=Family(self.family) if self.family else None,
            arch=Arch(self.arch) if self.arch else None,
            jobs=self.jobs,
            dry_run=self.dry_run,
            rebuild=self.rebuild,
            locked=self.locked,
        )


def shared_parameters(
    *, builds: bool, tries: bool = False, rebuilds: bool = False
) -> list[click.Parameter]:
    """Return the options that every command on a project takes.

    With ``builds`` those of building are shown, with ``tries`` the dry run, with
    ``rebuilds`` those of a second build; else they are taken and change nothing, so
    that a wrapper may pass the same options to every command.
    """
    building = _of_building(hidden=not builds, is_tried=tries, is_rebuilt=rebuilds)
    return [*building, *_of_the_project(), *_of_the_output()]


def _of_building(*, hidden: bool, is_tried: bool, is_rebuilt: bool) -> list[click.Parameter]:
    return [
        click.Option(
            ["-j", "--jobs"],
            type=click.IntRange(min=1),
            metavar="N",
            hidden=hidden and not is_rebuilt,
            help="Build at most N nodes at a time (default: the number of cores).",
        ),
        click.Option(
            ["--dry-run"],
            is_flag=True,
            hidden=hidden and not is_tried,
            help="Say what would be done, and do nothing.",
        ),
        click.Option(
            ["--rebuild"],
            is_flag=True,
            hidden=hidden and not is_rebuilt,
            help="Build nodes again without any cache, and compare them with what is recorded."
            if is_rebuilt
            else "Build the named nodes even when nothing changed, without the layer cache.",
        ),
        click.Option(
            ["--locked"],
            is_flag=True,
            hidden=hidden and not is_rebuilt,
            help="Take nothing but what arkes.lock has, and fail on any deviation.",
        ),
    ]


def _of_the_project() -> list[click.Parameter]:
    folder = click.Path(path_type=Path)
    return [
        click.Option(
            ["--project"],
            type=folder,
            metavar="DIR",
            help="The project's folder (default: the nearest one upward with an arkes.toml).",
        ),
        click.Option(
            ["--store"],
            type=folder,
            metavar="DIR",
            help="Where results are kept (default: as arkes.toml says, or .arkes).",
        ),
        click.Option(
            ["--family"],
            type=click.Choice([family.value for family in Family]),
            help="Package-manager family (default: this machine's).",
        ),
        click.Option(
            ["--arch"],
            type=click.Choice([arch.value for arch in Arch]),
            help="Processor architecture (default: this machine's).",
        ),
    ]


def _of_the_output() -> list[click.Parameter]:
    return [
        click.Option(["--json", "as_json"], is_flag=True, help="Speak JSON, errors included."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Say only what went wrong."),
        click.Option(
            ["-v", "--verbose"], is_flag=True, help="Show all reasons, and what programs print."
        ),
    ]


class ProjectCommand(Command):
    """A command on a project: it takes the shared options and gets them as ``Settings``."""

    def __init__(
        self,
        name: str,
        *,
        builds: bool = False,
        tries: bool = False,
        rebuilds: bool = False,
        params: Sequence[click.Parameter] = (),
        **rest: Any,
    ) -> None:
        self._shared = shared_parameters(builds=builds, tries=tries, rebuilds=rebuilds)
        super().__init__(name, params=[*params, *self._shared], **rest)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command's function with ``settings`` and its own parameters."""
        taken = {field.name: ctx.params.pop(field.name) for field in fields(Settings)}
        if taken["quiet"] and taken["verbose"]:
            raise click.UsageError("--quiet and --verbose contradict each other", ctx=ctx)
        ctx.params["settings"] = Settings(**taken)
        return super().invoke(ctx)


class Nodes(click.Argument):
    """Arguments that are names of nodes or paths of Systemfiles; the shell can complete them."""

    def __init__(self, name: str, *, metavar: str, many: bool = True, required: bool) -> None:
        super().__init__(
            [name],
            metavar=metavar,
            nargs=-1 if many else 1,
            required=required,
            shell_complete=_suggest,
        )


def _suggest(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from arkes_build.cli.places import known_nodes

    taken = ctx.params.get(parameter.name or "") or ()
    nodes = [
        CompletionItem(name)
        for name in known_nodes(ctx.params.get("project"))
        if name.startswith(incomplete) and name not in taken
    ]
    return nodes or [CompletionItem(incomplete, type="file")]
