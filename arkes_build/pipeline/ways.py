"""Find where a test of an upgrade begins, and see that a machine there takes what is signed here.

Both are asked before anything is made or booted: an upgrade that cannot be is no news of a
release, and would be known only minutes later.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.history.view import View
from arkes_build.store.gnupg import Session, keys_home
from arkes_build.store.signed import Distrusted
from arkes_build.store.signing import (
    FOLDER,
    MOST,
    KeyringUnreadable,
    available_keys,
    keys_in,
    trusted_keyrings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from arkes_build.history.commits import CommitInfo, History
    from arkes_build.store.signing import SigningKey

_INSIDE = tuple(f"usr/{place}/ostree/trusted.gpg.d" for place in ("share", "etc"))
"""Where a tree has the keyrings that `os` verifies with."""
_SHORT = 12


class NoUpgrade(ArkesError):
    """Report a release from which no machine upgrades to the one that is to be tested."""

    exit_code = ExitCode.USAGE

    def __init__(self, old: CommitInfo, new: CommitInfo, *, why: str) -> None:
        super().__init__(
            f"no machine upgrades from {_named(old)} to {_named(new)}: {why}",
            resolution=f"name an older release of {new.node}, such as {new.node}^, or the "
            f"beginning of its checksum; `arkes-build log {new.node}` lists them",
        )


class KeyNeeded(Distrusted):
    """Report that a machine of the older release would refuse whatever is signed here."""

    def __init__(self, old: CommitInfo, *, why: str, details: str, resolution: str) -> None:
        super().__init__(
            f"no upgrade of {_named(old)} can be tested: {why}",
            details=details,
            resolution=resolution,
        )


def beginning(history: History, word: str, new: CommitInfo) -> CommitInfo:
    """Return the release that is upgraded from; raises ``CommitUnknown``, ``NoUpgrade``."""
    old = history.commit(history.resolve(word))
    if old.node != new.node:
        raise NoUpgrade(old, new, why=f"it is a release of {old.node or 'no node'}")
    if old.checksum == new.checksum:
        raise NoUpgrade(old, new, why="that is the same release")
    if old.timestamp > new.timestamp:
        raise NoUpgrade(old, new, why="that one is younger")
    if not old.kernel:
        raise NoUpgrade(old, new, why="it has no kernel, so it does not boot")
    return old


def must_be_trusted(root: Path, history: History, old: CommitInfo) -> None:
    """Raise ``KeyNeeded`` unless a machine of a release trusts a key that signs here."""
    if not trusted_keyrings(root):
        raise KeyNeeded(
            old,
            why="there is no signing key",
            details=f"there is no keyring in {root / FOLDER}",
            resolution="machines take signed updates only: `arkes-build keys new` makes a key, "
            "and the release that is built next has its public half; upgrades from that one on "
            "can be tested",
        )
    keys = available_keys(root)
    if not keys:
        raise KeyNeeded(
            old,
            why="the signing key is not here",
            details=f"{keys_home()} has no secret key that the project trusts",
            resolution="let ARKES_KEYS name the folder that has it (`arkes-build keys list` "
            "tells), or make another with `arkes-build keys new --name NAME`",
        )
    known = {key.fingerprint: key for key in _trusted(history, old)}
    if not known.keys() & {key.fingerprint for key in keys}:
        raise KeyNeeded(
            old,
            why="it trusts none of the keys that sign here",
            details=f"it trusts {_owners(known.values())}; {_owners(keys)} signs here",
            resolution="begin at a release that was built after `arkes-build keys new`: build "
            "once, change something, build again, and test that upgrade",
        )


def _trusted(history: History, old: CommitInfo) -> Iterator[SigningKey]:
    """Give the keys in a tree's keyrings; a file that is none is libostree's to ignore."""
    view = View(history.trees, old.root)
    files = (
        view.file(f"{place}/{name}")
        for place in _INSIDE
        for name in view.names(place)
        if name.endswith(".gpg")
    )
    paths = [Path(history.trees.path(checksum, ".file")) for checksum in files if checksum]
    with Session() as session:
        for path in paths:
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= MOST:
                with suppress(KeyringUnreadable):
                    yield from keys_in(path, session)


def _owners(keys: Iterable[SigningKey]) -> str:
    return ", ".join(sorted(key.owner or key.fingerprint for key in keys)) or "no key"


def _named(commit: CommitInfo) -> str:
    version = f" {commit.version}" if commit.version else ""
    return f"{commit.node or 'a commit'}{version} ({commit.checksum[:_SHORT]})"
