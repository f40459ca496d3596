"""Say what the container engine could not do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.blame import Cause, blame, without_credentials
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHOWN_LINES = 20
"""How many of the last lines of a failed step an error shows."""
_FOLDERS_WANTED = "commits are made of the folders in which overlayfs keeps what each layer changes"


class EngineUnreachable(ArkesError):
    """Report that no container engine answers."""

    exit_code = ExitCode.ENGINE

    def __init__(self, address: str, *, reason: str, own: bool) -> None:
        shown = without_credentials(address)
        super().__init__(
            f"the container engine does not answer at {shown}",
            details=without_credentials(reason),
            resolution="see whether `podman info` works for this user"
            if own
            else "start that service, or unset CONTAINER_HOST to let a private one be started",
        )


class EngineRefused(ArkesError):
    """Report that the engine answered, and said no."""

    exit_code = ExitCode.ENGINE

    def __init__(self, doing: str, *, reason: str, log: Path | None = None) -> None:
        super().__init__(
            f"the container engine refused {doing}",
            details=without_credentials(reason),
            resolution=f"the full log is in {log}" if log else "",
        )


class EngineElsewhere(ArkesError):
    """Report that the engine's storage is on another machine."""

    exit_code = ExitCode.ENGINE

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the container engine at {without_credentials(address)} is on another machine",
            details=_FOLDERS_WANTED,
            resolution="unset CONTAINER_HOST, or let it name a socket of this machine "
            "(unix:///run/podman/podman.sock)",
        )


class StorageUnfit(ArkesError):
    """Report that podman's storage driver keeps no folder of what a layer changes."""

    exit_code = ExitCode.ENGINE

    def __init__(self, driver: str) -> None:
        super().__init__(
            f"podman's storage driver is {driver or 'not known'}, not overlay",
            details=_FOLDERS_WANTED,
            resolution='write driver = "overlay" under [storage] in /etc/containers/storage.conf '
            "(for a user: ~/.config/containers/storage.conf), without STORAGE_DRIVER in the "
            f"environment; if podman goes on with {driver or 'the old one'}, `podman system "
            "reset` empties its storage first",
        )


class ImageMissing(ArkesError):
    """Report that the engine has no image of a name that a Systemfile stands on."""

    exit_code = ExitCode.PROJECT

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"there is no image {tag}, and no project that could make it",
            resolution="build it in its project, name that project with --project DIR, "
            f"or give an image of elsewhere that name: podman tag IMAGE {tag}",
        )
        self.tag = tag


class NoIsolation(ArkesError):
    """Report that no kind of isolation can run a program; ``tried`` says what each said."""

    exit_code = ExitCode.ENGINE

    def __init__(self, tried: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            "podman cannot run a program in a build on this machine",
            details="\n".join(f"{name}: {without_credentials(said)}" for name, said in tried),
            resolution="run as root, or give this user subordinate ids (/etc/subuid, /etc/subgid) "
            "and an OCI runtime that works here (crun or runc)",
        )


class Interrupted(ArkesError):
    """Report that a build was ended because the whole run was."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self, node: str) -> None:
        super().__init__(f"{node}: interrupted", resolution="run again: what was finished is kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Name a step of a rendered Containerfile: its text, and where it stands.

    ``stage`` and ``index`` (in the stage) count from 1.
    """

    stage: int
    index: int
    text: str


NO_STEP = Step(stage=0, index=0, text="")
"""What failed before the first step began."""


class BuildStepFailed(ArkesError):
    """Report that a step of a node's Containerfile failed.

    ``step`` is the engine's text of the step and ``index`` its number in its
    ``stage``, so that the caller can find the line that people wrote; ``subject`` is
    the package or host at fault, empty when the output does not tell. ``code`` is the
    program's exit code, -1 when there is none.
    """

    exit_code = ExitCode.BUILD_STEP

    def __init__(
        self,
        node: str,
        *,
        step: Step,
        tail: Sequence[str],
        log: Path,
        code: int,
        brief: str = "",
        subject: str = "",
        resolution: str = "",
    ) -> None:
        self.node = node
        self.step = step.text
        self.stage = step.stage
        self.index = step.index
        self.tail = tuple(tail)
        self.log = log
        self.code = code
        self.subject = subject
        ended = f"ended with exit code {code}" if code >= 0 else "failed"
        what = f"`{shorten(step.text)}` {ended}" if step.text else "the build could not begin"
        more = f"the full log is in {log}"
        super().__init__(
            f"{node}: {brief or what}",
            details=without_credentials("\n".join(self.tail)),
            resolution=f"{resolution}\n{more}" if resolution else more,
        )


class PackageUnknown(BuildStepFailed):
    """Report that the package manager does not know a package (``subject``)."""

    exit_code = ExitCode.PACKAGE


class NetworkDown(BuildStepFailed):
    """Report that a step could not reach a server (``subject``)."""

    exit_code = ExitCode.NETWORK


class StepDiskFull(BuildStepFailed):
    """Report that a step found no room to write."""

    exit_code = ExitCode.DISK_FULL


_BY_CAUSE = {
    Cause.PACKAGE: PackageUnknown,
    Cause.NETWORK: NetworkDown,
    Cause.DISK: StepDiskFull,
}


def step_failure(
    node: str, *, step: Step, output: Sequence[str], log: Path, code: int
) -> BuildStepFailed:
    """Return the error that the output of a failed step tells of."""
    found = blame(output)
    if found is None:
        return BuildStepFailed(node, step=step, tail=output[-SHOWN_LINES:], log=log, code=code)
    return _BY_CAUSE[found.cause](
        node,
        step=step,
        tail=found.evidence[-SHOWN_LINES:],
        log=log,
        code=code,
        brief=found.brief,
        subject=found.subject,
        resolution=found.resolution,
    )


def shorten(text: str, width: int = 72) -> str:
    """Return the first line of a step, cut to ``width`` characters.

    The mounts in front of a command are left out: the compiler put most of them there.
    """
    first, *more = text.splitlines() or [""]
    words = [word for word in first.split(" ") if not word.startswith("--mount=")]
    shown = " ".join(words)
    return shown if not more and len(shown) <= width else shown[: width - 1] + "…"
