"""Name the ways in which a virtual machine disappoints."""

from __future__ import annotations

from arkes_build.core.errors import ArkesError, ExitCode


class MachineError(ArkesError):
    """Report that a virtual machine did not do what was asked of it."""

    exit_code = ExitCode.BOOT


class FirmwareMissing(MachineError):
    """Report that no UEFI firmware for the guest's architecture is installed."""

    exit_code = ExitCode.TOOL_MISSING

    def __init__(self, arch: str, looked: tuple[str, ...]) -> None:
        super().__init__(
            f"no UEFI firmware for {arch} is installed",
            details="looked for " + ", ".join(looked),
            resolution="install ovmf (Debian) or edk2-ovmf (Arch, Fedora); for aarch64 "
            "qemu-efi-aarch64 or edk2-aarch64",
        )


class MachineEnded(MachineError):
    """Report that QEMU ended while an answer was waited for; ``said`` is what it printed last."""

    def __init__(self, waiting_for: str, *, said: str = "") -> None:
        super().__init__(
            f"the virtual machine ended while {waiting_for}",
            details=said,
            resolution="the console's log shows how far it came",
        )


class TooLate(MachineError):
    """Report that an answer did not come in time; ``console`` is the end of the console."""

    def __init__(self, waiting_for: str, *, seconds: float, console: str = "") -> None:
        super().__init__(
            f"{seconds:.0f} seconds went by while {waiting_for}",
            details=console,
            resolution="give it more time, or look at the console's log",
        )


class MonitorRefused(MachineError):
    """Report that QEMU refused a command of its monitor."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"QEMU refused {command}", details=reason)


class GuestRefused(MachineError):
    """Report that the guest's agent could not do what it was asked."""

    def __init__(self, doing: str, reason: str) -> None:
        super().__init__(f"the guest could not {doing}", details=reason)


class GuestSpeaksNonsense(MachineError):
    """Report a message from the guest, or from QEMU, that none of ours would send."""

    def __init__(self, reason: str) -> None:
        super().__init__("a message from the virtual machine cannot be read", details=reason)
