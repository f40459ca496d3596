"""Quote text for the languages that a rendered node is written in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from arkes_build.render.errors import RenderError, UnwritableValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_LINE = 15_000
"""Longest line that is written, in characters (of up to four bytes each).

buildah ends a Containerfile without a word at a line of 64 KiB (tried with 1.28), and
builds what stands above it; so longer lines are folded with continuations.
"""

_SIMPLE = re.compile(r"[A-Za-z0-9]+")


def one_line(name: str, value: str) -> str:
    """Return the value, or raise ``UnwritableValue`` when it is more than one plain line."""
    if any(ord(char) < ord(" ") or char in "\x7f\x85\u2028\u2029" for char in value):
        raise UnwritableValue(name, value)
    return value


def word(value: str, name: str = "a value") -> str:
    """Return a text as one double-quoted word of a Containerfile, nothing in it expanded.

    Raises ``UnwritableValue`` for control characters; ``name`` says whose value it is.
    """
    one_line(name, value)
    return '"' + re.sub(r'(["$\\])', r"\\\1", value) + '"'


def release_value(name: str, value: str) -> str:
    """Return a value as os-release(5) wants it: shell-quoted where it is not plain.

    Raises ``UnwritableValue`` for control characters.
    """
    one_line(name, value)
    if _SIMPLE.fullmatch(value):
        return value
    return '"' + re.sub(r'(["$`\\])', r"\\\1", value) + '"'


def comment(text: str) -> str:
    """Return a text as a comment of one line; what is not printable becomes ``?``."""
    return f"# {''.join(char if char.isprintable() else '?' for char in text)}".rstrip()


def exec_form(argv: Sequence[str]) -> str:
    """Return a list of arguments as JSON, each line of a long argument on its own line.

    The lines are joined by continuations, which disappear before the JSON is read. A
    continued line must not begin with ``#``: it would be taken for a comment, even there.
    """
    return "[" + ", ".join(_json_text(each) for each in argv) + "]"


def _json_text(text: str) -> str:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    return '"' + "\\\n".join(_json_lines(lines)) + '"'


def _json_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        inside = json.dumps(line, ensure_ascii=False)[1:-1]
        blank = len(inside) - len(inside.lstrip())
        if inside[blank:].startswith("#"):
            inside = f"{inside[:blank]}\\u0023{inside[blank + 1 :]}"
        yield fold(inside)


def fold(text: str) -> str:
    """Return the text with every overlong line broken by continuations.

    A break is never put before white space, ``#`` or an escape, nor after an escape.
    """
    return "\n".join("\\\n".join(_pieces(line)) for line in text.split("\n"))


def _pieces(line: str) -> Iterator[str]:
    while len(line) > LONGEST_LINE:
        place = LONGEST_LINE
        while _is_unsafe(line[place - 1], line[place]):
            place -= 1
            if place < LONGEST_LINE // 2:
                raise RenderError(
                    f"a line of {len(line)} characters cannot be folded: {line[:40]}…",
                    details="engines stop reading a Containerfile at an overlong line",
                    resolution="put the text into a file and COPY it",
                )
        yield line[:place]
        line = line[place:]
    yield line


def _is_unsafe(before: str, after: str) -> bool:
    return before == "\\" or after.isspace() or after in "#\\"
