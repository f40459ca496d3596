"""Keep reading and changing apart: everybody may look, only root may change."""

from __future__ import annotations

from arkes_build.core.errors import ArkesError, ExitCode


class RootNeeded(ArkesError):
    """Report a change that somebody asked for who may only look."""

    exit_code = ExitCode.DENIED

    def __init__(self, command: str) -> None:
        super().__init__(
            f"`{command}` needs root",
            resolution=f"sudo {command}   (or, on a desktop: pkexec {command})",
        )


def must_be_root(uid: int, command: str) -> None:
    """Raise ``RootNeeded`` unless ``uid`` (an effective user id) is root."""
    if uid != 0:
        raise RootNeeded(command)
