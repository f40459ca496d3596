"""Tell the white space that means something from the white space that does not.

A shell, and JSON, take any run of blanks between words for one. Inside quotes and after
an escape character every blank counts. Where a text is too clever to be sure
(``"$(echo "…``), everything from there on counts.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"[ \t\v\f\r]+")
_SPECIAL = re.compile(r"""["'\\`$]""")
_TOKEN = re.compile(r"""[\\`]\s|\\.|\$'|'[^']*'?|"(?:[^"\\]|\\.)*"?""", re.DOTALL)


def lines(text: str, joins: tuple[int, ...]) -> tuple[str, ...]:
    """Cut a joined text again where its physical lines met in blanks that mean nothing.

    ``joins`` are offsets in ``text``, ascending. What meets elsewhere stays on one line, so
    joining the answer with any white space makes a text of the same meaning.
    """
    if not text:
        return ()
    if not joins:
        return (text,)
    parts, start, following = [], 0, 0
    for begin, end in meaningless_runs(text):
        while following < len(joins) and joins[following] < begin:
            following += 1
        if following == len(joins):
            break
        if joins[following] <= end:
            parts.append(text[start:begin])
            start = end
    parts.append(text[start:])
    return tuple(part for part in parts if part)


def collapsed(text: str) -> str:
    """Return a text with one space for every run of blanks that means nothing."""
    parts, start = [], 0
    for begin, end in meaningless_runs(text):
        parts.append(text[start:begin])
        start = end
    parts.append(text[start:])
    return " ".join(parts)


def meaningless_runs(text: str) -> list[tuple[int, int]]:
    """Return where the runs of blanks are that mean nothing, ascending."""
    runs = [(m.start(), m.end()) for m in _RUN.finditer(text)]
    if not _SPECIAL.search(text):
        return runs
    kept = _verbatim(text)
    answer, following = [], 0
    for begin, end in runs:
        while following < len(kept) and kept[following][1] <= begin:
            following += 1
        if following == len(kept) or kept[following][0] >= end:
            answer.append((begin, end))
    return answer


def _verbatim(text: str) -> list[tuple[int, int]]:
    """Return the ranges in which every blank counts, ascending."""
    ranges = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if _is_unsure(token):
            ranges.append((match.start(), len(text)))
            break
        ranges.append((match.start(), match.end()))
    return ranges


def _is_unsure(token: str) -> bool:
    """Tell whether a quote is not closed, or may go on behind what looks like its end."""
    if token[0] == "'":
        return len(token) == 1 or token[-1] != "'"
    if token[0] != '"':
        return token[0] == "$"
    if len(token) == 1 or token[-1] != '"':
        return True
    return (
        token.count("$(") > token.count(")")
        or token.count("${") > token.count("}")
        or token.count("`") % 2 == 1
    )
