"""Say, architecture by architecture, what QEMU and its firmware are called."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from arkes_build.vm.errors import FirmwareMissing

_X86_CODE = (
    "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
    "/usr/share/edk2-ovmf/x64/OVMF_CODE.fd",
    "/usr/share/edk2/ovmf/OVMF_CODE.fd",
    "/usr/share/OVMF/OVMF_CODE.fd",
)
_X86_VARIABLES = (
    "/usr/share/OVMF/OVMF_VARS_4M.fd",
    "/usr/share/edk2/x64/OVMF_VARS.4m.fd",
    "/usr/share/edk2-ovmf/x64/OVMF_VARS.fd",
    "/usr/share/edk2/ovmf/OVMF_VARS.fd",
    "/usr/share/OVMF/OVMF_VARS.fd",
)
_ARM_CODE = ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw")
_ARM_VARIABLES = (
    "/usr/share/AAVMF/AAVMF_VARS.fd",
    "/usr/share/edk2/aarch64/vars-template-pflash.raw",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """The two halves of a UEFI: its code, and the variables a new machine starts with."""

    code: Path
    variables: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Arch:
    """What differs between the architectures a guest can have.

    ``tcg_cpu`` leaves out what QEMU 7.2 emulates badly: 16-byte compare-and-exchange
    with two processors, and five-level page tables. ``firmware`` are pairs to look for,
    in order.
    """

    name: str
    qemu: str
    machine: str
    tcg_cpu: str
    console: str
    firmware: tuple[tuple[str, str], ...]

    def find_firmware(self) -> Firmware:
        """Return the first firmware that is installed; raises ``FirmwareMissing``."""
        for code, variables in self.firmware:
            if Path(code).is_file() and Path(variables).is_file():
                return Firmware(code=Path(code), variables=Path(variables))
        raise FirmwareMissing(self.name, tuple(code for code, _ in self.firmware))


ARCHES = {
    arch.name: arch
    for arch in (
        Arch(
            name="x86_64",
            qemu="qemu-system-x86_64",
            machine="q35,smbios-entry-point-type=64",
            tcg_cpu="max,-cx16,-la57",
            console="ttyS0",
            firmware=tuple(zip(_X86_CODE, _X86_VARIABLES, strict=True)),
        ),
        Arch(
            name="aarch64",
            qemu="qemu-system-aarch64",
            machine="virt,gic-version=max",
            tcg_cpu="max,pauth-impdef=on",
            console="ttyAMA0",
            firmware=tuple(zip(_ARM_CODE, _ARM_VARIABLES, strict=True)),
        ),
    )
}


def host_arch() -> str:
    """Return the name of the host's architecture, as OSTree refs have it."""
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())


def find_arch(name: str) -> Arch:
    """Return an architecture's row; raises ``FirmwareMissing`` for one that has none."""
    if name not in ARCHES:
        raise FirmwareMissing(name, ("nothing: there is no row for it",))
    return ARCHES[name]
