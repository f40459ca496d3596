"""A sysroot of plain folders, its deployments as values: what a sync needs and no more."""

import hashlib
from contextlib import nullcontext
from dataclasses import replace

import pytest

from arkes_build.sysroot.model import Deployment


def efi_program(text):
    """Return the shortest file that begins as an EFI program does."""
    return b"MZ".ljust(0x3C, b"\0") + (0x40).to_bytes(4, "little") + b"PE\0\0" + text.encode()


class Machine:
    """What of ``Sysroot`` a sync uses, with a list that the test writes."""

    def __init__(self, folder):
        self.path = folder / "root"
        self.esp = folder / "esp"
        self.esp.mkdir(parents=True)
        self.list = []

    def changing(self):
        return nullcontext()

    def deployments(self):
        return tuple(replace(each, index=at) for at, each in enumerate(self.list))

    def deployed(self, letter, *, kernel="one", serial=0, **fields):
        """Make a deployment whose commit is a letter, 64 times, and whose kernel has a text."""
        checksum = letter * 64
        tree = self.path / f"ostree/deploy/os/deploy/{checksum}.{serial}"
        modules = tree / f"usr/lib/modules/6.{kernel}"
        if not modules.exists():
            modules.mkdir(parents=True)
            (modules / "vmlinuz").write_bytes(efi_program(kernel))
            (modules / "initramfs.img").write_text(f"initramfs {kernel}")
            (tree / "usr/lib/os-release").write_text(f'PRETTY_NAME="Example {letter}"\n')
            programs = tree / "usr/lib/systemd/boot/efi"
            programs.mkdir(parents=True)
            (programs / "systemd-bootx64.efi").write_bytes(loader("257"))
        boot = hashlib.sha256(efi_program(kernel) + f"initramfs {kernel}".encode()).hexdigest()
        known = {
            "index": 0,
            "stateroot": "os",
            "checksum": checksum,
            "serial": serial,
            "version": "1",
            "node": "base",
            "ref": "arkes:base",
            "base": "",
            "path": tree,
            "boot": boot,
            "kargs": ("rw", "quiet"),
            "timestamp": 0,
            "is_booted": False,
            "is_staged": False,
            "is_rollback": False,
            "is_pinned": False,
            "unlocked": "none",
            "tries": None,
            "tries_done": 0,
            "is_blessed": False,
        }
        return Deployment(**known | fields)


def loader(version):
    return b"MZ#### LoaderInfo: systemd-boot " + version.encode() + b" ####"


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)
