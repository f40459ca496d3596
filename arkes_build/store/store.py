"""Open the folder in which a project keeps what it built."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.core.events import Notice, silent
from arkes_build.core.names import Arch, Family, is_name
from arkes_build.plan.state import State
from arkes_build.store import records, refs
from arkes_build.store.errors import (
    BadNodeName,
    NotAStore,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreReadOnly,
    StoreTooNew,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from arkes_build.core.events import Sink
    from arkes_build.plan.state import Record
    from arkes_build.store.model import Holder
    from arkes_build.store.repository import Repository

VERSION = 1
NODE_LENGTH = 200
"""Longest node name: it becomes a file's name, with an ending."""
KEY_SHOWN = 12
"""Digits of a key in the name of a log."""
_OWN = frozenset(
    {"store.json", "repo", "records", "index", "logs", "lock", "engine.json", "cache"}
    | {"rebuild", "rebuild.lock", ".gitignore", "tests", "tests.lock", "disks"}
)


class Store:
    """Hold records, logs, lock and repository of one family for one architecture."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._repository: Repository | None = None

    @classmethod
    def open(cls, path: Path, *, family: Family, arch: Arch, read_only: bool = False) -> Store:
        """Open the store at ``path``; make it on first use, unless ``read_only``.

        A store that is not there yet can be opened ``read_only``: it is empty.
        Raises ``StoreForeign``, ``StoreTooNew``, ``StoreDamaged`` or ``NotAStore``.
        """
        wanted = {"version": VERSION, "family": family.value, "arch": arch.value}
        identity = path / "store.json"
        try:
            found = json.loads(identity.read_bytes())
        except FileNotFoundError:
            _must_be_ours(path)
            if not read_only:
                write_atomically(path / ".gitignore", b"*\n")
                write_atomically(identity, json.dumps(wanted, indent=1).encode() + b"\n")
        except NotADirectoryError as error:
            raise NotAStore(path, found=path.name) from error
        except (ValueError, RecursionError) as error:
            raise StoreDamaged(path, found="store.json is no JSON") from error
        else:
            _must_match(path, found, wanted)
        return cls(path, read_only=read_only)

    @staticmethod
    def identity(path: Path) -> tuple[Family, Arch] | None:
        """Return what a store is for; None when there is none, or nobody can tell."""
        try:
            found = json.loads((path / "store.json").read_bytes())
            return Family(found["family"]), Arch(found["arch"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def lock(
        self, on_wait: Callable[[Holder | None], None], *, wait: bool = True
    ) -> AbstractContextManager[None]:
        """Hold the store alone while the block runs; see ``lock.held``."""
        from arkes_build.store.lock import held

        self._must_write()
        return held(self.path / "lock", on_wait=on_wait, wait=wait)

    def state(self, names: Iterable[str], sink: Sink = silent) -> State:
        """Return what is known of these nodes, without asking libostree or podman.

        A damaged record counts as not there, and a notice says so. ``State.images`` is None.
        """
        found = {}
        for name in sorted(set(names)):
            record = self._record(name, sink)
            if record is not None:
                found[name] = record
        wanted = (record.ref for record in found.values())
        return State(records=found, commits=refs.commits(self.path / "repo", wanted))

    def save(self, record: Record) -> None:
        """Keep the record of a finished build; the old one or the new one is always there."""
        self._must_write()
        write_atomically(self._record_path(record.node), records.to_json(record))

    def log_path(self, node: str, key: str) -> Path:
        """Return where the log of one build goes; its folder is made."""
        self._must_write()
        if not refs.CHECKSUM.fullmatch(key):
            raise StoreError(f"{key[:80]!r} is no key")
        path = self.path / "logs" / checked(node) / f"{key[:KEY_SHOWN]}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def cache(self) -> Path:
        """Return the folder for what may be lost: downloads, archives."""
        return self.path / "cache"

    @property
    def has_repository(self) -> bool:
        """Tell whether anything was ever committed here."""
        return (self.path / "repo" / "config").exists()

    def repository(self) -> Repository:
        """Return the OSTree repository; made on first use. Raises ``ToolMissing``."""
        if self._repository is None:
            from arkes_build.store.repository import Repository

            self._repository = Repository.open(self.path / "repo", create=not self.read_only)
        return self._repository

    def _record(self, name: str, sink: Sink) -> Record | None:
        path = self._record_path(name)
        try:
            with path.open("rb") as stream:
                record = records.from_json(stream.read())
            if record.node != name:
                raise records.RecordUnreadable(f"it belongs to {record.node[:80]!r}")  # noqa: TRY301 - one place tells
        except FileNotFoundError:
            return None
        except (OSError, records.RecordUnreadable) as error:
            why = error.strerror if isinstance(error, OSError) else error
            sink(Notice(message=f"the record {path} is ignored, {name} counts as new: {why}"))
            return None
        return record

    def _record_path(self, node: str) -> Path:
        return self.path / "records" / f"{checked(node)}.json"

    def _must_write(self) -> None:
        if self.read_only:
            raise StoreReadOnly(self.path)


def checked(node: str) -> str:
    """Return a node's name that may become part of a path, or raise ``BadNodeName``."""
    if not is_node(node):
        raise BadNodeName(node)
    return node


def is_node(text: str) -> bool:
    """Tell whether the text can be a node's name, and so part of a path."""
    return len(text) <= NODE_LENGTH and all(is_name(part) for part in text.split("-"))


def _must_be_ours(path: Path) -> None:
    """Refuse a folder with other people's files in it: somebody mistyped ``--store``."""
    try:
        there = sorted(os.listdir(path))  # noqa: PTH208 - names are all that is wanted
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise NotAStore(path, found=path.name) from error
    for name in there:
        # A run that was killed between its first two writes leaves only these.
        if name not in _OWN and not (name.startswith(".") and name.endswith(".new")):
            raise NotAStore(path, found=name)


def _must_match(path: Path, found: object, wanted: Mapping[str, object]) -> None:
    if not isinstance(found, dict) or not isinstance(found.get("version"), int):
        raise StoreDamaged(path, found="store.json has no version")
    if found["version"] > VERSION:
        raise StoreTooNew(path, found=found["version"], known=VERSION)
    if any(found.get(name) != wanted[name] for name in ("family", "arch")):
        raise StoreForeign(
            path,
            held=f"{found.get('family')} for {found.get('arch')}",
            wanted=f"{wanted['family']} for {wanted['arch']}",
        )
