"""Turn a file's bytes into a source, or say where they are no text of ours."""

from __future__ import annotations

import re

from arkes_build.core.diagnostics import Diagnostic, SourceError
from arkes_build.core.source import Source, Span

MOST_BYTES = 1024 * 1024
"""Largest file that is read, in bytes."""

MOST_LINE_BYTES = 64 * 1024
"""Longest physical line, in bytes without its end; BuildKit's scanner has the same limit."""

MOST_INSTRUCTIONS = 10_000
"""Most instructions of one file."""

MOST_HEREDOCS = 100
"""Most here-documents of one instruction."""

_BOM = b"\xef\xbb\xbf"
_HEREDOC = b"<<"
"""Where there are here-documents, a line that begins with ``#`` may be none of ours."""
_COMMENT = re.compile(rb"^[ \t]*#[^\n]*[\x80-\xff][^\n]*", re.MULTILINE)


def decode(name: str, data: bytes) -> Source:
    """Return the text of a file as a source; a byte-order mark is left out.

    A comment line in another encoding is taken as Latin-1: engines never look at it.
    Raises ``SourceError`` for a file that is too large, is not UTF-8, or has NUL bytes
    or a line longer than the limit; each finding points at the place.
    """
    if len(data) > MOST_BYTES:
        raise SourceError([_too_large(name, len(data))])
    data = data.removeprefix(_BOM)
    if not data.isascii() and _HEREDOC not in data:
        data = _COMMENT.sub(_readable, data)
    findings = [*_nul_bytes(name, data), *_long_lines(name, data)]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        findings.append(_not_utf8(name, data, error))
    if findings:
        raise SourceError(findings)
    return Source(name, text)


def _readable(comment: re.Match[bytes]) -> bytes:
    try:
        comment[0].decode("utf-8")
    except UnicodeDecodeError:
        return comment[0].decode("latin-1").encode()
    return comment[0]


def _too_large(name: str, size: int) -> Diagnostic:
    return Diagnostic(
        code="file-too-large",
        message=f"the file has {size} bytes; at most {MOST_BYTES} are read",
        span=Source(name, "").span(0, 0),
        remedy="move what it carries into files of an overlay and COPY them",
    )


def _not_utf8(name: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    return Diagnostic(
        code="not-utf8",
        message=f"byte 0x{data[error.start]:02x} is not UTF-8 text",
        span=_place(name, data, error.start),
        remedy="save the file as UTF-8",
    )


def _nul_bytes(name: str, data: bytes) -> list[Diagnostic]:
    at = data.find(b"\0")
    if at < 0:
        return []
    count = data.count(b"\0")
    return [
        Diagnostic(
            code="nul-byte",
            message=f"the file has {count} NUL byte{'s' if count > 1 else ''}, here is the first",
            span=_place(name, data, at),
            remedy="remove it; if the file is UTF-16, save it as UTF-8",
        )
    ]


def _long_lines(name: str, data: bytes) -> list[Diagnostic]:
    if len(data) <= MOST_LINE_BYTES:
        return []
    findings = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        if end - start > MOST_LINE_BYTES:
            findings.append(_too_long(name, data, start, end))
        start = end + 1
    return findings


def _too_long(name: str, data: bytes, start: int, end: int) -> Diagnostic:
    return Diagnostic(
        code="line-too-long",
        message=f"the line has {end - start} bytes; at most {MOST_LINE_BYTES} are read",
        span=_place(name, data, start),
        remedy="break it with a line continuation, or COPY a file instead",
    )


def _place(name: str, data: bytes, at: int) -> Span:
    """Return the place of a byte, in a readable copy of the text before it and its line."""
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    before = data[:at].decode("utf-8", "replace")
    rest = data[at : min(end, at + 256)].decode("utf-8", "replace")
    return Source(name, before + rest).span(len(before), len(before) + 1)
