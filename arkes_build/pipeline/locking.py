"""Hold a build against `arkes.lock`: what it may take, and what came out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.bootstrap.kept import LockedFileDiffers, LockedFileGone
from arkes_build.core.digest import file_digest
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.pipeline.outside import fetch, urls, with_digest
from arkes_build.plan.actions import Reason
from arkes_build.project.lock_text import read_lock
from arkes_build.project.lockfile import (
    LOCK_FILE,
    Deviation,
    NodeLock,
    PackageFile,
    deviations,
    noted_text,
)
from arkes_build.project.model import ContextFile, NodeKind
from arkes_build.project.rules.declared import asked_by
from arkes_build.render.locked import FOLDER, Locked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from arkes_build.core.source import Span
    from arkes_build.engine.errors import BuildStepFailed
    from arkes_build.pipeline.blueprint import Blueprint
    from arkes_build.plan.state import Record
    from arkes_build.project.lockfile import Download, TargetLock
    from arkes_build.project.model import Bootstrap, ResolvedVariant

NOT_OF_THE_LOCK = Reason(text=f"its packages are not those of {LOCK_FILE}")
_SHOWN = 20
_DIFFERS = re.compile(r"arkes-lock: differs (\S+) (\S+) (\S+) (\S+) *(.*)")
_GONE = re.compile(r"arkes-lock: gone (\S+) (\S+) (\S+) (\S+)")
_LOG_END = 1 << 20
_FILE_MODE = 0o600


class LockStale(ArkesError):
    """Report that the project's files say something that the lock does not know."""

    exit_code = ExitCode.LOCKED

    def __init__(self, brief: str, *, where: Span | None = None, resolution: str = "") -> None:
        super().__init__(
            f"{LOCK_FILE} is older than the project's files: {brief}",
            where=where,
            resolution=resolution
            or "build the node without --locked and lock what came out with `arkes-build lock`",
        )


