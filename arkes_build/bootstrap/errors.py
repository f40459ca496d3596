"""Say why there is no first root file system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.blame import Cause, blame, without_credentials
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_LINES = 20
"""How many of a tool's last lines an error shows."""


class BootstrapFailed(ArkesError):
    """Report that the family's tool could not make a root file system.

    ``subject`` is the package or host at fault, empty when the output does not tell.
    """

    exit_code = ExitCode.BOOTSTRAP

    def __init__(
        self,
        tool: str,
        *,
        tail: Sequence[str],
        brief: str = "",
        subject: str = "",
        resolution: str = "",
    ) -> None:
        super().__init__(
            f"bootstrap: {brief or f'{tool} failed'}",
            details=without_credentials("\n".join(tail)),
            resolution=resolution,
        )
        self.tool = tool
        self.subject = subject


class BootstrapPackageUnknown(BootstrapFailed):
    """Report that ``packages`` of the bootstrap names one that does not exist."""

    exit_code = ExitCode.PACKAGE


class BootstrapNetworkDown(BootstrapFailed):
    """Report that the bootstrap could not reach a mirror."""

    exit_code = ExitCode.NETWORK


class BootstrapDiskFull(BootstrapFailed):
    """Report that the bootstrap found no room to write."""

    exit_code = ExitCode.DISK_FULL


class MirrorsWanted(ArkesError):
    """Report that nothing says where packages come from."""

    exit_code = ExitCode.BOOTSTRAP

    def __init__(self, family: str, *, why: str, example: str) -> None:
        super().__init__(
            f"bootstrap: no mirror is known for the {family} family",
            details=why,
            resolution=f'name one in arkes.toml:\n[bootstrap.{family}]\nmirrors = ["{example}"]',
        )


class KeyringMissing(ArkesError):
    """Report that this machine lacks the keys that the family's packages are signed with."""

    exit_code = ExitCode.TOOL_MISSING

    def __init__(self, package: str, *, looked: Sequence[str]) -> None:
        super().__init__(
            f"bootstrap: {package} is not installed, so no package can be verified",
            details="looked for " + ", ".join(looked),
            resolution=f"install {package} with this machine's package manager",
        )


_BY_CAUSE = {
    Cause.PACKAGE: BootstrapPackageUnknown,
    Cause.NETWORK: BootstrapNetworkDown,
    Cause.DISK: BootstrapDiskFull,
}


def tool_failure(tool: str, output: Sequence[str]) -> BootstrapFailed:
    """Return the error that the output of a failed tool tells of."""
    found = blame(output)
    if found is None:
        return BootstrapFailed(tool, tail=output[-SHOWN_LINES:])
    return _BY_CAUSE[found.cause](
        tool,
        tail=found.evidence[-SHOWN_LINES:],
        brief=found.brief,
        subject=found.subject,
        resolution=found.resolution,
    )
