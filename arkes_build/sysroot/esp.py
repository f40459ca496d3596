"""Bring the boot menu of the EFI system partition to what the deployments are.

libostree cannot write to a FAT file system, so this step follows each change: at shutdown, after
commands, at each boot. It may be cut at any moment; the next one finishes it. The order is

1. a deployment's lasting link, and its kernel, complete under their names;
2. its entry;
3. only when all that are to be there are: entries, kernels and links that nobody has any more.

So at each moment the menu has a complete entry of a deployment that is there, and nothing in it
leads nowhere.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from arkes_build.core.atomic import remove_durably, write_atomically
from arkes_build.core.errors import DiskFull
from arkes_build.sysroot import kernels, links
from arkes_build.sysroot.entries import ENTRIES, Entry, EntryName, entry_text, key_of
from arkes_build.sysroot.errors import EspFull, KernelMissing, NothingBootable
from arkes_build.sysroot.loader import bring_loader
from arkes_build.sysroot.menu import counters, read_entries, remove_entries
from arkes_build.sysroot.model import TRIES, Counter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from arkes_build.sysroot.kernels import Kernel
    from arkes_build.sysroot.model import Deployment


class Listed(Protocol):
    """What of a sysroot is needed here."""

    @property
    def path(self) -> Path:
        """Return the root of the file system that the deployments are on."""
        ...

    def deployments(self) -> tuple[Deployment, ...]:
        """Return the deployments, the default first."""
        ...

    def changing(self) -> AbstractContextManager[None]:
        """Hold the lock, and make the file system writable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A deployment that is not offered, and why."""

    checksum: str
    serial: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a sync did: paths on the ESP that were written and removed, and who is not offered."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A deployment that can boot, with its kernel."""

    deployment: Deployment
    kernel: Kernel

    @property
    def key(self) -> tuple[str, int]:
        """Return the key of its entries."""
        return key_of(self.deployment.checksum, self.deployment.serial)


def sync(sysroot: Listed, esp: Path, *, anew: Collection[tuple[str, int]] = ()) -> Synced:
    """Write what is missing on the ESP, then remove what is not needed.

    Deployments named in ``anew`` (checksum and serial) get all their tries again. Raises
    ``EspFull`` with everything that was there still in place, ``NothingBootable``.
    """
    with sysroot.changing():
        deployments = sysroot.deployments()
        offers, refused = _examine(deployments)
        if not offers:
            raise NothingBootable(sysroot.path)
        _sweep(esp)
        written = [*bring_loader(_trusted_tree(deployments), esp)]
        for offer in offers:
            links.ensure_link(sysroot.path, offer.deployment)
        full: list[EspFull] = []
        written += _bring_kernels(deployments, offers, esp, refused, full)
        standing = [offer for offer in offers if kernels.is_there(offer.kernel, esp)]
        fresh = {key_of(*each) for each in anew}
        # A staged one is not finished: its /etc is merged at shutdown, and then it is offered.
        written += _bring_entries([o for o in standing if not o.deployment.is_staged], esp, fresh)
        if full:
            raise full[0]
        if not standing:
            raise NothingBootable(sysroot.path)
        removed = _let_go(deployments, standing, esp)
        links.drop_links(sysroot.path, {links.link_name(each) for each in deployments})
    return Synced(written=tuple(written), removed=tuple(removed), refused=tuple(refused))


def _examine(deployments: Sequence[Deployment]) -> tuple[list[Offer], list[Refused]]:
    offers, refused = [], []
    for each in deployments:
        try:
            kernel = kernels.kernel_of(each.path, commit=each.checksum, checksum=each.boot)
        except KernelMissing as error:
            refused.append(Refused(checksum=each.checksum, serial=each.serial, why=error.why))
        else:
            offers.append(Offer(deployment=each, kernel=kernel))
    return offers, refused


def _trusted_tree(deployments: Sequence[Deployment]) -> Path:
    """Return the tree whose boot loader the ESP gets: one that came up, if there is any."""
    best = [each for each in deployments if each.is_blessed] or list(deployments)
    return next((each for each in best if each.is_booted), best[0]).path


def _bring_kernels(
    deployments: Sequence[Deployment],
    offers: Sequence[Offer],
    esp: Path,
    refused: list[Refused],
    full: list[EspFull],
) -> Iterator[str]:
    """Copy the kernels that are missing, the default's first; give their folders."""
    for offer in offers:
        if kernels.is_there(offer.kernel, esp):
            continue
        who = offer.deployment
        try:
            _bring_kernel(offer, lambda: _let_go(deployments, offers, esp), esp)
        except KernelMissing as error:
            refused.append(Refused(checksum=who.checksum, serial=who.serial, why=error.why))
        except EspFull as error:
            full.append(error)
        else:
            yield offer.kernel.folder


