"""Draw numbers as bars of text."""

from __future__ import annotations

EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(value: int, most: int, columns: int) -> str:
    """Return a bar as long as a value's share of the largest; none for nothing.

    What is there, however little, has at least an eighth of a column.
    """
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, min(value, most) * columns * 8 // most)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
