"""Replace variables as BuildKit does in everything that is no command."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.language import patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import lark

    Tree = lark.Tree[lark.Token]

DEEPEST = 80
"""How many quotes, braces and their words may stand inside each other."""

_SPECIAL = re.compile(r"""["'\\$]""")
# names and operators end where they must: a text cut in two ways would take 2^n steps
_PLAIN_NAME = r"\$(?:[A-Za-z_]\w*(?!\w)|\{[A-Za-z_]\w*\})"
_WORD = r"""[^"'\\$}]*"""
_CHOICE = rf"\$\{{[A-Za-z_]\w*:?[-+]{_WORD}\}}"
_VALUE = rf"{_PLAIN_NAME}|{_CHOICE}"
_PLAIN = re.compile(rf"""(?:[^"'\\$]|{_VALUE}|'[^']*'|"(?:[^"\\$]|{_VALUE})*")*""")
_PIECE = re.compile(rf"""'([^']*)'|"([^"]*)"|({_VALUE})""")
_PATTERN = r"""//?(?!/)[^"'\\$/]*/"""
_BRACE = rf"\$\{{[A-Za-z_]\w*(?:(?::?[-+?]|##?(?!#)|%%?(?!%)){_WORD}|{_PATTERN}{_WORD})\}}"
_SUBSTITUTION = rf"{_PLAIN_NAME}|{_BRACE}"
_VALID = re.compile(
    rf"""(?:[^"'\\$]|\\.|'[^']*'|{_SUBSTITUTION}|"(?:[^"\\$]|\\.|{_SUBSTITUTION})*")*""",
    re.DOTALL,
)
_SIMPLE_NAME = re.compile(rf"\$(?:([A-Za-z_]\w*)|\{{([A-Za-z_]\w*)(?:(:?[-+])({_WORD}))?\}})")
_NAME = re.compile(r"[^\W\d]\w*")


class BadSubstitution(ArkesError):
    """Report a text that cannot be expanded; ``position`` is the offset in it at fault."""

    exit_code = ExitCode.SOURCE

    def __init__(self, problem: str, *, position: int, remedy: str) -> None:
        super().__init__(problem, resolution=remedy)
        self.position = position


