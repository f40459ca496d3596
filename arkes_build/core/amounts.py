"""Write numbers of bytes as ``arkes.toml`` has them."""

from __future__ import annotations

_KIBI, _KILO = 1024, 1000
_UNITS = ("B", "KB", "MB", "GB", "TB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB")


def amount(count: int, *, is_binary: bool = False) -> str:
    """Return bytes with two decimals: ``1.50 GB``, or in units of 1024 ``1.40 GiB``."""
    step, names = (_KIBI, _BINARY) if is_binary else (_KILO, _UNITS)
    value, at = float(count), 0
    while value >= step and at + 1 < len(names):
        value, at = value / step, at + 1
    return f"{count} B" if at == 0 else f"{value:.2f} {names[at]}"
