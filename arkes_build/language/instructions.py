"""Turn one logical line into an instruction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from arkes_build.core.diagnostics import Diagnostic
from arkes_build.language import arguments, backtick, layout, writer
from arkes_build.language.arguments import NotTexts, Piece, Unreadable
from arkes_build.language.blanks import SPACES
from arkes_build.language.keywords import KEYWORDS, Keyword, Takes
from arkes_build.language.mending import replaced
from arkes_build.language.nodes import Flag, Form, Heredoc, Instruction, Word

if TYPE_CHECKING:
    from arkes_build.core.diagnostics import Fix
    from arkes_build.core.source import Source, Span
    from arkes_build.language.scanner import LogicalLine

_QUOTING = (Takes.QUOTED, Takes.NAMES, Takes.PAIRS, Takes.TEXT)
"""Arguments in which quotes hold words together."""

_TEXT_OR_PLAIN = re.compile(r"""("(?:[^"\\]|\\.)*")|([\w.+-]+)""")
"""An item of a JSON list: in quotes, or a number or word without them."""

_UNKNOWN = Keyword(takes=Takes.TEXT, usage="", least=0)


class _Rest(NamedTuple):
    """What stands behind keyword and flags: its text, where it begins on the logical line."""

    text: str
    start: int
    line: LogicalLine


class InstructionReader:
    """Read the instructions of one source; findings go to the list that is given."""

    def __init__(self, source: Source, findings: list[Diagnostic]) -> None:
        self._source = source
        self._findings = findings
        self.broken: set[int] = set()
        """Where instructions begin that have a finding of ours."""

    def read(self, line: LogicalLine) -> Instruction:
        """Return the instruction on a logical line; unreadable arguments become one text."""
        before = len(self._findings)
        instruction = self._read(line, 0, line.heredocs)
        if len(self._findings) > before:
            self.broken.add(instruction.span.start)
        return instruction

    def _read(self, line: LogicalLine, start: int, heredocs: tuple[Heredoc, ...]) -> Instruction:
        text = line.text[start:]
        head = self._head(line, text, start)
        keyword = head.keyword.upper()
        known = KEYWORDS.get(keyword, _UNKNOWN)
        arguments_text = text[head.rest :].lstrip(SPACES)
        rest = _Rest(arguments_text, start + len(text) - len(arguments_text), line)
        inner = None
        if known.takes is Takes.INSTRUCTION and rest.text and start == 0:
            inner = self._read(line, rest.start, heredocs)
            heredocs = ()
        form, words = self._arguments(keyword, known, rest)
        lines = _lines(known, rest)
        if inner is not None:
            lines = (f"{writer.head(inner)} {inner.text}".rstrip(),)
        elif line.escape == "`" and known.expands:
            words, lines = backtick.rewritten(form, words, lines, quotes=known.takes in _QUOTING)
        joined = " ".join(lines)
        if form is Form.SHELL and words and known.takes is not Takes.HEALTH:
            words = (Word(text=joined, span=words[0].span),)
        return Instruction(
            keyword=keyword,
            flags=tuple(self._flag(line, piece, start) for piece in head.flags),
            words=words,
            form=form,
            text=joined,
            lines=lines,
            heredocs=heredocs,
            span=self._source.span(line.at(start), line.end),
            inner=inner,
        )

    def _head(self, line: LogicalLine, text: str, start: int) -> arguments.Head:
        try:
            return arguments.head(text)
        except Unreadable as error:
            lenient = arguments.lenient_head(text)
            self._unclosed_quote(line, start + error.position, f"a flag of {lenient.keyword}")
            return arguments.Head(lenient.keyword, (), len(text))

    def _flag(self, line: LogicalLine, piece: Piece, start: int) -> Flag:
        name, is_valued, value = arguments.unquoted_flag(piece.text)[2:].partition("=")
        return Flag(
            name=name,
            value=value if is_valued else None,
            span=line.span(self._source, start + piece.start, start + piece.end),
        )

    def _arguments(
        self, keyword: str, known: Keyword, rest: _Rest
    ) -> tuple[Form, tuple[Word, ...]]:
        match known.takes:
            case Takes.TEXT | Takes.INSTRUCTION:
                return Form.SHELL, self._whole(rest)
            case Takes.WORDS:
                return Form.WORDS, self._words(arguments.words(rest.text), rest)
            case Takes.LIST | Takes.COMMAND:
                return self._list_or(known.takes, keyword, rest)
            case Takes.HEALTH:
                return self._health(keyword, rest)
            case _:
                return self._quoted(keyword, known.takes, rest)

    def _whole(self, rest: _Rest) -> tuple[Word, ...]:
        if not rest.text:
            return ()
        return self._words([Piece(rest.text, 0, len(rest.text))], rest)

    def _words(self, pieces: list[Piece], rest: _Rest) -> tuple[Word, ...]:
        line, start, source = rest.line, rest.start, self._source
        if len(line.joins) == 1:
            start += line.places[0]
            return tuple(
                [Word(text=t, span=source.span(start + a, start + b)) for t, a, b in pieces]
            )
        return tuple(
            [Word(text=t, span=line.span(source, start + a, start + b)) for t, a, b in pieces]
        )

    def _list_or(self, takes: Takes, keyword: str, rest: _Rest) -> tuple[Form, tuple[Word, ...]]:
        try:
            items = arguments.json_list(rest.text)
        except NotTexts:
            self._findings.append(_not_texts(keyword, self._place(rest)))
            items = []
        if items is not None:
            return Form.EXEC, self._words(items, rest)
        if takes is Takes.COMMAND:
            return Form.SHELL, self._whole(rest)
        return Form.WORDS, self._words(arguments.words(rest.text), rest)

    def _health(self, keyword: str, rest: _Rest) -> tuple[Form, tuple[Word, ...]]:
        pieces = arguments.words(rest.text)
        if len(pieces) < 2:  # noqa: PLR2004 - the type, and something behind it
            return Form.WORDS, self._words(pieces, rest)
        kind, begin = pieces[0], pieces[1].start
        command = _Rest(rest.text[begin:], rest.start + begin, rest.line)
        form, words = self._list_or(Takes.COMMAND, keyword, command)
        if form is Form.SHELL:
            joined = " ".join(_lines(KEYWORDS["RUN"], command))
            words = (Word(text=joined, span=words[0].span),)
        return form, (*self._words([kind], rest), *words)

    def _quoted(self, keyword: str, takes: Takes, rest: _Rest) -> tuple[Form, tuple[Word, ...]]:
        form = Form.WORDS if takes is Takes.QUOTED else Form.PAIRS
        try:
            pieces = arguments.quoted(rest.text, rest.line.escape)
            if takes is Takes.PAIRS and pieces and "=" not in pieces[0].text:
                pieces = _old_form(rest, pieces)
        except Unreadable as error:
            self._unclosed_quote(rest.line, rest.start + error.position, keyword)
            return form, self._whole(rest)
        return form, self._words(pieces, rest)

    def _place(self, rest: _Rest) -> Span:
        return rest.line.span(self._source, rest.start, rest.start + len(rest.text))

    def _unclosed_quote(self, line: LogicalLine, position: int, where: str) -> None:
        self._findings.append(
            Diagnostic(
                code="quote-unclosed",
                message=f"unclosed quote in {where}, opened here",
                span=line.span(self._source, position, position + 1),
                remedy=f"close it with another {line.text[position : position + 1]}, "
                f"or write {line.escape} before it for a plain character",
            )
        )


