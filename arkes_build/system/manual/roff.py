"""Write roff, the language of manual pages (man(7)), so that no text can be taken for a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE = re.compile(r"`([^`\n]+)`")


def plain(text: str) -> str:
    r"""Return a text as roff shows it unchanged; ``-`` stays a hyphen that can be copied.

    A line that begins with ``.`` or ``'`` would be a request, so it gets ``\&`` before it.
    """
    return "\n".join(map(_no_request, _escaped(text).split("\n")))


def _escaped(text: str) -> str:
    """Return a text without what only some terminals have: a letter loses its accent."""
    bare = (each for each in normalize("NFKD", text) if not combining(each))
    text = "".join(bare)
    return text.replace("\\", "\\e").replace("-", "\\-")


def _no_request(line: str) -> str:
    return f"\\&{line}" if line[:1] in (".", "'") else line


def bold(text: str) -> str:
    """Return a text in bold, for what is typed as it stands."""
    return f"\\fB{plain(text)}\\fR"


def slanted(text: str) -> str:
    """Return a text as what stands for something else."""
    return f"\\fI{plain(text)}\\fR"


def prose(text: str) -> str:
    """Return a paragraph of a help text: what stands in backticks is bold."""
    joined = " ".join(text.split())
    pieces = _CODE.split(joined)
    shown = [bold(piece) if at % 2 else _escaped(piece) for at, piece in enumerate(pieces)]
    return _no_request("".join(shown))


def head(name: str, *, section: int, source: str, manual: str) -> list[str]:
    """Return the lines that begin a page. There is no date: same input, same bytes."""
    words = (name.upper(), str(section), "", source, manual)
    quoted = " ".join(f'"{plain(word)}"' for word in words)
    return ["'\\\" -*- coding: utf-8 -*-", f".TH {quoted}"]


def section(title: str, lines: Iterable[str]) -> list[str]:
    """Return a section; nothing when it has no lines."""
    inner = list(lines)
    return [f".SH {plain(title)}", *inner] if inner else []


def paragraphs(texts: Iterable[str]) -> list[str]:
    """Return paragraphs of a help text."""
    return [line for text in texts for line in (".PP", prose(text))]


def listed(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return a list of terms, which are roff already, and what is said of each."""
    return [line for term, told in rows for line in (".TP", term, prose(told))]


def shown(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return examples: a line to type, and what it does."""
    return [
        line
        for typed, meaning in rows
        for line in (".PP", prose(meaning[:1].upper() + meaning[1:]) + ":", ".PP", ".RS 4", ".nf",
                     bold(typed), ".fi", ".RE")
    ]  # fmt: skip
