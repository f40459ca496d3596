"""Draw what would change in a file as a unified diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.ui.screen import Style
from arkes_build.ui.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.ui.screen import Screen

_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.SAME}
_NO_END = "\\ No newline at end of file"


def diff(name: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a unified diff without their line ends; ``patch`` can apply it."""
    from difflib import unified_diff

    old, new = _lines(before), _lines(after)
    for line in unified_diff(old, new, name, name):
        if line.endswith("\n"):
            yield line[:-1]
        else:
            yield line
            yield _NO_END


def painted(line: str, screen: Screen) -> str:
    """Return a diff's line for a terminal: coloured, and unable to drive it."""
    style = Style.STRONG if line.startswith(("---", "+++")) else _STYLES.get(line[:1])
    shown = safe(line[:-1] + "^M" if line.endswith("\r") else line)
    return screen.paint(shown, style)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