def _lines(known: Keyword, rest: _Rest) -> tuple[str, ...]:
    if not rest.text or len(rest.line.joins) == 1:
        return (rest.text,) if rest.text else ()
    if known.takes is Takes.TEXT or _is_old_form(known, rest.text):
        return (rest.text,)
    joins = tuple(join - rest.start for join in rest.line.joins if join > rest.start)
    return layout.lines(rest.text, joins)


def _is_old_form(known: Keyword, text: str) -> bool:
    if known.takes is not Takes.PAIRS:
        return False
    first = arguments.words(text)[0]
    return "=" not in first.text


def _old_form(rest: _Rest, pieces: list[Piece]) -> list[Piece]:
    """Read ``ENV name value`` as the pair it makes, white space of the value kept."""
    name = arguments.words(rest.text)[0]
    arguments.quoted(name.text, rest.line.escape)
    value = rest.text[name.end :].lstrip(" \t\v\f\r")
    if not value:
        return pieces
    kept = arguments.escaped_blanks(value, rest.line.escape)
    return [Piece(f"{name.text}={kept}", 0, len(rest.text))]


def _not_texts(keyword: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="exec-form-items",
        message=f"the list of {keyword} has something else than text in it",
        span=span,
        remedy='put every item in double quotes: ["sleep", "10"]',
        fix=_in_quotes(span),
    )


def _in_quotes(span: Span) -> Fix | None:
    """Return the fix that puts numbers in quotes, None when there is more to mend."""
    text = _TEXT_OR_PLAIN.sub(lambda found: found[1] or f'"{found[2]}"', span.text)
    try:
        return replaced(span, text) if arguments.json_list(text) else None
    except NotTexts:
        return None
