"""Hold `arkes.lock`: the very package files, images and downloads that every node is made of.

The file is TOML with one line for each package. A node lists what it has beyond the node that
it stands on, so that an update of one package changes one line.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arkes_build.core.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOCK_FILE = "arkes.lock"
FORMAT = 1
AUR = "aur:"
"""How the ``file`` of a package begins that was built from the AUR: ``aur:NAME@COMMIT``."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PackageFile:
    """One package as a file: what it is, and the bytes that it is made of.

    ``file`` is the path below the archive's URL (apt: ``pool/main/…``) or ``REPOSITORY/NAME``
    (pacman), without any host, so that another mirror serves as well. What was built from the
    AUR has ``aur:NAME@COMMIT`` there, and neither size nor sha256: no two builds agree.
    """

    name: str
    version: str
    arch: str
    size: int = 0
    """Bytes."""
    sha256: str = ""
    file: str = ""

    @property
    def is_built(self) -> bool:
        """Tell whether it was built from the AUR rather than downloaded."""
        return self.file.startswith(AUR)

    @property
    def line(self) -> str:
        """Return it as the helper scripts in an image read and write it."""
        sha256 = self.sha256 or "-"
        return f"{self.name} {self.version} {self.arch} {self.size} {sha256} {self.file or '-'}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Download:
    """A file that ADD fetches."""

    url: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLock:
    """All that one node is made of.

    ``packages`` is the whole set that is installed, what the nodes below brought included;
    ``tools`` were there for a while only, as a compiler is. ``images`` maps an image of
    elsewhere, as a FROM names it, to its digest.
    """

    on: str = ""
    """The node that it stands on; empty for none of this project."""
    packages: tuple[PackageFile, ...] = ()
    tools: tuple[PackageFile, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    downloads: tuple[Download, ...] = ()
    asked: tuple[str, ...] = ()
    """The packages that its own lines ask for: a line that is newer than the lock shows."""

    @property
    def fingerprint(self) -> str:
        """Return a digest of all that it is made of: what a record keeps of a build."""
        return digest(
            {
                "packages": sorted(one.line for one in self.packages),
                "images": dict(self.images),
                "downloads": [[one.url, one.sha256] for one in sorted(self.downloads)],
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLock:
    """The nodes of one family and architecture, and the day that their packages are of."""

    suite: str = ""
    snapshot: str = ""
    nodes: Mapping[str, NodeLock] = field(default_factory=dict)

    def own(self, node: str) -> tuple[PackageFile, ...]:
        """Return the files that a node itself installs: not those that it stands on has."""
        mine = self.nodes[node]
        below = self.nodes.get(mine.on)
        known = set(below.packages) if below is not None else set()
        return tuple(sorted({*mine.packages, *mine.tools} - known))


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """The whole of ``arkes.lock``: one part for each ``FAMILY.ARCHITECTURE``."""

    targets: Mapping[tuple[str, str], TargetLock] = field(default_factory=dict)

    def target(self, family: str, arch: str) -> TargetLock:
        """Return a part, empty when there is none."""
        return self.targets.get((family, arch), TargetLock())

    def with_target(self, family: str, arch: str, target: TargetLock) -> LockFile:
        """Return the file with one part replaced."""
        return replace(self, targets={**self.targets, (family, arch): target})


def noted_text(files: Iterable[PackageFile]) -> str:
    """Return the lines of some files as an image keeps them, and as a build gets them."""
    return "".join(f"{line}\n" for line in sorted({one.line for one in files}))


def resolve(
    installed: Iterable[str], recorded: Iterable[PackageFile], below: Iterable[PackageFile]
) -> tuple[NodeLock, tuple[str, ...]]:
    """Return the packages and tools of a node, and the packages whose file nobody noted.

    ``installed`` holds ``name=version`` or ``name:arch=version``; ``recorded`` every file
    that was ever installed in the tree; ``below`` those of the tree that it stands on.
    """
    files: dict[str, PackageFile] = {}
    for one in sorted(recorded):
        files[f"{one.name}={one.version}"] = one
        files[f"{one.name}:{one.arch}={one.version}"] = one
    wanted = list(installed)
    found = {files[name] for name in wanted if name in files}
    tools = set(files.values()) - found - set(below)
    missing = tuple(name for name in wanted if name not in files)
    return NodeLock(packages=tuple(sorted(found)), tools=tuple(sorted(tools))), missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One package that is not what the lock says; None where one side has none."""

    name: str
    locked: PackageFile | None
    found: PackageFile | None

    def __str__(self) -> str:
        """Say both sides in one line."""
        if self.locked is None and self.found is not None:
            return f"{self.name} {self.found.version} is not in the lock"
        if self.found is None and self.locked is not None:
            return f"{self.name} {self.locked.version} is in the lock, but not in the node"
        ours, theirs = _sides(self.locked, self.found)
        return f"{self.name}: locked {ours}, found {theirs}"


def _sides(locked: PackageFile | None, found: PackageFile | None) -> tuple[str, str]:
    if locked is None or found is None:
        return "nothing", "nothing"
    if locked.version != found.version:
        return locked.version, found.version
    if locked.arch != found.arch:
        return f"{locked.version} for {locked.arch}", f"for {found.arch}"
    if locked.sha256 != found.sha256:
        return f"{locked.version} sha256:{locked.sha256}", f"sha256:{found.sha256}"
    return f"{locked.version} {locked.file or 'of no file'}", found.file or "of no file"


def deviations(locked: NodeLock, found: NodeLock) -> tuple[Deviation, ...]:
    """Return what differs between the packages of a node and its lock, by name.

    Tools are held against the lock only where both have them: one that a package manager
    did not need this time is no difference in what was made.
    """
    changed: list[Deviation] = []
    pairs = _by_name(locked.packages), _by_name(found.packages)
    for name in sorted(pairs[0].keys() | pairs[1].keys()):
        ours, theirs = (side.get(name, ()) for side in pairs)
        changed += _differences(name, ours, theirs)
    allowed = {*locked.tools, *locked.packages}
    known = ChainMap(_by_name(locked.tools), pairs[0])
    for one in found.tools:
        if one not in allowed:
            locked_one = next(iter(known.get(one.name, ())), None)
            changed.append(Deviation(name=one.name, locked=locked_one, found=one))
    return tuple(changed)


def _by_name(files: Iterable[PackageFile]) -> dict[str, tuple[PackageFile, ...]]:
    found: dict[str, tuple[PackageFile, ...]] = {}
    for one in sorted(files):
        found[one.name] = (*found.get(one.name, ()), one)
    return found


def _differences(
    name: str, ours: tuple[PackageFile, ...], theirs: tuple[PackageFile, ...]
) -> Iterable[Deviation]:
    left = [one for one in ours if one not in theirs]
    new = [one for one in theirs if one not in ours]
    for at in range(max(len(left), len(new))):
        yield Deviation(
            name=name,
            locked=left[at] if at < len(left) else None,
            found=new[at] if at < len(new) else None,
        )