class LockDeviation(ArkesError):
    """Report that a node did not become what the lock says."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, found: Iterable[Deviation]) -> None:
        lines = [str(one) for one in found]
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        shown = lines[:_SHOWN] + ([f"… {len(lines) - _SHOWN} more"] if lines[_SHOWN:] else [])
        super().__init__(
            f"{node}: {lines[0]}{more}",
            details="\n".join(shown) if len(lines) > 1 else "",
            resolution="nothing was committed. `arkes-build update` moves the lock forward; a "
            "package that no helper script installed cannot be held to it",
        )


class DownloadDiffers(ArkesError):
    """Report that a server gives another file than the locked one."""

    exit_code = ExitCode.LOCKED

    def __init__(self, node: str, locked: Download, found: Download) -> None:
        super().__init__(
            f"{node}: {locked.url} is not the file of {LOCK_FILE}",
            details=f"locked sha256:{locked.sha256} ({locked.size} bytes)\n"
            f" found sha256:{found.sha256} ({found.size} bytes)",
            resolution=f"see what changed there; `arkes-build lock {node}` takes the new one",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockdown:
    """One locked run: what each node may take, and whether it became that."""

    target: TargetLock
    cache: Path
    """Where verified downloads are kept, by sha256."""

    def forced(self, records: Mapping[str, Record], nodes: Iterable[str]) -> dict[str, Reason]:
        """Return the nodes whose last build is not what the lock says."""
        return {
            name: NOT_OF_THE_LOCK
            for name in nodes
            if name in records
            and name in self.target.nodes
            and records[name].made_of != self.target.nodes[name].fingerprint
        }

    def bootstrap(self, node: str) -> tuple[PackageFile, ...]:
        """Return the files that a bootstrap may take."""
        return self.target.nodes[node].packages

    def locked(self, node: ResolvedVariant) -> Locked:
        """Return what a node's text may take; fetches and compares its downloads.

        Raises ``DownloadDiffers`` and ``FetchFailed``.
        """
        mine = self.target.nodes[node.name]
        own = self.target.own(node.name)
        # Also a node that adds nothing gets a list: it may not take anything then.
        lines = noted_text(own) if mine.packages or own else ""
        return Locked(
            packages=lines or ("# nothing\n" if mine.packages else ""),
            images={name: with_digest(name, digest) for name, digest in mine.images.items()},
            downloads={one.url: self._download(node.name, one) for one in mine.downloads},
        )

    def _download(self, node: str, locked: Download) -> ContextFile:
        root = self.cache / "downloads"
        path = f"{FOLDER}/{locked.sha256}"
        kept = root / path
        if not kept.is_file() or file_digest(kept) != locked.sha256:
            kept.parent.mkdir(parents=True, exist_ok=True)
            beside = kept.with_suffix(f".{node}")
            found = fetch(locked.url, beside)
            if found != locked:
                beside.unlink()
                raise DownloadDiffers(node, locked, found)
            beside.replace(kept)
        kept.chmod(_FILE_MODE)
        return ContextFile(
            path=path,
            type="file",
            mode=_FILE_MODE,
            digest=locked.sha256,
            size=locked.size,
            root=root,
        )

    def check(self, node: str, found: NodeLock, missing: Iterable[str]) -> None:
        """Raise ``LockDeviation`` when a node is not what the lock says.

        ``missing`` are packages (``name=version``) whose file nobody noted.
        """
        locked = self.target.nodes[node]
        strange = tuple(_strange(name) for name in missing)
        whole = replace(found, packages=(*found.packages, *strange))
        if differing := deviations(locked, whole):
            raise LockDeviation(node, differing)


def _strange(package: str) -> PackageFile:
    name, _, version = package.partition("=")
    return PackageFile(name=name.partition(":")[0], version=version, arch="?")


def open_lock(blueprint: Blueprint, cache: Path) -> Lockdown:
    """Return the lock of a project for one family and architecture, if it fits the files.

    Raises ``LockMissing``, ``LockUnreadable`` and ``LockStale``.
    """
    lock = read_lock(blueprint.project.root)
    target = lock.target(blueprint.family.value, blueprint.arch.value)
    names = blueprint.graph.needs(blueprint.targets or blueprint.graph.order())
    for name in names:
        _refuse_stale(blueprint.graph.node(name), target)
    return Lockdown(target=target, cache=cache)


def _refuse_stale(node: ResolvedVariant, target: TargetLock) -> None:
    """Raise ``LockStale`` when the files say something that the lock does not know."""
    file = node.file.source.span(0, 0) if node.file is not None else None
    if node.name not in target.nodes:
        raise LockStale(f"it has no node {node.name}", where=file)
    if node.kind is NodeKind.BOOTSTRAP and node.bootstrap is not None:
        _refuse_other_day(node.bootstrap, target)
    locked = target.nodes[node.name]
    if locked.on != (node.parent or ""):
        stands = node.parent or "nothing of this project"
        before = locked.on or "nothing of this project"
        raise LockStale(f"{node.name} stands on {stands}, not on {before}", where=file)
    asked = asked_of(node)
    known = {one.url for one in locked.downloads}
    for word, span in asked.items():
        if word not in locked.asked:
            raise LockStale(f"{node.name} asks for {word}", where=span)
    for text in (
        *(f"asks for {word} no more" for word in locked.asked if word not in asked),
        *(f"fetches {url}" for url in urls(node) if url not in known),
    ):
        raise LockStale(f"{node.name} {text}", where=file)


def _refuse_other_day(bootstrap: Bootstrap, target: TargetLock) -> None:
    ours, theirs = (
        " ".join(filter(None, each)) or "no suite"
        for each in ((bootstrap.suite, bootstrap.snapshot), (target.suite, target.snapshot))
    )
    if ours != theirs:
        raise LockStale(
            f"arkes.toml asks for {ours}, the lock is of {theirs}",
            resolution="build without --locked, then lock what came out with `arkes-build lock`",
        )


def asked_of(node: ResolvedVariant) -> dict[str, Span | None]:
    """Return the packages that a node's own lines ask for, and where."""
    if node.bootstrap is not None:
        return dict.fromkeys(sorted(node.bootstrap.packages))
    return dict(asked_by(node.instructions))


def as_deviation(error: BuildStepFailed) -> ArkesError:
    """Return what the helper scripts said of the lock in a failed step, else the error.

    They say it on lines of the log: nothing else comes out of a build that failed.
    """
    try:
        with error.log.open("rb") as stream:
            stream.seek(max(0, error.log.stat().st_size - _LOG_END))
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return error
    if told := _DIFFERS.search(text):
        return _differs(error.node, told)
    if gone := _GONE.findall(text):
        files = {(name, version, file) for name, version, _sum, file in gone}
        return LockedFileGone(error.node, sorted(files))
    return error


def _differs(node: str, told: re.Match[str]) -> ArkesError:
    name, version, found, file, rest = told.groups()
    known = rest.split()
    sums = dict(zip(known[::2], known[1::2], strict=False))
    if version in sums:
        locked = PackageFile(name=name, version=version, arch="?", sha256=sums[version], file=file)
        return LockedFileDiffers(node, locked, found=found)
    other = PackageFile(name=name, version=version, arch="?")
    ours = next(iter(sums.items()), None)
    locked_one = PackageFile(name=name, version=ours[0], arch="?", sha256=ours[1]) if ours else None
    return LockDeviation(node, [Deviation(name=name, locked=locked_one, found=other)])