def _bring_kernel(offer: Offer, make_room: Callable[[], object], esp: Path) -> None:
    """Copy a kernel; when it does not fit, let go what no deployment has, and try again."""
    commit = offer.deployment.checksum
    try:
        kernels.bring(offer.kernel, esp, commit=commit)
    except DiskFull as error:
        make_room()
        try:
            kernels.bring(offer.kernel, esp, commit=commit)
        except DiskFull:
            raise EspFull(esp, needed=offer.kernel.bytes, free=free(esp)) from error


def free(esp: Path) -> int:
    """Return how many bytes the ESP has left."""
    state = os.statvfs(esp)
    return state.f_bavail * state.f_frsize


def _bring_entries(
    offers: Sequence[Offer], esp: Path, anew: Collection[tuple[str, int]]
) -> Iterator[str]:
    """Write the entries that are missing or say something else, the default's last."""
    held = {each.name.key: each for each in read_entries(esp)}
    known = counters(esp)
    ranks = _ranks(offers, {key: each.entry for key, each in held.items()})
    for offer in reversed(offers):
        counter = known.get(offer.key, Counter(left=TRIES))
        if offer.key in anew:
            counter = Counter(left=TRIES)
        checksum, serial = offer.key
        name = EntryName(checksum=checksum, serial=serial, counter=counter)
        place = esp / ENTRIES / name.file
        data = entry_text(_entry(offer, ranks[offer.key]))
        if not (place.is_file() and place.read_bytes() == data):
            try:
                write_atomically(place, data)
            except DiskFull as error:
                raise EspFull(esp, needed=len(data), free=free(esp)) from error
            yield f"{ENTRIES}/{name.file}"
        yield from _remove_doubles(esp, name)


def _remove_doubles(esp: Path, kept: EntryName) -> Iterator[str]:
    """Remove a deployment's entries with another counter than the one that was kept."""
    for held in read_entries(esp):
        if held.name.key == kept.key and held.name != kept:
            remove_durably(esp / ENTRIES / held.name.file)
            yield f"{ENTRIES}/{held.name.file}"


def _ranks(
    offers: Sequence[Offer], held: dict[tuple[str, int], Entry | None]
) -> dict[tuple[str, int], int]:
    """Give each deployment a rank above those behind it, and change as few as can be."""
    highest = max((entry.rank for entry in held.values() if entry is not None), default=0)
    ranks: dict[tuple[str, int], int] = {}
    before = 0
    for offer in reversed(offers):
        entry = held.get(offer.key)
        if entry is not None and entry.rank > before:
            before = entry.rank
        else:
            highest += 1
            before = highest
        ranks[offer.key] = before
    return ranks


def _entry(offer: Offer, rank: int) -> Entry:
    arguments = (links.kernel_argument(offer.deployment), *offer.deployment.kargs)
    return Entry(
        title=_title(offer.deployment),
        rank=rank,
        linux=f"{offer.kernel.folder}/linux",
        initrd=f"{offer.kernel.folder}/initrd",
        options=" ".join(arguments),
    )


def _title(deployment: Deployment) -> str:
    """Return what the menu calls a deployment: two of one release differ in the last word."""
    from arkes_build.sysroot.release import pretty_name

    name = pretty_name(deployment.path) or deployment.version or deployment.stateroot
    return f"{name} ({deployment.checksum[:7]}.{deployment.serial})"


def _let_go(deployments: Sequence[Deployment], offers: Sequence[Offer], esp: Path) -> list[str]:
    """Remove what belongs to no deployment that can boot; the running one is left alone."""
    wanted = {offer.key for offer in offers}
    wanted |= {key_of(each.checksum, each.serial) for each in deployments if each.is_booted}
    gone = remove_entries(esp, wanted)
    named = {os.path.dirname(held.entry.linux) for held in read_entries(esp) if held.entry}  # noqa: PTH120 - a path on the ESP, as text
    return gone + _remove_kernels(esp, named | {offer.kernel.folder for offer in offers})


def _remove_kernels(esp: Path, wanted: Collection[str]) -> list[str]:
    gone = [folder for folder in kernels.on_esp(esp) if folder not in wanted]
    for folder in gone:
        kernels.forget(esp, folder)
    return gone


def _sweep(esp: Path) -> None:
    """Remove what a cut left of files that were being written."""
    for folder in (ENTRIES, "EFI/BOOT", "EFI/systemd", "loader"):
        for path in (esp / folder).glob(".*.new"):
            path.unlink()
    for folder in kernels.on_esp(esp):
        for path in (esp / folder).glob(".*.new"):
            path.unlink()
