"""Write numbers of bytes: for people in three digits, or exactly as ``arkes.toml`` has them."""

from __future__ import annotations

_KIBI, _KILO, _TEN = 1024, 1000, 10
_UNITS = ("B", "KB", "MB", "GB", "TB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB")


def amount(count: int, *, is_binary: bool = False) -> str:
    """Return bytes with two decimals: ``1.50 GB``, or in units of 1024 ``1.40 GiB``."""
    step, names = (_KIBI, _BINARY) if is_binary else (_KILO, _UNITS)
    value, at = float(count), 0
    while value >= step and at + 1 < len(names):
        value, at = value / step, at + 1
    return f"{count} B" if at == 0 else f"{value:.2f} {names[at]}"


def size(count: int) -> str:
    """Return a number of bytes in IEC units with three digits at most: ``1.2 MiB``."""
    if count < _KIBI:
        return f"{count} B"
    value = float(count)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        value /= _KIBI
        if round(value) < _KIBI or unit == "TiB":
            break
    return f"{value:.1f} {unit}" if round(value, 1) < _TEN else f"{value:.0f} {unit}"
