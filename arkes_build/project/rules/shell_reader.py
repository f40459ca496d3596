"""Cut a shell's text into commands, in one pass and without recursion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.project.rules.shell_words import Command, Redirect, ShellWord, without_wrappers

if TYPE_CHECKING:
    from arkes_build.project.rules.shell_text import ShellText

_OUTSIDE = re.compile(
    r"""
      (?P<blank>(?:[ \t\r\f\v]|\\\r?\n)+)
    | (?P<newline>\n)
    | (?P<opening>[$<>]\((?!\())
    | (?P<sum>\$\(\([^()]*\)\))
    | (?P<redirect>[0-9]*(?:<<<|<<-?|<>|<&|>>|>&|>\||<|>)|&>>?)
    | (?P<function>\([ \t]*\))
    | (?P<operator>&&|\|\||;;&?|;&|\|&|[;&|()])
    | (?P<variable>\$\{[^}"'`\\$\n]*\}|\$)
    | (?P<single>'[^']*'?)
    | (?P<quote>["`])
    | (?P<escape>\\.?)
    | (?P<plain>[^ \t\r\f\v\n"'`\\$<>;&|()]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_INSIDE = re.compile(
    r"""
      (?P<opening>\$\((?!\())
    | (?P<variable>\$\{[^}"'`\\$\n]*\}|\$)
    | (?P<quote>["`])
    | (?P<escape>\\.?)
    | (?P<plain>[^"`\\$]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_IN_QUOTES = frozenset('"$`\\\n')


@dataclass(slots=True)
class _Frame:
    """What is open: the text itself, a ``$(``, or a backtick."""

    closer: str
    is_quoted: bool = False
    """Between double quotes."""
    parens: int = 0
    start: int = -1
    """Where the command that is being read begins, -1 before its first word."""
    end: int = 0
    """Where its last word ended."""
    words: list[ShellWord] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    redirect: str = ""
    """The operator that still waits for its word."""
    word: list[str] | None = None
    word_start: int = 0
    is_fixed: bool = True


MOST_COMMANDS = 2_000
"""Commands of one text that are read: more would keep an editor waiting."""


class ShellReader:
    """Read one text; use once."""

    def __init__(self, text: ShellText) -> None:
        self._text = text
        self._frames = [_Frame("")]
        self._documents: list[tuple[str, bool]] = []
        """Delimiters of here-documents inside the text that wait for the end of the line."""
        self._commands: list[Command] = []

    def read(self) -> list[Command]:
        """Return all commands, the inner ones of a ``$(…)`` first."""
        text, at = self._text.text, 0
        while at < len(text) and len(self._commands) + len(self._frames) < MOST_COMMANDS:
            pattern = _INSIDE if self._frames[-1].is_quoted else _OUTSIDE
            found = pattern.match(text, at)
            if found is None:
                at += 1  # "$((" that is no plain sum: its parentheses say the rest
                continue
            if found.lastgroup == "plain" and found[0][0] == "#" and self._is_between_words():
                end = text.find("\n", at)
                at = len(text) if end < 0 else end
                continue
            at = self._take(found.lastgroup or "", found[0], at, found.end())
        while len(self._frames) > 1:
            self._close(len(text))
        self._end_command(len(text))
        return self._commands

    def _is_between_words(self) -> bool:
        frame = self._frames[-1]
        return frame.word is None and not frame.is_quoted

    def _take(self, kind: str, piece: str, at: int, end: int) -> int:
        frame = self._frames[-1]
        match kind:
            case "blank":
                self._end_word(at)
            case "newline":
                self._end_command(at)
                return self._behind_documents(end)
            case "opening":
                self._add("$(…)", at, is_fixed=False)
                self._frames.append(_Frame(")"))
            case "redirect":
                self._end_word(at)
                frame.redirect = piece.lstrip("0123456789")
                frame.start = at if frame.start < 0 else frame.start
            case "function":
                self._forget()
            case "operator":
                self._operator(piece, at)
            case "quote":
                self._quote(piece, at)
            case "escape" if frame.is_quoted and piece[1:] not in _ESCAPED_IN_QUOTES:
                self._add(piece, at)
            case _:
                self._add(_plain(kind, piece), at, is_fixed=kind not in ("variable", "sum"))
        return end

    def _operator(self, piece: str, at: int) -> None:
        frame = self._frames[-1]
        if piece == ")" and not frame.parens and frame.closer == ")":
            self._close(at)
        elif piece == ")" and not frame.parens:
            self._forget()  # what stood there was a pattern of `case`
        else:
            self._end_command(at)
            frame.parens += {"(": 1, ")": -1}.get(piece, 0)

    def _quote(self, piece: str, at: int) -> None:
        frame = self._frames[-1]
        if piece == '"':
            self._add("", at)
            frame.is_quoted = not frame.is_quoted
        elif frame.closer == "`":
            self._close(at)
        else:
            self._add("$(…)", at, is_fixed=False)
            self._frames.append(_Frame("`"))

    def _add(self, piece: str, at: int, *, is_fixed: bool = True) -> None:
        frame = self._frames[-1]
        if frame.word is None:
            frame.word, frame.word_start, frame.is_fixed = [], at, True
            frame.start = at if frame.start < 0 else frame.start
        frame.word.append(piece)
        frame.is_fixed = frame.is_fixed and is_fixed

    def _end_word(self, at: int) -> None:
        frame = self._frames[-1]
        if frame.word is None:
            return
        word = ShellWord(
            text="".join(frame.word),
            is_fixed=frame.is_fixed,
            span=self._text.span(frame.word_start, at),
        )
        frame.word, frame.end = None, at
        if not frame.redirect:
            frame.words.append(word)
            return
        frame.redirects.append(Redirect(operator=frame.redirect, target=word))
        if frame.redirect in ("<<", "<<-"):
            self._documents.append((word.text, frame.redirect == "<<-"))
        frame.redirect = ""

    def _end_command(self, at: int) -> None:
        self._end_word(at)
        frame = self._frames[-1]
        if frame.words or frame.redirects:
            assignments, words = without_wrappers(frame.words)
            if words or assignments or frame.redirects:
                self._commands.append(
                    Command(
                        words=words,
                        assignments=assignments,
                        redirects=tuple(frame.redirects),
                        span=self._text.span(frame.start, frame.end),
                    )
                )
        self._forget()

    def _forget(self) -> None:
        frame = self._frames[-1]
        frame.words, frame.redirects, frame.redirect, frame.word = [], [], "", None
        frame.start = -1

    def _close(self, at: int) -> None:
        self._end_command(at)
        self._frames.pop()

    def _behind_documents(self, at: int) -> int:
        """Return where the text goes on behind the here-documents of the line that ended."""
        text = self._text.text
        for delimiter, strips_tabs in self._documents:
            while at < len(text):
                end = text.find("\n", at)
                end = len(text) if end < 0 else end
                line = text[at:end]
                at = min(end + 1, len(text))
                if (line.lstrip("\t") if strips_tabs else line) == delimiter:
                    break
        self._documents.clear()
        return at


def _plain(kind: str, piece: str) -> str:
    if kind == "single":
        return piece[1:-1] if len(piece) > 1 and piece.endswith("'") else piece[1:]
    if kind == "escape":
        return "" if piece == "\\\n" else piece[1:]
    return piece
