"""Rank packages by what people want to hear of first: the kernel, then what all stands on."""

from __future__ import annotations

import re

_RANKS = (
    re.compile(r"linux(-image.*|-lts|-zen|-hardened|-rt.*)?"),
    re.compile(
        r"linux-firmware|firmware-.*|(amd|intel)(64)?-(ucode|microcode)|nvidia-.*"
        r"|glibc|libc6|systemd|dracut|mkinitcpio|ostree|openssl|libssl.*|openssh.*"
        r"|podman|networkmanager|network-manager|mesa|libgl1-mesa-dri|gnome-shell|plasma-desktop"
    ),
)


def importance(package: str) -> int:
    """Return a package's rank; 0 is what matters most."""
    name = package.partition(":")[0]
    return next((at for at, known in enumerate(_RANKS) if known.fullmatch(name)), len(_RANKS))


def by_importance(package: str) -> tuple[int, str]:
    """Return what to sort packages by, the most important first."""
    return importance(package), package
