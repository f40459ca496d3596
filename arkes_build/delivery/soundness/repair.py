"""Make a repository whole again from what is still good elsewhere, and from what is known.

A damaged object is set aside first and let go when a good one stands in its place, so that
a kill at any moment loses nothing: what is then missing is repaired by the next run. Whatever
is written is held against its checksum by libostree or by us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.errors import ArkesError, DiskFull
from arkes_build.delivery.soundness import rewriting
from arkes_build.delivery.soundness.anew import Images, from_layers, write_anew
from arkes_build.delivery.soundness.aside import Aside
from arkes_build.delivery.soundness.bits import BY_BIT, mended
from arkes_build.delivery.soundness.damage import Kind, Thing, ordered
from arkes_build.delivery.soundness.fsck import World, refresh
from arkes_build.delivery.soundness.variants import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from arkes_build.delivery.soundness.donor import Donor
    from arkes_build.store.repository import Repository

ROUNDS = 8
"""Most times that a repair looks what a repaired directory still lacks below it."""
BY_LAYERS = "written anew from the engine's layers"


@dataclass(slots=True, kw_only=True)
class Repairer:
    """Repair one world with what there is; ``how`` tells what was done about what."""

    world: World
    repository: Repository | None = None
    """The store's, when it is a store."""
    images: Images | None = None
    donor: Donor | None = None
    note: Callable[[str], None] = field(default=lambda _text: None)
    how: dict[str, str] = field(default_factory=dict)

    def repair(self) -> None:
        """Do all that can be done; what is left is found by looking again."""
        aside = Aside(self.world.repository, self.world.checker)
        try:
            rewriting.refs(self.world, self.donor, self.how)
            self._objects(aside)
            if self.world.store is not None:
                # Nobody may build on a commit that is not what its name says.
                self._take(aside, [one for one in self.world.bad if one.kind is Kind.COMMIT])
        finally:
            aside.settle()
        refresh(self.world)
        rewriting.forget(self.world, aside, self.how)
        rewriting.books(self.world, self.how)
        rewriting.served(self.world, self.donor, self.how)
        refresh(self.world)

    def _objects(self, aside: Aside) -> None:
        """Bring objects back; each round sees further into trees that were cut off before."""
        for _round in range(ROUNDS):
            before = self.world.bad
            if not before:
                return
            self._commits_first()
            self._from_layers(aside)
            self._from_donor(aside)
            self._by_bit([thing for thing in self.world.bad if thing.kind is not Kind.FILE])
            if self.world.bad == before:
                return

    def _commits_first(self) -> None:
        """Without its commit nobody knows which tree is to be made whole."""
        commits = [thing for thing in self.world.bad if thing.kind is Kind.COMMIT]
        self._by_copy(commits)
        self._by_bit([thing for thing in commits if thing in self.world.bad])

    def _by_copy(self, things: Iterable[Thing]) -> None:
        """Take what is no file from the donor: whole, and over the damaged one."""
        donor = self.donor
        for thing in ordered(things) if donor else ():
            data = donor.metadata(thing) if donor else None
            if data is not None:
                self._put(thing, data, f"fetched from {donor.where}" if donor else "")
        refresh(self.world)

    def _by_bit(self, things: Iterable[Thing]) -> None:
        for thing in ordered(things):
            if thing.kind is not Kind.SIGNATURE and thing in self.world.seen.troubles:
                data = mended(read(self._path(thing)), thing.checksum)
                if data is not None:
                    self._put(thing, data, BY_BIT)
        refresh(self.world)

    def _put(self, thing: Thing, data: bytes, how: str) -> None:
        write_atomically(self._path(thing), data)
        if not self.world.checker.trouble(thing):
            self.how[thing.checksum] = how

    def _path(self, thing: Thing) -> Path:
        from pathlib import Path

        return Path(self.world.checker.path(thing))

    def _take(self, aside: Aside, things: Iterable[Thing]) -> None:
        # A kill right here: what is missing is found by the next run, and made the same way.
        aside.take(thing for thing in things if thing in self.world.seen.troubles)
        refresh(self.world)

    def _from_layers(self, aside: Aside) -> None:
        if self.images is None or self.repository is None:
            return
        layers = {
            Thing(Kind.COMMIT, commit)
            for path, commit in self.world.refs.items()
            if path.startswith("refs/heads/arkes-layers/")
        }
        wanted = [*from_layers(self.world.bad), *(layers & self.world.bad)]
        if not wanted:
            return
        self._take(aside, wanted)
        try:
            write_anew(self.world, self.repository, self.images)
        except DiskFull:
            raise  # what is done next would take this for a loss
        except ArkesError as error:
            self.note(f"the engine's layers do not help: {error.brief}")
        self._told(wanted, BY_LAYERS)

    def _from_donor(self, aside: Aside) -> None:
        if self.donor is None:
            return
        self._by_copy(thing for thing in self.world.bad if thing.kind is not Kind.FILE)
        files = ordered(thing for thing in self.world.bad if thing.kind is Kind.FILE)
        self._take(aside, files)
        for thing in files:
            self.donor.give_file(self.world.repo, thing.checksum)
        self._told(files, f"fetched from {self.donor.where}")

    def _told(self, things: Iterable[Thing], how: str) -> None:
        before = self.world.bad
        refresh(self.world)
        for thing in before & frozenset(things):
            if thing not in self.world.bad:
                self.how[thing.checksum] = how
