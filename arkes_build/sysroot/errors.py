"""Name the ways in which a deployed system can refuse: none here, no kernel, no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 12


class SysrootError(ArkesError):
    """Report that a deployed system cannot do what it was asked."""

    exit_code = ExitCode.SYSTEM


class NotDeployed(SysrootError):
    """Report that a folder holds no system that OSTree deployed."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not a deployed system",
            details="there is no OSTree repository with deployments in it",
            resolution="run this on a machine that was installed from a disk image of arkes-build",
        )


class NoSuchDeployment(SysrootError):
    """Report that a deployment is not there, or no longer."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"there is no deployment {wanted}", resolution="`os status` lists those that there are"
        )


class CannotUndeploy(SysrootError):
    """Report a deployment that has to stay."""

    def __init__(self, checksum: str, *, why: str) -> None:
        super().__init__(f"the deployment {checksum[:_SHOWN]} stays: {why}")


class NothingBooted(SysrootError):
    """Report that what is asked for needs the system that is running."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"no deployment of {path} is running",
            details="an update is staged beside the system that runs, to be finished at shutdown",
        )


class KernelMissing(SysrootError):
    """Report a release that cannot boot: its kernel or initramfs is not there or not whole."""

    def __init__(self, checksum: str, *, why: str) -> None:
        super().__init__(
            f"the release {checksum[:_SHOWN]} cannot boot: {why}",
            details="nothing of it was put in place; what would have booted still does",
            resolution="take another release, and tell those who publish this one",
        )
        self.why = why


class EspFull(SysrootError):
    """Report that a kernel does not fit on the EFI system partition."""

    exit_code = ExitCode.DISK_FULL

    def __init__(self, esp: Path, *, needed: int, free: int) -> None:
        super().__init__(
            f"no room on the EFI system partition {esp} for another kernel",
            details=f"{size(needed)} are needed and {size(free)} are free; "
            "the entries that were there are as they were",
            resolution="unpin or undeploy a deployment that is not needed, then run again",
        )


class EspUnusable(SysrootError):
    """Report an EFI system partition that is not mounted, or cannot be written."""

    def __init__(self, esp: Path, *, why: str) -> None:
        super().__init__(
            f"the boot menu on {esp} cannot be changed: {why}",
            details="the machine boots what it would have booted",
            resolution=f"`findmnt {esp}` says how the EFI system partition is mounted, "
            "`journalctl -k` whether its disk fails; `systemctl start efi.mount` mounts it",
        )


class NothingBootable(SysrootError):
    """Report that no deployment has a kernel: then the boot menu stays as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"no deployment of {path} can boot",
            details="the boot menu was left as it is",
            resolution="check the disk, then deploy a release again",
        )


class SysrootBusy(ArkesError):
    """Report that another program changes the deployments."""

    exit_code = ExitCode.STORE_BUSY

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another program changes the deployments of {path}",
            resolution="wait until it has ended, then run again",
        )
