"""`fmt`: the canonical layout of files, written, checked or shown as a difference."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.cli.settings import Settings
    from arkes_build.project.formatting import Formatted

STDIN = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What was asked for."""

    settings: Settings
    checks: bool
    shows: bool

    @property
    def writes(self) -> bool:
        return not (self.checks or self.shows or self.settings.dry_run)


def _fmt(settings: Settings, files: tuple[Path, ...], *, check: bool, diff: bool) -> ExitCode:
    work = _Work(settings=settings, checks=check, shows=diff)
    if STDIN in files:
        if len(files) > 1:
            raise click.UsageError("`-` stands alone: it is standard input")
        return _filter(work)
    results: list[Formatted | ArkesError] = []
    for path, shown in _named(settings, files):
        results.append(_result(path, shown, writes=work.writes))
    return _report(work, results)


def _named(settings: Settings, files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files with the names that people know them by."""
    from arkes_build.project.formatting import files_below, own_files
    from arkes_build.project.loader import find_project, load_config

    if not files:
        root = find_project(settings.project or Path())
        load_config(root)
        yield from ((path, str(path.relative_to(root))) for path in own_files(root))
    for path in files:
        for each in files_below(path) if path.is_dir() else [path]:
            yield each, str(each)


def _result(path: Path, shown: str, *, writes: bool) -> Formatted | ArkesError:
    from arkes_build.core.atomic import replace_atomically
    from arkes_build.project.errors import Unwritable
    from arkes_build.project.formatting import formatted_file

    try:
        result = formatted_file(path, shown)
        if writes and result.is_changed:
            replace_atomically(path, result.after)
    except ArkesError as error:
        return error
    except OSError as error:
        return Unwritable(shown, why=(error.strerror or "unknown").lower())
    return result


def _filter(work: _Work) -> ExitCode:
    """Do an editor's work: standard input to standard output."""
    from arkes_build.project.formatting import formatted

    result = formatted("<stdin>", sys.stdin.buffer.read())
    if work.checks or work.shows or work.settings.as_json:
        return _report(work, [result])
    sys.stdout.write(result.after.decode())
    sys.stdout.flush()
    return ExitCode.OK


def _report(work: _Work, results: Sequence[Formatted | ArkesError]) -> ExitCode:
    errors = [result for result in results if isinstance(result, ArkesError)]
    changed = [r for r in results if not isinstance(r, ArkesError) and r.is_changed]
    code = errors[0].exit_code if errors else ExitCode.OK
    if not errors and work.checks and changed:
        code = ExitCode.SOURCE
    if work.settings.as_json:
        _print_json(work, results, code)
        return code
    if work.shows:
        _print_differences(changed)
    elif not work.settings.quiet:
        said = "formatted" if work.writes else "would be formatted"
        front.print_lines([f"{each.shown}: {said}" for each in changed])
    for error in errors:
        front.print_error(_only_errors(error))
    if not work.settings.quiet and not work.shows:
        front.print_lines([_summary(work, len(changed), len(results), len(errors))])
    return code


def _summary(work: _Work, changed: int, total: int, broken: int) -> str:
    from arkes_build.ui.text import counted

    done = "formatted" if work.writes else "to format"
    parts = [f"{counted(changed, 'file')} {done}"] if changed else []
    same = total - changed - broken
    if same or not total:
        parts.append(f"{counted(same, 'file')} already in order")
    if broken:
        parts.append(f"{counted(broken, 'file')} left alone")
    return ", ".join(parts)


def _print_differences(changed: Sequence[Formatted]) -> None:
    from arkes_build.ui.differences import diff, painted
    from arkes_build.ui.screen import screen_of

    screen = screen_of(sys.stdout)
    for each in changed:
        lines = diff(each.shown, each.before.decode(), each.after.decode())
        if screen.colour or screen.stream.isatty():
            front.print_lines(painted(line, screen) for line in lines)
        else:
            front.print_lines(lines)


def _only_errors(error: ArkesError) -> ArkesError:
    """Leave out a file's warnings: `check` tells them."""
    from arkes_build.core.diagnostics import Severity, SourceError

    if not isinstance(error, SourceError):
        return error
    return SourceError(d for d in error.diagnostics if d.severity is Severity.ERROR)


def _print_json(work: _Work, results: Sequence[Formatted | ArkesError], code: ExitCode) -> None:
    from arkes_build.core.diagnostics import SourceError
    from arkes_build.ui.differences import diff
    from arkes_build.ui.shapes import fmt_shape

    for result in results:
        if isinstance(result, ArkesError) and not isinstance(result, SourceError):
            raise result
    found = [d for r in results if isinstance(r, SourceError) for d in r.diagnostics]
    files = {
        r.shown: "\n".join([*diff(r.shown, r.before.decode(), r.after.decode()), ""])
        if work.shows
        else ""
        for r in results
        if not isinstance(r, ArkesError) and r.is_changed
    }
    front.print_shape(fmt_shape(files, found, code))


command = ProjectCommand(
    "fmt",
    callback=_fmt,
    params=[
        click.Argument(
            ["files"],
            metavar="[FILE...]",
            nargs=-1,
            type=click.Path(path_type=Path, allow_dash=True),
        ),
        click.Option(
            ["--check"], is_flag=True, help="Write nothing; exit with 3 when a file would change."
        ),
        click.Option(["--diff"], is_flag=True, help="Write nothing; show what would change."),
    ],
    help="""Give files their canonical layout.

    Comments, here-documents and line breaks stay; what a file means does not change. Without
    FILE, all variants and templates of the project; a folder means all Containerfiles and
    Systemfiles below it; - reads standard input and writes standard output. A file with
    errors is left alone, and the exit code is then 3.""",
    examples=(
        ("arkes-build fmt", "the project's own files"),
        ("arkes-build fmt --check", "for continuous integration"),
        ("arkes-build fmt --diff ./server", "what would change in a folder"),
        ("arkes-build fmt - < Systemfile", "for an editor"),
    ),
)