def expand(text: str, values: Mapping[str, str]) -> str:
    r"""Return a text with its variables replaced, its quotes and escapes taken off.

    ``$NAME``, ``${NAME}``, and with ``:`` (an empty value counts as none) or without:
    ``-word`` ``+word`` ``?message``; ``#pattern`` ``##`` ``%`` ``%%`` ``/pattern/text`` ``//``.
    A name without a value is empty. The escape character is ``\``, as everywhere in the
    nodes. Raises ``BadSubstitution``, also for what ``?`` demands.
    """
    if not _SPECIAL.search(text):
        return text
    if not _PLAIN.fullmatch(text):
        return expand_by_grammar(text, values)

    def value(found: re.Match[str]) -> str:
        known = values.get(found[1] or found[2])
        if found[3] is None:
            return known or ""
        has_value = known is not None and (known != "" or found[3][0] != ":")
        return _chosen(known or "", found[4], found[3], has_value=has_value)

    def piece(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        return _SIMPLE_NAME.sub(value, found[0] if found[2] is None else found[2])

    return _PIECE.sub(piece, text)


def _chosen(value: str, word: str, operator: str, *, has_value: bool) -> str:
    """Return what ``${NAME-word}`` or ``${NAME+word}`` stands for."""
    if operator[-1] == "-":
        return value if has_value else word
    return word if has_value else ""


def expand_by_grammar(text: str, values: Mapping[str, str]) -> str:
    """Do what ``expand`` does, always by the grammar."""
    return _Expansion(values).parts(_tree(text), raw=False, depth=0)


def names(text: str) -> frozenset[str]:
    """Return the variables that a text refers to, also in the words of others.

    ``$1``, ``$@`` and the like are none: no file can give them a value. Raises
    ``BadSubstitution``.
    """
    if "$" not in text:
        return frozenset()
    if _PLAIN.fullmatch(text):
        pieces = (found[2] or found[3] or "" for found in _PIECE.finditer(text))
        return frozenset(m[1] or m[2] for p in pieces for m in _SIMPLE_NAME.finditer(p))
    tree = _tree(text)
    if _is_deep(tree, DEEPEST):
        raise _too_deep()
    return frozenset(name for name in _names(tree) if _NAME.fullmatch(name))


def validate(text: str) -> None:
    """Raise ``BadSubstitution`` for a text that no values could expand."""
    if not _SPECIAL.search(text) or _VALID.fullmatch(text):
        return
    if _is_deep(_tree(text), DEEPEST):
        raise _too_deep()


def _names(tree: Tree) -> Iterator[str]:
    import lark

    for token in tree.scan_values(lambda child: isinstance(child, lark.Token)):
        if token.type in ("VARIABLE", "NAME"):
            yield str(token).removeprefix("$")


def _is_deep(tree: Tree, room: int) -> bool:
    return room < 0 or any(
        _is_deep(child, room - 1) for child in tree.children if not isinstance(child, str)
    )


class _Expansion:
    """Walk over the tree of a text, with the values at hand."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def parts(self, tree: Tree, *, raw: bool, depth: int) -> str:
        """Return the text of a tree's parts; ``raw`` keeps escapes, for patterns."""
        if depth > DEEPEST:
            raise _too_deep()
        return "".join([self._part(child, raw=raw, depth=depth) for child in tree.children])

    def _part(self, part: lark.Token | Tree, *, raw: bool, depth: int) -> str:
        import lark

        if isinstance(part, lark.Tree):
            if part.data.startswith("double"):
                return self.parts(part, raw=raw, depth=depth + 1)
            return self._brace(part, depth)
        if part.type == "VARIABLE":
            return self._values.get(part[1:], "")
        return _literal(part, raw=raw)

    def _brace(self, tree: Tree, depth: int) -> str:
        name = str(tree.children[0])
        value = self._values.get(name)
        if len(tree.children) == 1:
            return value or ""
        operator = str(tree.children[1])
        words = [
            self.parts(child, raw=operator[0] in "#%/", depth=depth + 1)
            for child in tree.children[2:]
            if not isinstance(child, str)
        ]
        if operator[-1] in "-+?":
            return self._choice(name, operator, words[0])
        try:
            return _cut(value or "", operator, words)
        except ValueError as error:
            raise BadSubstitution(
                f"${{{name}{operator}…}} cannot work with {error}",
                position=0,
                remedy="make the pattern or the value simpler",
            ) from error

    def _choice(self, name: str, operator: str, word: str) -> str:
        value = self._values.get(name)
        has_value = value is not None and (value != "" or operator[0] != ":")
        if operator[-1] in "-+":
            return _chosen(value or "", word, operator, has_value=has_value)
        if has_value and value is not None:
            return value
        problem = "has no value" if value is None else "is empty"
        raise BadSubstitution(
            f"{name}: {word}" if word else f"the variable {name} {problem}",
            position=0,
            remedy=f"declare it with a value above: ARG {name}=…",
        )


def _literal(token: lark.Token, *, raw: bool) -> str:
    """Return what a token stands for that is no variable."""
    if token.type == "SINGLE":
        return token[1:-1]
    is_escape = token.type == "ESCAPED" or (
        token.type == "INSIDE_ESCAPED" and token[1:] in ('"', "$", "\\")
    )
    return token[1:] if is_escape and not raw else str(token)


def _cut(value: str, operator: str, words: list[str]) -> str:
    if operator[0] == "#":
        return patterns.without_prefix(value, words[0], longest=operator == "##")
    if operator[0] == "%":
        return patterns.without_suffix(value, words[0], longest=operator == "%%")
    return patterns.replaced(value, words[0], words[1], everywhere=operator == "//")


@lru_cache(maxsize=64)
def _tree(text: str) -> Tree:
    """Return the tree of a text; one text is asked for its names, its validity, its values."""
    import lark

    from arkes_build.language import grammar

    try:
        return grammar.tree("expansion", text)
    except lark.UnexpectedInput as error:
        expected = getattr(error, "expected", None) or getattr(error, "allowed", None) or set()
        raise _problem(text, grammar.position(error, text), set(expected)) from error


def _problem(text: str, at: int, expected: set[str]) -> BadSubstitution:
    """Name what is wrong with a text that the grammar refuses at an offset."""
    opened = max(text.rfind("${", 0, at + 1), 0)
    if text[at : at + 1] == "'" and "SINGLE" in expected:
        return BadSubstitution("unclosed quote", position=at, remedy="close it with another '")
    if "_UNQUOTE" in expected:
        quote = max(text.rfind('"', 0, at), 0)
        return BadSubstitution("unclosed quote", position=quote, remedy='close it with another "')
    if "NAME" in expected:
        return BadSubstitution(
            "${…} without a variable's name", position=opened, remedy="write ${NAME}"
        )
    if at < len(text) and "OPERATOR" in expected:
        return BadSubstitution(
            f"'{text[at]}' cannot follow a name in ${{…}}",
            position=at,
            remedy="use - + ? # % or /, as in ${NAME:-word}",
        )
    if "_SLASH" in expected:
        return BadSubstitution(
            "${NAME/…} without a second /", position=opened, remedy="write ${NAME/pattern/text}"
        )
    return BadSubstitution("unclosed ${", position=opened, remedy="close it with }")


def _too_deep() -> BadSubstitution:
    return BadSubstitution(
        "too many variables inside each other",
        position=0,
        remedy="give the inner ones an ARG of their own",
    )
