"""Say where everything is on this machine, or in a folder that stands for one."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arkes_build.sysroot.sysroot import Sysroot

REMOTE = "arkes"
"""The remote of the repository's configuration that updates come from."""
KEYRINGS = ("usr/share/ostree/trusted.gpg.d", "etc/ostree/trusted.gpg.d")
"""Where trusted keys are, below the root; those of the image first."""


class NotDeployed(ArkesError):
    """Report a machine that was not booted from an OSTree deployment."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, root: Path) -> None:
        super().__init__(
            "this machine does not run from an OSTree deployment",
            details=f"there is no {root / 'ostree/repo'}",
            resolution="`os` looks after machines that were made by `arkes-build disk`",
        )


class NothingDeployed(ArkesError):
    """Report a machine with a repository, and without a deployment that anybody lists."""

    exit_code = ExitCode.SYSTEM

    def __init__(self) -> None:
        super().__init__(
            "no deployment of this machine is listed",
            details="libostree keeps its list in /boot/loader",
            resolution="look whether /boot is that of this system; `findmnt /boot` says what it is",
        )


class DeploymentsUnreadable(ArkesError):
    """Report a list of deployments that is damaged, or a release of it that is not whole."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, *, said: str) -> None:
        super().__init__(
            "the deployments of this machine cannot be read",
            details=said,
            resolution="`ostree fsck` says what is damaged, `journalctl -k` whether the disk "
            "fails; the boot menu still has what ran before",
        )


def _opened(host: Host) -> Sysroot:
    """Open the machine's deployments; a folder has its ESP where a machine mounts it.

    They are read at once, so that a damaged list is told here and nowhere else.
    """
    from arkes_build.sysroot.errors import SysrootError
    from arkes_build.sysroot.sysroot import Sysroot

    is_folder = host.root != Path("/") and host.esp.is_dir()
    try:
        sysroot = Sysroot.open(host.root, esp=host.esp if is_folder else None)
        sysroot.deployments()
    except SysrootError as error:
        if error.resolution:
            raise
        raise DeploymentsUnreadable(said=f"{error.brief}: {error.details}") from error
    return sysroot


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine: its root folder, its clock (seconds since 1970), and who asks.

    Below any other root than ``/`` it is a plain folder laid out alike, as tests make one;
    nothing outside it is looked at then.
    """

    root: Path = Path("/")
    clock: Callable[[], float] = time.time
    uid: Callable[[], int] = os.geteuid
    opener: Callable[[Host], Sysroot] = _opened

    def sysroot(self) -> Sysroot:
        """Open the machine's deployments; raises ``NotDeployed``, ``DeploymentsUnreadable``."""
        return self.opener(self)

    @property
    def repo(self) -> Path:
        """Return the machine's OSTree repository."""
        return self.root / "ostree" / "repo"

    @property
    def etc(self) -> Path:
        """Return the folder of the machine's settings."""
        return self.root / "etc"

    @property
    def var(self) -> Path:
        """Return where Arkēs keeps what it knows of this machine."""
        return self.root / "var" / "lib" / "arkes"

    @property
    def run(self) -> Path:
        """Return the folder for what is true until the next boot."""
        return self.root / "run" / "arkes"

    @property
    def esp(self) -> Path:
        """Return where the EFI system partition is mounted."""
        return self.root / "efi"

    @property
    def systemfile(self) -> Path:
        """Return the machine's own Systemfile; most machines have none."""
        return self.etc / "system" / "Systemfile"

    @property
    def keyrings(self) -> tuple[Path, ...]:
        """Return the keyrings whose keys are trusted here, those of the image first."""
        folders = (self.root / folder for folder in KEYRINGS)
        return tuple(path for folder in folders for path in sorted(folder.glob("*.gpg")))

    @property
    def is_deployed(self) -> bool:
        """Tell whether there is a system of ours here at all."""
        return (self.repo / "config").is_file()

    def must_be_deployed(self) -> None:
        """Raise ``NotDeployed`` when this is no system of ours."""
        if not self.is_deployed:
            raise NotDeployed(self.root)

    def need_root(self, command: str, words: Sequence[str] = ()) -> None:
        """Raise ``RootNeeded`` when somebody else than root wants to change the system."""
        from arkes_build.host.privilege import must_be_root

        must_be_root(self.uid(), command, words)
