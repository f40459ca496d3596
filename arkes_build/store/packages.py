"""Read the list of installed packages out of a tree.

dpkg keeps paragraphs (``deb-control(5)``) in ``status``, and in files of ``status.d`` in
images without a package manager; pacman keeps a folder per package, ``NAME-VERSION-RELEASE``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.store.trees import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arkes_build.store.trees import Tree

_DPKG = ("usr/lib/sysimage/dpkg", "var/lib/dpkg")
_PACMAN = ("usr/lib/sysimage/pacman/local", "var/lib/pacman/local")
_NAME_VERSION_RELEASE = 3


def packages(tree: Tree) -> tuple[str, ...]:
    """Return the installed packages as ``name=version``, sorted, each once.

    A package installed for two architectures has ``name:arch=version`` for each.
    """
    return tuple(sorted({*_debian(tree), *_arch(tree)}))


def _debian(tree: Tree) -> Iterator[str]:
    found: dict[str, dict[str, str]] = {}
    for folder in _DPKG:
        inside = (f"{folder}/status.d/{name}" for name in tree.names(f"{folder}/status.d"))
        names = [f"{folder}/status", *(n for n in inside if not n.endswith(".md5sums"))]
        for text in texts(tree, names):
            for fields in paragraphs(text):
                if "package" in fields and "version" in fields and _is_installed(fields):
                    arch = fields.get("architecture", "")
                    found.setdefault(fields["package"], {})[arch] = fields["version"]
    for name, versions in found.items():
        for arch, version in versions.items():
            yield f"{name}:{arch}={version}" if len(versions) > 1 else f"{name}={version}"


def _is_installed(fields: dict[str, str]) -> bool:
    return fields.get("status", "installed").split()[-1:] == ["installed"]


def _arch(tree: Tree) -> Iterator[str]:
    for folder in _PACMAN:
        for name in tree.names(folder):
            parts = name.rsplit("-", 2)
            if len(parts) == _NAME_VERSION_RELEASE:
                yield f"{parts[0]}={parts[1]}-{parts[2]}"


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Give the paragraphs of Debian control text: lower-case field → value.

    Continuation lines are joined by line ends; comment lines are left out.
    """
    fields: dict[str, str] = {}
    last = ""
    for line in (*text.splitlines(), ""):
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t":
            if last:
                fields[last] += "\n" + line.strip()
        else:
            name, _colon, value = line.partition(":")
            last = name.strip().lower()
            fields[last] = value.strip()
