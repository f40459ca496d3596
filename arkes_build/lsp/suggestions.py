"""Work out what could be written at a place: names, flags, values, paths."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lsprotocol.types import CompletionItemKind as Kind

from arkes_build.core.names import Arch, Family
from arkes_build.language.keywords import REPEATED
from arkes_build.language.manual import FLAGS, flags_of
from arkes_build.lsp.uses import Names, uses_of
from arkes_build.project.edges import SCHEME
from arkes_build.project.model import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.lsp.cursor import Cursor
    from arkes_build.lsp.packages import Package
    from arkes_build.lsp.view import View

MOST = 200
"""How many packages or files are offered at a time: more come as one types on."""

UNIT = re.compile(
    r"(?:usr/lib|etc)/systemd/(system|user)/"
    r"([^/]+\.(?:service|socket|timer|target|path|mount|automount|slice|swap))"
)
"""The path of a unit's file in an image: whose it is, and its name."""

_MOUNT_OPTIONS = ("type=", "target=", "source=", "from=", "id=", "ro", "rw", "sharing=", "uid=")
_MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_VALUES = {
    "network": ("default", "none", "host"),
    "security": ("sandbox", "insecure"),
    "family": tuple(family.value for family in Family),
    "arch": tuple(arch.value for arch in Arch),
    "platform": ("linux/amd64", "linux/arm64", "linux/riscv64"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One thing that could be written. ``text`` replaces what was typed of it."""

    text: str
    kind: Kind
    detail: str = ""
    about: str = ""
    """Markdown."""


def flags(cursor: Cursor) -> Iterator[Suggestion]:
    """Yield the flags that the instruction knows and does not have yet."""
    given = {word[2:].partition("=")[0] for word in cursor.before} - REPEATED
    for name in flags_of(cursor.keyword):
        if name not in given:
            ending = "" if name in _bare(cursor.keyword) else "="
            yield Suggestion(text=f"--{name}{ending}", kind=Kind.Field, about=FLAGS.get(name, ""))


def flag_values(view: View, cursor: Cursor, name: str, typed: str) -> Iterator[Suggestion]:
    """Yield values of a flag; ``typed`` is what stands behind its ``=``."""
    if name == "from":
        yield from images(view, cursor)
    elif name == "mount":
        yield from _mount(view, cursor, typed)
    elif name in _bare(cursor.keyword):
        yield from plain(("true", "false"), Kind.Value)
    else:
        yield from plain(_VALUES.get(name, ()), Kind.EnumMember)


def images(view: View, cursor: Cursor) -> Iterator[Suggestion]:
    """Yield the stages above, and the nodes of the project."""
    yield from _stages(view, cursor)
    if view.document.is_own and view.document.name.startswith("templates/"):
        yield Suggestion(
            text=f"{SCHEME}${{BASE_VARIANT_ID}}",
            kind=Kind.Module,
            about="The node that this template is applied to.",
        )
    for name in view.nodes():
        made = view.node(name)
        display = next((node.display_name for node in made.values()), "")
        yield Suggestion(text=f"{SCHEME}{name}", kind=Kind.Module, detail=display)


def templates(view: View) -> Iterator[Suggestion]:
    """Yield the project's templates."""
    yield from plain(view.names(NodeKind.TEMPLATE), Kind.Module)


def overlays(view: View) -> Iterator[Suggestion]:
    """Yield the overlays that can be named."""
    found = view.overlays
    for name in found.names():
        overlay = found.find(name)
        count = len(overlay.files) if overlay else 0
        yield Suggestion(text=name, kind=Kind.Folder, detail=f"{count} files")


def units(view: View, cursor: Cursor) -> Iterator[Suggestion]:
    """Yield the units that overlays bring, and those of what was built."""
    whose = "user" if any(w.startswith("--user") for w in cursor.before) else "system"
    found: dict[str, str] = {}
    for known in view.known.values():
        names = known.user_units if whose == "user" else known.units
        found |= dict.fromkeys(names, "in what was built")
    every = view.overlays
    for name in every.names():
        overlay = every.find(name)
        for path in overlay.files if overlay else ():
            match = UNIT.fullmatch(path)
            if match and match[1] == whose:
                found[match[2]] = f"overlay/{name}"
    for name in sorted(found):
        yield Suggestion(text=name, kind=Kind.Event, detail=found[name])


def packages(view: View, cursor: Cursor, typed: str) -> list[Suggestion]:
    """Return packages that begin so, of the family that the instruction is for."""
    wanted = cursor.flag("family") or ",".join(family.value for family in Family)
    found: dict[str, Package] = {}
    for family, index in view.packages.items():
        if family.value in wanted.split(","):
            found |= {package.name: package for package in index.beginning(typed, MOST)}
    return [
        Suggestion(text=p.name, kind=Kind.Unit, detail=p.version, about=p.about)
        for _, p in sorted(found.items())[:MOST]
    ]


def installed(view: View, typed: str) -> Iterator[Suggestion]:
    """Yield packages that were in what was built."""
    found = {name: v for known in view.known.values() for name, v in known.packages.items()}
    names = [name for name in sorted(found) if name.startswith(typed)]
    for name in names[:MOST]:
        yield Suggestion(text=name, kind=Kind.Unit, detail=found[name])


def paths(view: View, typed: str) -> Iterator[Suggestion]:
    """Yield what is in the folder of the context that was typed so far."""
    folder, _, beginning = typed.rpartition("/")
    if view.context is None or typed.startswith("/") or ".." in folder.split("/"):
        return
    prefix = f"{folder}/" if folder else ""
    try:
        with os.scandir(view.context / folder) as found:
            entries = sorted((e.name, e.is_dir()) for e in islice(found, 10_000))
    except OSError:
        return
    wanted = [e for e in entries if e[0].startswith(beginning) and _is_shown(e[0], beginning)]
    for name, is_folder in wanted[:MOST]:
        kind = Kind.Folder if is_folder else Kind.File
        yield Suggestion(text=f"{prefix}{name}" + "/" * is_folder, kind=kind)


def brought_paths(view: View, typed: str) -> Iterator[Suggestion]:
    """Yield files of the image that overlays bring, for a command that names one."""
    found: dict[str, str] = {}
    every = view.overlays
    for name in every.names():
        overlay = every.find(name)
        found |= dict.fromkeys(overlay.files if overlay else (), f"overlay/{name}")
    wanted = [path for path in sorted(found) if f"/{path}".startswith(typed)]
    for path in wanted[:MOST]:
        yield Suggestion(text=f"/{path}", kind=Kind.File, detail=found[path])


@lru_cache(maxsize=1)
def time_zones() -> tuple[Suggestion, ...]:
    """Return all time zones that the tz database names."""
    from zoneinfo import available_timezones

    return tuple(plain(sorted(available_timezones()), Kind.EnumMember))


def plain(texts: Iterable[str], kind: Kind) -> Iterator[Suggestion]:
    """Yield texts that need no word about them."""
    return (Suggestion(text=text, kind=kind) for text in texts)


def _stages(view: View, cursor: Cursor) -> Iterator[Suggestion]:
    above = {
        use.text: use
        for use in uses_of(view.file)
        if use.names is Names.STAGE and use.declares and use.span.start < cursor.start
    }
    for name, use in above.items():
        yield Suggestion(text=name, kind=Kind.Class, detail=f"stage of line {use.span.line}")


def _mount(view: View, cursor: Cursor, typed: str) -> Iterator[Suggestion]:
    option = typed.rpartition(",")[2]
    name, is_valued, _ = option.partition("=")
    if not is_valued:
        yield from plain(_MOUNT_OPTIONS, Kind.Property)
    elif name == "type":
        yield from plain(_MOUNT_TYPES, Kind.EnumMember)
    elif name == "from":
        yield from images(view, cursor)
    elif name in ("source", "src"):
        yield from paths(view, option.partition("=")[2])


def _bare(keyword: str) -> frozenset[str]:
    from arkes_build.language.keywords import KEYWORDS

    known = KEYWORDS.get(keyword)
    return known.bare if known else frozenset()


def _is_shown(name: str, beginning: str) -> bool:
    """Tell whether a name is no hidden one, or was asked for by its dot."""
    return name.isprintable() and (not name.startswith(".") or beginning.startswith("."))
