"""Decode the ``# x-…`` headers of a file into one value, with every finding about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import Diagnostic, Fix, nearest
from arkes_build.core.names import Arch, Family
from arkes_build.language.keywords import HEADERS
from arkes_build.language.mending import renamed, replaced, without_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.core.source import Span
    from arkes_build.language.nodes import Header, Systemfile

FLAGS = frozenset(key for key, needs_value in HEADERS.items() if not needs_value)
"""The headers that are there or not, and have no value."""

FAMILIES = tuple(family.value for family in Family)
ARCHES = tuple(arch.value for arch in Arch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One value of a list header, with its own place in the line."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What a file says about itself. A list is None when its header is not there, or empty."""

    name: str | None = None
    depends: tuple[Item, ...] | None = None
    templates: tuple[Item, ...] = ()
    families: tuple[Item, ...] | None = None
    arch: tuple[Item, ...] | None = None
    clean: bool = False
    no_iso: bool = False


def decode_headers(file: Systemfile) -> Headers:
    """Return the headers of a file as a value; wrong ones are left out."""
    by_key = {header.key: header for header in reversed(file.headers)}

    def items(key: str) -> tuple[Item, ...] | None:
        return (tuple(_items(by_key[key])) or None) if key in by_key else None

    name = by_key["x-name"].value if "x-name" in by_key else None
    return Headers(
        name=name.strip() or None if name else None,
        depends=items("x-depends"),
        templates=items("x-templates") or (),
        families=items("x-families"),
        arch=items("x-arch"),
        clean="x-clean" in by_key,
        no_iso="x-no-iso" in by_key,
    )


def check_headers(file: Systemfile) -> Iterator[Diagnostic]:
    """Yield wrong values; the language's own checks know unknown, doubled, empty headers."""
    for header in file.headers:
        if header.key in FLAGS and header.value is not None:
            yield Diagnostic(
                code="header-value",
                message=f"{header.key} is a flag and takes no value",
                span=header.span,
                remedy=f"write `# {header.key}`, or leave the line out",
                fix=_as_flag(header),
            )
    headers = decode_headers(file)
    yield from _unknown_values("x-families", headers.families or (), FAMILIES)
    yield from _unknown_values("x-arch", headers.arch or (), ARCHES)
    if headers.name is not None and not headers.name.isprintable():
        yield Diagnostic(
            code="header-value",
            message="x-name holds a character that cannot be shown",
            span=next(header.span for header in file.headers if header.key == "x-name"),
            remedy="write a name of letters, digits and spaces",
        )


def _as_flag(header: Header) -> Fix | None:
    """Return the fix for a flag whose value says plainly what is meant."""
    value = (header.value or "true").lower()
    if value in ("true", "yes", "1"):
        return replaced(header.span, f"# {header.key}")
    if value in ("false", "no", "0"):
        return Fix(title=f"remove {header.key}", edits=(without_lines(header.span),))
    return None


def _items(header: Header) -> Iterator[Item]:
    """Yield the values of a list header, each with its span."""
    where = header.value_span or header.span
    at = where.start
    for part in (header.value or "").split(","):
        text = part.strip()
        start = at + len(part) - len(part.lstrip())
        own = where.source.span(start, start + len(text)) if header.value_span else where
        if text:
            yield Item(text=text, span=own)
        at += len(part) + 1


def _unknown_values(
    key: str, items: Iterable[Item], known: tuple[str, ...]
) -> Iterator[Diagnostic]:
    for item in items:
        if item.text not in known:
            near = nearest(item.text, known)
            yield Diagnostic(
                code="header-value",
                message=f"{key} does not know {item.text!r}",
                span=item.span,
                remedy=f"did you mean '{near}'?" if near else f"one of: {', '.join(known)}",
                fix=renamed(item.span, item.text, near) if near else None,
            )
