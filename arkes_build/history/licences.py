"""Say the licences of packages as SPDX expressions.

Debian's copyright files may be machine-readable (DEP-5) and have short names of their own,
``GPL-2+``; pacman has SPDX expressions, or older names. What SPDX has no identifier for
becomes a ``LicenseRef-…`` of that name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.store.packages import paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REF = "LicenseRef-"
_FORMAT = re.compile(
    r"Format(?:-Specification)?:\s*\S*(?:copyright-format|dep5|DEP5|dep/dep5)", re.IGNORECASE
)
_MOST = 60
"""Licences of one package that are named; some have hundreds of odd ones."""
_LONGEST = 60
_VERSIONED = re.compile(
    r"(A?GPL|LGPL|GFDL|FDL)-?v?([0-9](?:\.[0-9]+)?)(?:\.0)?(\+?)", re.IGNORECASE
)
_JOINED = re.compile(r"\s+(and/or|and|or)\s+", re.IGNORECASE)
_WITH = re.compile(r"\s+with\s+", re.IGNORECASE)
_ELSE = {
    "expat": "MIT",
    "x11": "X11",
    "mit/x11": "MIT",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-4-clause": "BSD-4-Clause",
    "bsd-2": "BSD-2-Clause",
    "bsd-3": "BSD-3-Clause",
    "bsd-4": "BSD-4-Clause",
    "cc0": "CC0-1.0",
    "zlib/libpng": "zlib-acknowledgement",
    "artistic": "Artistic-1.0-Perl",
    "artistic-1": "Artistic-1.0-Perl",
    "perl": "Artistic-1.0-Perl",
    "psf": "PSF-2.0",
    "mpl-1.1": "MPL-1.1",
    "mpl-2": "MPL-2.0",
    "asl2.0": "Apache-2.0",
    "apache": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "boost-1.0": "BSL-1.0",
    "unicode": "Unicode-3.0",
    "wtfpl": "WTFPL",
}
"""Short names of Debian and old ones of pacman that SPDX writes in another way."""
_EXCEPTIONS = {
    "autoconf": "Autoconf-exception-2.0",
    "classpath": "Classpath-exception-2.0",
    "bison": "Bison-exception-2.2",
    "font": "Font-exception-2.0",
    "gcc": "GCC-exception-3.1",
    "libtool": "Libtool-exception",
}


def copyright_licences(text: str) -> str:
    """Return the licences of a machine-readable copyright file; empty for any other."""
    if not _FORMAT.search(text[:2_000]):
        return ""
    names = [
        fields["license"].partition("\n")[0]
        for fields in paragraphs(text)
        if "license" in fields and ("files" in fields or "format" in fields)
    ]
    return _all_of(debian_licence(name) for name in names if name.strip())


def debian_licence(name: str) -> str:
    """Return one short name of DEP-5 as an SPDX expression; a comma binds less than a word."""
    parts = re.split(r"\s*,\s*(and/or|and|or)?\s*", name.strip())
    terms = [_words(part) for part in parts[::2]]
    joins = [(join or "and").lower() for join in parts[1::2]]
    return _joined(terms, joins)


def pacman_licence(names: Iterable[str]) -> str:
    """Return pacman's list of licences as one SPDX expression: all of them hold."""
    return _all_of(_pacman(name) for name in names if name.strip())


def refs_in(expression: str) -> tuple[str, ...]:
    """Return the names in an expression that are none of SPDX's, each once, sorted."""
    return tuple(sorted(set(re.findall(rf"{REF}[A-Za-z0-9.-]+", expression))))


def is_one(expression: str) -> bool:
    """Tell whether an expression is a single identifier of SPDX."""
    return " " not in expression and not expression.startswith((REF, "("))


def _pacman(name: str) -> str:
    """Return one entry of pacman: an SPDX expression as it is, or the name of a licence."""
    words = re.findall(r"[()]|[^\s()]+", name)
    text = " ".join(words).replace("( ", "(").replace(" )", ")")
    if len(words) > 1 and all(map(_is_of_an_expression, words)) and _is_sound(text):
        return text
    return _identifier(name.removeprefix("custom:"))


