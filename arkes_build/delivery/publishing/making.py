"""Make static deltas side by side, in as much memory as there is, and keep those that pay.

``ostree static-delta generate`` does the work, in a process of its own for each: what it
holds in memory goes with it, and it dies with us. It writes into a folder of ``tmp``, which
gets the delta's name when all of it is on the disk; what a killed run left there is swept
away by the next.

How much it needs was measured with libostree 2022.7. A part of 32 MB and its compression
take 450 MB. bsdiff takes 17.5 bytes for each byte of the older file, and the limit is on both
files together: with 128 MB that is 1.1 GB for two of 64 MB. So a job may take 1.6 GB. Files
beyond that are compared by rolling checksums, which take next to nothing.
"""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.atomic import place_folder
from arkes_build.core.errors import DiskFull, ProcessFailed
from arkes_build.core.process import run
from arkes_build.delivery.publishing.deltas import SUPERBLOCK, Pair, read
from arkes_build.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORK = "tmp/arkes-deltas"
JOB_MEMORY = 1_600_000_000
"""Bytes that one delta may take to make."""
LARGEST_BSDIFF = 128
"""Megabytes of an old and a new file together, up to which bsdiff compares them."""
LARGEST_IN_PART = 64
"""Megabytes of a file from which on it is fetched alone: a client holds a part in memory."""
INLINE = 256 << 10
"""Bytes of objects up to which a delta is one file, so that one request brings it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A delta to make, and what its objects would cost without it, in bytes."""

    pair: Pair
    objects: int


def make(
    repository: Path, orders: Sequence[Order], *, jobs: int, on_made: Callable[[Order, int], None]
) -> None:
    """Make the deltas; ``on_made`` hears the size of each, from any thread.

    One that is not smaller than its objects is thrown away. Raises ``DiskFull`` and
    ``StoreError``; those that were finished stay.
    """
    work = repository / WORK
    shutil.rmtree(work, ignore_errors=True)
    if not orders:
        return
    pool = ThreadPoolExecutor(min(jobs, hands()))
    try:
        # The largest first, or it would be the one that everybody waits for at the end.
        ordered = sorted(orders, key=lambda order: (-order.objects, order.pair))
        waiting = [pool.submit(_make_one, repository, order) for order in ordered]
        for order, future in zip(ordered, waiting, strict=True):
            on_made(order, future.result())
    finally:
        pool.shutdown(cancel_futures=True)
        shutil.rmtree(work, ignore_errors=True)


def hands(available: int | None = None) -> int:
    """Return how many deltas may be made at a time: by cores, and by memory that is free."""
    free = _free_memory() if available is None else available
    return max(1, min(os.cpu_count() or 1, free // JOB_MEMORY))


def _make_one(repository: Path, order: Order) -> int:
    folder = repository / WORK / order.pair.name
    is_small = order.objects <= INLINE
    size = _generate(repository, order.pair, folder, inline=is_small)
    if size >= order.objects and is_small:
        # The names of what is within cost some bytes; beside, they cost a request.
        size = _generate(repository, order.pair, folder, inline=False)
    if size < order.objects:
        place_folder(folder, repository / order.pair.folder)
    else:
        shutil.rmtree(folder)
    return size


def _generate(repository: Path, pair: Pair, folder: Path, *, inline: bool) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        run(_arguments(repository, pair, folder, inline=inline))
    except ProcessFailed as error:
        raise _told(repository, pair, error) from error
    made = read(repository, pair, folder)
    if made is None:
        raise StoreError(f"the delta {pair.name} came out unreadable")
    return made.size


def _arguments(repository: Path, pair: Pair, folder: Path, *, inline: bool) -> list[str]:
    return [
        *("setpriv", "--pdeathsig=KILL", "ostree", "static-delta", "generate"),
        f"--repo={repository}",
        f"--from={pair.before}" if pair.before else "--empty",
        f"--to={pair.after}",
        f"--max-bsdiff-size={LARGEST_BSDIFF}",
        f"--min-fallback-size={LARGEST_IN_PART}",
        *(("--inline",) if inline else ()),
        f"--filename={folder / SUPERBLOCK}",
    ]


def _told(repository: Path, pair: Pair, error: ProcessFailed) -> Exception:
    if "No space left" in error.tail or "min-free-space" in error.tail:
        return DiskFull(str(repository), doing="making a delta")
    return StoreError(f"the delta {pair.name} could not be made", details=error.tail)


def _free_memory() -> int:
    """Return the bytes that a new process may take (proc(5), ``MemAvailable``; cgroups(7))."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    free = [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")]
    for limit, used in _CGROUPS:
        try:
            free.append(int(Path(limit).read_text("ascii")) - int(Path(used).read_text("ascii")))
        except (OSError, ValueError):
            continue  # no such limit, or it says "max"
    return max(0, min(free, default=0))


_V1, _V2 = "/sys/fs/cgroup/memory/memory.", "/sys/fs/cgroup/memory."
_CGROUPS = (
    (f"{_V2}max", f"{_V2}current"),
    (f"{_V1}limit_in_bytes", f"{_V1}usage_in_bytes"),
)
