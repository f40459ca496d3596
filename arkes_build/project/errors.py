"""Say that there is no project, or that its ``arkes.toml`` is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from arkes_build.core.diagnostics import Diagnostic

PROJECT_FILE = "arkes.toml"


class ProjectError(ArkesError):
    """Report that no project can be read."""

    exit_code = ExitCode.PROJECT


class ProjectNotFound(ProjectError):
    """Report that neither a folder nor one above it holds ``arkes.toml``."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"no {PROJECT_FILE} in {start} or in a folder above it",
            details=f"a project is a folder with {PROJECT_FILE}, variants/ and templates/",
            resolution=f"go into the project, name it with --project DIR, or make it one: "
            f"an empty {PROJECT_FILE} is enough",
        )
        self.start = start


class Unreadable(ProjectError):
    """Report that a file or folder of the project cannot be read."""

    def __init__(
        self,
        path: str,
        *,
        why: str,
        resolution: str = "check that it exists, and that you may read it",
    ) -> None:
        super().__init__(f"cannot read {path}: {why}", resolution=resolution)


class Unwritable(ProjectError):
    """Report that a file of the project cannot be replaced."""

    def __init__(self, path: str, *, why: str) -> None:
        super().__init__(
            f"cannot write {path}: {why}",
            details="the file is as it was",
            resolution="check that you may write it and the folder that it is in",
        )


class ConfigError(SourceError):
    """Carry the findings about ``arkes.toml``."""

    exit_code = ExitCode.PROJECT

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        super().__init__(diagnostics)
        count = len(self.diagnostics)
        self.brief = f"{count} error{'s' if count != 1 else ''} in {PROJECT_FILE}"
        self.args = (self.brief,)
