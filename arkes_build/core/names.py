"""Decide what may be a name: one rule for families, architectures, nodes and refs."""

from __future__ import annotations

import platform
import re
from enum import Enum

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""A variant's, a template's or a project's own name: no ``-``, which joins names."""

RESERVED = frozenset({"rootfs", "bootstrap", "check"})
"""Names that mean something to the compiler itself."""

ROOTFS = "rootfs"
BOOTSTRAP = "bootstrap"


class Family(Enum):
    """Name a package-manager family."""

    ARCH = "arch"
    DEBIAN = "debian"


class Arch(Enum):
    """Name a processor architecture as the kernel does (``uname -m``)."""

    X86_64 = "x86_64"
    AARCH64 = "aarch64"
    RISCV64 = "riscv64"

    @property
    def oci(self) -> str:
        """Return the architecture's name in OCI image configurations (GOARCH)."""
        return {"x86_64": "amd64", "aarch64": "arm64", "riscv64": "riscv64"}[self.value]


def is_name(text: str) -> bool:
    """Tell whether the text can be a variant's or template's own name."""
    return NAME.fullmatch(text) is not None


def machine_arch() -> Arch:
    """Return this machine's architecture; raises ``ValueError`` for one we do not know."""
    return Arch(platform.machine())


def machine_family(os_release: dict[str, str]) -> Family:
    """Return the family of a machine from its os-release fields (``ID``, ``ID_LIKE``).

    A machine of neither family (Fedora, say) counts as debian: its tools can
    bootstrap that one, and ``--family`` says otherwise.
    """
    words = {os_release.get("ID", ""), *os_release.get("ID_LIKE", "").split()}
    return Family.ARCH if "arch" in words else Family.DEBIAN


def is_overlay_name(text: str) -> bool:
    """Tell whether the text can name a folder under ``overlay/``: there ``-`` may stand."""
    return NAME.fullmatch(text.replace("-", "_")) is not None