def _is_sound(expression: str) -> bool:
    """Tell whether operators and brackets stand where they may."""
    from license_expression import ExpressionError, ExpressionParseError, Licensing

    try:
        Licensing().parse(expression)
    except (ExpressionError, ExpressionParseError):
        return False
    return True


def _is_of_an_expression(word: str) -> bool:
    return (
        word in {"AND", "OR", "WITH", "(", ")"}
        or _known(word) == word
        or _known_exception(word) == word
        or re.fullmatch(rf"{REF}[A-Za-z0-9.-]+", word) is not None
    )


def _words(text: str) -> str:
    parts = _JOINED.split(text.strip())
    terms = [_with(part) for part in parts[::2]]
    return _joined(terms, [join.lower() for join in parts[1::2]])


def _with(text: str) -> str:
    licence, *exception = _WITH.split(text.strip(), maxsplit=1)
    if not exception:
        return _identifier(licence)
    name = exception[0].strip()
    short = re.sub(r"[\s-]*exception$", "", name, flags=re.IGNORECASE)
    told = _known_exception(name) or _known_exception(short) or _EXCEPTIONS.get(short.lower(), "")
    known = _identifier(licence)
    return f"{known} WITH {told}" if told and not known.startswith(REF) else _ref(text)


def _joined(terms: Sequence[str], joins: Sequence[str]) -> str:
    """Join terms: ``or`` binds less than ``and``, as in SPDX; a mixed term gets brackets."""
    made = ""
    for at, term in enumerate(terms):
        if not term:
            continue
        word = "OR" if at and joins[at - 1] in ("or", "and/or") else "AND"
        held = f"({term})" if " AND " in term or " OR " in term else term
        made = f"{made} {word} {held}" if made else (term if len(terms) == 1 else held)
    return made


def _all_of(expressions: Iterable[str]) -> str:
    """Return the expression of all of these: each term once, in order."""
    unique = sorted({term for each in expressions for term in _split(each, "AND")})
    if len(unique) > _MOST:
        unique = [*unique[:_MOST], f"{REF}and-others"]
    if len(unique) == 1:
        return unique[0]
    return " AND ".join(f"({one})" if len(_split(one, "OR")) > 1 else one for one in unique)


def _split(expression: str, operator: str) -> list[str]:
    """Return the parts between the operators that no brackets hold.

    Nothing is split at ``AND`` beside an ``OR``, which binds less.
    """
    if operator == "AND" and len(_split(expression, "OR")) > 1:
        return [expression]
    parts: list[list[str]] = [[]]
    depth = 0
    for word in expression.split():
        depth += word.count("(") - word.count(")")
        if word == operator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return [" ".join(part) for part in parts if part]


def _identifier(name: str) -> str:
    """Return SPDX's identifier of one licence, or a reference of that name."""
    text = name.strip().strip("()")
    if match := _VERSIONED.fullmatch(text):
        kind, version, later = match.groups()
        kind = "GFDL" if kind.upper() in ("FDL", "GFDL") else kind.upper()
        version = version if "." in version else f"{version}.0"
        found = _known(f"{kind}-{version}-{'or-later' if later else 'only'}")
        if found:
            return found
    return _known(_ELSE.get(text.lower(), text)) or _known(f"{text}.0") or _ref(text)


def _ref(name: str) -> str:
    """Return a reference for a name that is none of SPDX's (letters, digits, ``.``, ``-``)."""
    text = name.strip().removeprefix(REF).replace("+", "-or-later")
    kept = re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")
    return f"{REF}{kept[:_LONGEST].strip('-.') or 'unnamed'}" if name.strip() else ""


def _known(name: str) -> str:
    """Return the identifier of a licence as SPDX writes it; empty when it has none."""
    found = _in_list(name)
    return "" if _is_exception(found) else found


def _known_exception(name: str) -> str:
    found = _in_list(name)
    return found if _is_exception(found) else ""


def _is_exception(identifier: str) -> bool:
    return "exception" in identifier.lower() or identifier.endswith("-note")


def _in_list(name: str) -> str:
    # The list has licences and exceptions in one.
    from cyclonedx.spdx import fixup_id

    return fixup_id(name) or ""
