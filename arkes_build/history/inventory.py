"""Read what the package database of a tree says of each package, and who needs whom.

dpkg's fields are in deb-control(5), pacman's in its ``desc`` files: ``%NAME%`` and the lines
below it (``lib/libalpm/be_local.c``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.history.licences import copyright_licences, pacman_licence
from arkes_build.history.trees import Entry
from arkes_build.store.packages import paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from arkes_build.history.view import View

DPKG = ("usr/lib/sysimage/dpkg", "var/lib/dpkg")
PACMAN = ("usr/lib/sysimage/pacman/local", "var/lib/pacman/local")
_LONGEST = 2_000
"""Characters of one text of a package that are taken over."""
_PERSON = re.compile(r"\s*([^<>]*?)\s*(?:<([^<>\s]+@[^<>\s]+)>)?\s*")
_SOURCE = re.compile(r"(\S+)(?:\s+\((\S+)\))?")
_ALTERNATIVE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9+._@-]*)(?::(\S+))?")
_BINARY_REBUILD = re.compile(r"\+b[0-9]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One installed package; texts are empty when the database does not say.

    ``kind`` is that of its package URL, ``deb`` or ``alpm``. ``source`` are name and version
    of what it was built from. ``needs`` are the packages that it names and that are there,
    by ``identity``, sorted. ``licence`` is an SPDX expression.
    """

    kind: str
    name: str
    version: str
    arch: str
    description: str = ""
    maintainer: str = ""
    email: str = ""
    homepage: str = ""
    licence: str = ""
    source: tuple[str, str] = ("", "")
    needs: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """Return name and architecture: no two packages have both."""
        return (self.name, self.arch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A package as it was read, with what it asks for and what it is besides its name."""

    package: Package
    wants: tuple[tuple[str, ...], ...]
    provides: tuple[str, ...]


def inventory(view: View) -> tuple[Package, ...]:
    """Return the installed packages with what they need, sorted by name and architecture."""
    entries = {entry.package.identity: entry for entry in (*_debian(view), *_arch(view))}
    by_name: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for identity, entry in sorted(entries.items()):
        by_name[entry.package.name].append(identity)
    for identity, entry in sorted(entries.items()):
        for name in entry.provides:
            by_name[name].append(identity)
    return tuple(
        replace(entry.package, needs=_needs(entry, by_name))
        for _identity, entry in sorted(entries.items())
    )


def _needs(
    entry: _Entry, by_name: Mapping[str, list[tuple[str, str]]]
) -> tuple[tuple[str, str], ...]:
    """Return who meets each wish: of alternatives the first that is there."""
    found = set()
    for alternatives in entry.wants:
        known = next((by_name[name] for name in alternatives if by_name.get(name)), None)
        if known:
            own = [one for one in known if one[1] == entry.package.arch]
            found.add((own or known)[0])
    return tuple(sorted(found - {entry.package.identity}))


def _debian(view: View) -> Iterator[_Entry]:
    licences = _Copyrights(view)
    for text in _dpkg_texts(view):
        for fields in paragraphs(text):
            is_there = fields.get("status", "installed").split()[-1:] == ["installed"]
            if is_there and fields.get("package") and fields.get("version"):
                yield _deb(fields, licences)


def _dpkg_texts(view: View) -> Iterator[str]:
    for folder in DPKG:
        yield view.text(f"{folder}/status")
        for name in view.names(f"{folder}/status.d"):
            if not name.endswith(".md5sums"):
                yield view.text(f"{folder}/status.d/{name}")


def _deb(fields: Mapping[str, str], licences: _Copyrights) -> _Entry:
    name, version = _clean(fields["package"]), _clean(fields["version"])
    maintainer, email = _person(fields.get("maintainer", ""))
    package = Package(
        kind="deb",
        name=name,
        version=version,
        arch=_clean(fields.get("architecture", "")),
        description=_clean(fields.get("description", "").partition("\n")[0]),
        maintainer=maintainer,
        email=email,
        homepage=_clean(fields.get("homepage", "")),
        licence=licences.of(name),
        source=_source(fields.get("source", ""), name, version),
    )
    wishes = [fields.get("pre-depends", ""), fields.get("depends", "")]
    groups = ",".join(wishes).replace("\n", " ").split(",")
    provides = fields.get("provides", "").replace("\n", " ").split(",")
    return _Entry(
        package=package,
        wants=tuple(tuple(_names(group.split("|"))) for group in groups if group.strip()),
        provides=tuple(_names(provides)),
    )


def _source(text: str, name: str, version: str) -> tuple[str, str]:
    """Return name and version of the source; a rebuild of binaries only has the source's own."""
    match = _SOURCE.match(text)
    found = match[2] if match and match[2] else _BINARY_REBUILD.sub("", version)
    return (_clean(match[1]) if match else name, _clean(found))


def _names(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if match := _ALTERNATIVE.match(text):
            yield match[1]


class _Copyrights:
    """Read ``/usr/share/doc/NAME/copyright``, of which many are links or lie in a linked folder."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return a package's licence as an SPDX expression; empty when nobody says."""
        path = self._followed(f"usr/share/doc/{name}")
        path = self._followed(f"{path}/copyright")
        if path not in self._known:
            self._known[path] = copyright_licences(self._view.text(path))
        return self._known[path]

    def _followed(self, path: str) -> str:
        """Return where a link beside its target leads, else the path as it is."""
        checksum = self._view.file(path)
        target = self._view.files.about(Entry(checksum)).target if checksum else None
        if not target:
            return path
        parts = path.split("/")[:-1]
        for part in target.split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        return "/".join(part for part in parts if part not in ("", "."))


def _arch(view: View) -> Iterator[_Entry]:
    for folder in PACMAN:
        for name in view.names(folder):
            fields = _desc(view.text(f"{folder}/{name}/desc"))
            if fields.get("NAME") and fields.get("VERSION"):
                yield _alpm(fields)


def _desc(text: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("%") and line.endswith("%"):
            lines = fields.setdefault(line.strip("%"), [])
        elif line:
            lines.append(line)
    return fields


def _alpm(fields: Mapping[str, list[str]]) -> _Entry:
    def first(name: str) -> str:
        return _clean(next(iter(fields.get(name, ())), ""))

    packager, email = _person(first("PACKAGER"))
    is_known = packager != "Unknown Packager"
    package = Package(
        kind="alpm",
        name=first("NAME"),
        version=first("VERSION"),
        arch=first("ARCH"),
        description=first("DESC"),
        maintainer=packager if is_known else "",
        email=email if is_known else "",
        homepage=first("URL"),
        licence=pacman_licence(fields.get("LICENSE", ())),
        source=(first("BASE") or first("NAME"), first("VERSION")),
    )
    return _Entry(
        package=package,
        wants=tuple((name,) for name in _plain(fields.get("DEPENDS", ()))),
        provides=tuple(_plain(fields.get("PROVIDES", ()))),
    )


def _plain(texts: Iterable[str]) -> Iterator[str]:
    """Give what is asked for or provided without its version: ``libz.so=1-64`` is ``libz.so``."""
    for text in texts:
        yield re.split(r"[<>=]", text, maxsplit=1)[0].strip()


def _person(text: str) -> tuple[str, str]:
    match = _PERSON.fullmatch(_clean(text))
    return (match[1], match[2] or "") if match else (_clean(text), "")


def _clean(text: str) -> str:
    """Return a text of the database as one line without control characters."""
    return "".join(char for char in text[:_LONGEST] if char.isprintable()).strip()
