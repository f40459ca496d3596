"""Turn values into short texts that are safe to print on a terminal."""

from __future__ import annotations

import re
import unicodedata

_SEQUENCE = re.compile(
    r"""
    \x1b\[[0-?]*[ -/]*[@-~]              # CSI: colours, cursor movement
    | \x1b[\]PX^_].*?(?:\x07|\x1b\\)     # OSC, DCS, SOS, PM, APC: titles, links
    | \x1b[ -/]*[0-~]                    # two-character escapes
    """,
    re.VERBOSE | re.DOTALL,
)
_TAB = 8
_MINUTE = 60
_HOUR = 3600
_TEN = 10


def safe(text: str) -> str:
    r"""Return one line that cannot drive a terminal.

    Escape sequences are taken out, tabs become spaces, what a carriage return
    overwrote is dropped (as progress bars mean it), and every other character that
    is not printable (controls, bidi overrides, lone surrogates) is shown as ``\xNN``.
    """
    text = _SEQUENCE.sub("", text).rstrip("\r\n")
    text = text.rpartition("\r")[2].expandtabs(_TAB)
    return "".join(char if char.isprintable() else _shown(char) for char in text)


def safe_lines(text: str) -> list[str]:
    """Return the lines of a text, each of them safe; none for an empty text."""
    return [safe(line) for line in text.split("\n")] if text else []


def _shown(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Return how many columns a terminal gives to a safe text."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """Return the text in at most ``columns`` columns, ``…`` at the end when cut."""
    if width(text) <= columns:
        return text
    taken, used = [], 0
    for char in text:
        used += _columns(char)
        if used > columns - 1:
            break
        taken.append(char)
    return "".join(taken).rstrip() + "…" if columns > 0 else ""


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return the text filled with spaces to ``columns``; ``right`` puts them before it."""
    fill = " " * max(0, columns - width(text))
    return fill + text if right else text + fill


def wrap(text: str, columns: int) -> list[str]:
    """Break a text between words into lines of at most ``columns`` columns.

    A word that is wider keeps a line of its own: a cut path or checksum is of no use.
    """
    lines: list[str] = []
    for word in text.split(" "):
        if lines and width(lines[-1]) + 1 + width(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def duration(seconds: float) -> str:
    """Return a time span for people: ``0.4s``, ``12s``, ``1m 05s``, ``2h 03m``."""
    if round(seconds, 1) < _TEN:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 node``, ``3 nodes``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
