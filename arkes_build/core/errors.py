"""Say what happened, where, and what to do next; each class with its own exit code."""

from __future__ import annotations

import signal
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from arkes_build.core.source import Span


class ExitCode(IntEnum):
    """Name every way a command can end. ``docs/errors.md`` explains each."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    SOURCE = 3
    """Something that people wrote is wrong: a file's text, a name, the graph."""
    PROJECT = 4
    """No project here, or its ``arkes.toml`` is wrong."""
    TOOL_MISSING = 10
    TOOL_TOO_OLD = 11
    ENGINE = 12
    """The container engine cannot be reached, or refuses what it should do."""
    BUILD_STEP = 13
    """A ``RUN`` or another step of a Containerfile failed."""
    PACKAGE = 14
    """The package manager does not know a package."""
    NETWORK = 15
    DISK_FULL = 16
    BOOTSTRAP = 17
    STORE = 18
    """The store is damaged, or belongs to something else."""
    STORE_BUSY = 19
    SIGNATURE = 20
    """Something is not signed, wrongly signed, or not what was signed."""
    BUDGET = 21
    """A node is larger than the project allows."""
    LOCKED = 22
    """What was built, or would be, is not what ``arkes.lock`` says."""
    DIFFERENT = 23
    """Built again, a node did not come out the same."""
    BOOT = 24
    """A system did not boot, or a check in it failed."""
    SYSTEM = 25
    """This is no deployed system, or it has no such deployment."""
    DENIED = 26
    """Only root may do this."""
    FALLEN = 27
    """A release that fell back is not taken again unasked."""
    INTERRUPTED = 130


class ArkesError(Exception):
    """Carry a user's trouble to the front: brief, details, resolution.

    Subclasses take domain values, build the three texts from them, and set
    ``exit_code``. ``where`` is the span at fault when there is one.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(
        self,
        brief: str,
        *,
        details: str = "",
        resolution: str = "",
        where: Span | None = None,
    ) -> None:
        super().__init__(brief)
        self.brief = brief
        self.details = details
        self.resolution = resolution
        self.where = where


class ToolMissing(ArkesError):
    """Report that a program of the host is not installed."""

    exit_code = ExitCode.TOOL_MISSING

    def __init__(self, tool: str, *, wanted_for: str = "") -> None:
        purpose = f" (needed for {wanted_for})" if wanted_for else ""
        super().__init__(
            f"{tool} is not installed{purpose}",
            resolution=f"install {tool} with this machine's package manager, "
            "or run ./run, which sets up what is missing",
        )
        self.tool = tool


class ToolTooOld(ArkesError):
    """Report that a program of the host is older than what is needed."""

    exit_code = ExitCode.TOOL_TOO_OLD

    def __init__(self, tool: str, *, found: str, needed: str) -> None:
        super().__init__(
            f"{tool} {found} is too old: {needed} or newer is needed",
            resolution=f"upgrade {tool} to at least {needed}",
        )


class DiskFull(ArkesError):
    """Report that a file system has no room left."""

    exit_code = ExitCode.DISK_FULL

    def __init__(self, path: str, *, doing: str) -> None:
        super().__init__(
            f"no space left on the file system of {path} while {doing}",
            details="nothing was left half-written; what was finished is kept",
            resolution="free some space (old images: `podman image prune`), then run again",
        )


class ProcessFailed(ArkesError):
    """Report that a program ended with an error; ``tail`` holds its last lines."""

    exit_code = ExitCode.ENGINE

    def __init__(self, argv: tuple[str, ...], *, code: int, tail: str) -> None:
        super().__init__(f"{argv[0]} ended with exit code {code}", details=tail)
        self.argv = argv
        self.code = code
        self.tail = tail


class ProcessLate(ProcessFailed):
    """Report a program that was killed because its time was over; it had ``seconds``."""

    def __init__(self, argv: tuple[str, ...], *, seconds: float, tail: str) -> None:
        super().__init__(argv, code=-signal.SIGKILL, tail=tail)
        self.brief = f"{argv[0]} did not end within {seconds:g} seconds"
        self.args = (self.brief,)
