"""Name the ways in which a store can refuse: foreign, too new, damaged, busy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.store.model import Holder


class StoreError(ArkesError):
    """Report that the store cannot do what it was asked."""

    exit_code = ExitCode.STORE


class StoreForeign(StoreError):
    """Report that a store holds another family or another architecture."""

    def __init__(self, path: Path, *, held: str, wanted: str) -> None:
        super().__init__(
            f"the store {path} holds {held}, not {wanted}",
            details="one store holds one family for one architecture",
            resolution=f"name another folder for {wanted}, such as --store {path}-"
            f"{wanted.replace(' for ', '-')}, or remove {path}",
        )


class StoreTooNew(StoreError):
    """Report that a newer version of the program wrote the store."""

    def __init__(self, path: Path, *, found: int, known: int) -> None:
        super().__init__(
            f"the store {path} has format {found}; this version knows up to {known}",
            resolution="upgrade arkes-build, or name another folder with --store",
        )


class StoreDamaged(StoreError):
    """Report that something in the store cannot be what was written there."""

    def __init__(self, path: Path, *, found: str) -> None:
        super().__init__(
            f"the store {path} is damaged: {found}",
            resolution="`arkes-build fsck` says what is damaged, and with --repair makes whole "
            f"what can be; to begin anew, remove {path} or name another folder with --store",
        )


class NotAStore(StoreError):
    """Report that a folder with other things in it was named as the store."""

    def __init__(self, path: Path, *, found: str) -> None:
        super().__init__(
            f"{path} is not a store, and not empty: it has {found!r}",
            resolution="name an empty folder, or one that is not there yet, with --store",
        )


class StoreReadOnly(StoreError):
    """Report that a store opened for reading was asked to write."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the store {path} was opened for reading only")


class BadNodeName(StoreError):
    """Report a node name that may not become part of a path."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:80]!r} cannot be a node's name",
            resolution="a name is lower case letters, digits and _, joined by -",
        )


class StoreBusy(StoreError):
    """Report that another run holds the store."""

    exit_code = ExitCode.STORE_BUSY

    def __init__(self, path: Path, holder: Holder | None) -> None:
        who = str(holder) if holder else "another run"
        super().__init__(
            f"the store {path} is in use by {who}",
            resolution="wait until it has ended, or use another folder with --store",
        )
        self.holder = holder


class LayerUnreadable(StoreError):
    """Report a file of a layer that cannot be committed; ``path`` is inside the layer's folder."""

    def __init__(self, path: str, *, why: str, resolution: str = "") -> None:
        decoded = os.fsencode(path).decode("utf-8", "backslashreplace")
        shown = decoded if decoded.isprintable() else repr(decoded)[1:-1]
        super().__init__(f"cannot commit '{shown}': {why}", resolution=resolution)


class LayerNeedsTree(StoreError):
    """Report a layer whose folder alone does not say what the tree is."""

    def __init__(self, chain_id: str, *, why: str) -> None:
        super().__init__(
            f"the layer {chain_id[:19]} cannot be committed from its folder: {why}",
            resolution="turn the marks off in storage.conf, then build with --rebuild:\n"
            '[storage.options.overlay]\nmountopt = "nodev,redirect_dir=off,metacopy=off"',
        )
        self.chain_id = chain_id
