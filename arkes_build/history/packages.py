"""Tell which packages came, went, and changed their version."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from arkes_build.history.model import Kind, PackageChange
from arkes_build.history.versions import dpkg_order, pacman_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from arkes_build.history.versions import Order
    from arkes_build.history.view import View

PACMAN = ("usr/lib/sysimage/pacman/local", "var/lib/pacman/local")
DPKG = ("usr/lib/sysimage/dpkg", "var/lib/dpkg")

Versions = dict[str, str]
"""Architecture → version; the architecture is empty where a package has only one."""


def order_of(*views: View) -> Order:
    """Return the order of the package manager whose database the trees have.

    dpkg's when there is none, or both: a Debian may have pacman as a package like any.
    """
    has_dpkg = any(view.file(f"{folder}/status") for view in views for folder in DPKG)
    has_pacman = any(view.folder(folder) for view in views for folder in PACMAN)
    return pacman_order if has_pacman and not has_dpkg else dpkg_order


def package_changes(
    before: Iterable[str], after: Iterable[str], order: Order
) -> tuple[PackageChange, ...]:
    """Return how two lists of ``name[:arch]=version`` differ, by name."""
    old, new = _by_name(before), _by_name(after)
    changes: list[PackageChange] = []
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            changes += _changes(name, *_paired(old.get(name, {}), new.get(name, {})), order)
    return tuple(changes)


def _by_name(packages: Iterable[str]) -> Mapping[str, Versions]:
    found: defaultdict[str, Versions] = defaultdict(dict)
    for package in packages:
        full, _, version = package.partition("=")
        name, _, arch = full.partition(":")
        found[name][arch] = version
    return found


def _paired(old: Versions, new: Versions) -> tuple[Versions, Versions]:
    """Give the only one of a name the architecture that it has where there are several.

    ``libc6=2.41`` becomes ``libc6:amd64=2.41`` when libc6:i386 is installed beside it. It
    is the one of the same version, or the first by name: that is the machine's own on
    amd64 beside i386, and on arm64 beside armhf.
    """
    if "" in old and "" not in new and new:
        return _named(old, new), new
    if "" in new and "" not in old and old:
        return old, _named(new, old)
    return old, new


def _named(one: Versions, several: Versions) -> Versions:
    version = one[""]
    same = [arch for arch, other in sorted(several.items()) if other == version]
    return {(same or sorted(several))[0]: version}


def _changes(name: str, old: Versions, new: Versions, order: Order) -> Iterable[PackageChange]:
    for arch in sorted({*old, *new}):
        before, after = old.get(arch, ""), new.get(arch, "")
        if before != after:
            full = f"{name}:{arch}" if arch else name
            kind = _kind(before, after, order)
            yield PackageChange(name=full, before=before, after=after, kind=kind)


def _kind(before: str, after: str, order: Order) -> Kind:
    if not before:
        return Kind.ADDED
    if not after:
        return Kind.REMOVED
    found = order(before, after)
    if found == 0:
        return Kind.CHANGED
    return Kind.UPGRADED if found < 0 else Kind.DOWNGRADED
