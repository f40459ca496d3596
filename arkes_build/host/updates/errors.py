"""Name the ways in which an update is refused, each with what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.etc.joining import Effect
    from arkes_build.host.updates.outlook import Release

_MOST = 10


class ReleaseFell(ArkesError):
    """Report that what is offered was tried here, and did not come up."""

    exit_code = ExitCode.FALLEN

    def __init__(self, release: Release, *, why: str) -> None:
        super().__init__(
            f"{named(release)} was tried on this machine and fell: {why}",
            details="the machine stays as it is until something newer is offered",
            resolution="`os upgrade --again` takes it once more",
        )


class ReleaseOlder(ArkesError):
    """Report that what is offered is older than what runs."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, offered: Release, running: Release) -> None:
        super().__init__(
            f"{named(offered)} is offered, which is older than {named(running)} that runs",
            details="either the source went back on purpose, or somebody shows an old state of it",
            resolution="`os upgrade --allow-downgrade` takes it all the same",
        )


class EtcBlocked(ArkesError):
    """Report local files in /etc with which libostree would refuse to make the new system."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, effects: Sequence[Effect]) -> None:
        paths = [f"/etc/{one.path}" for one in effects]
        more = f"\nand {len(paths) - _MOST} more" if len(paths) > _MOST else ""
        super().__init__(
            "/etc cannot be merged: here is a file where the new system has a directory",
            details="\n".join(paths[:_MOST]) + more,
            resolution="move them away, then run again; nothing was downloaded",
        )


class NoRoom(ArkesError):
    """Report that a release does not fit, found out before anything of it was fetched."""

    exit_code = ExitCode.DISK_FULL

    def __init__(self, release: Release, *, needed: int, free: int) -> None:
        super().__init__(
            f"there is no room for {named(release)}: {size(needed)} are needed, "
            f"{size(free)} are free",
            details="nothing was downloaded",
            resolution="`os prune` removes what no deployment needs, `os du` says what takes room",
        )


class RanFull(ArkesError):
    """Report that the disk was full before the release was whole."""

    exit_code = ExitCode.DISK_FULL

    def __init__(self, release: Release, *, doing: str, left: str) -> None:
        super().__init__(
            f"the disk is full: {named(release)} could not be {doing}",
            details=f"the machine boots what it would have booted; {left}",
            resolution="`os prune` removes what no deployment needs, `os du` says what takes room",
        )


def named(release: Release) -> str:
    """Return how a release is called: its version, or the beginning of its commit."""
    return release.version or release.commit[:12]
