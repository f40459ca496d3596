"""Read what commits say of themselves, and find one by what people call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arkes_build.core.diagnostics import did_you_mean
from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.history.trees import Root, Trees
from arkes_build.plan.state import Origin
from arkes_build.store.binding import binding, is_not_found, told
from arkes_build.store.errors import StoreDamaged
from arkes_build.store.refs import is_of_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STEPS = re.compile(r"(.+?)((?:\^|~[0-9]{1,6})*)")
_STEP = re.compile(r"\^|~([0-9]+)")
_DIGITS = re.compile(r"[0-9a-f]{6,64}")
_WHOLE = 64
_TREE, _META = 6, 7
"""Where a commit, ``(a{sv}aya(say)sstayay)``, has the checksums of its root."""


class CommitUnknown(ArkesError):
    """Report a name that no commit of the repository has."""

    exit_code = ExitCode.SOURCE

    def __init__(self, name: str, *, why: str = "", known: tuple[str, ...] = ()) -> None:
        hint = did_you_mean(name, known)
        super().__init__(
            f"there is no commit {name[:120]!r}" + (f": {why}" if why else ""),
            resolution=hint
            or "name a node, a ref, a commit or the beginning of one; base^ and base~2 are "
            "earlier ones. `arkes-build refs` lists the refs",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitInfo:
    """What a commit says of itself; texts are empty when it does not say.

    ``timestamp`` is in seconds since 1970, ``packages`` are ``name=version``, sorted,
    ``forecast`` is JSON, ``inputs`` the canonical JSON that ``key`` is the digest of.
    """

    checksum: str
    parent: str | None
    timestamp: int
    root: Root
    version: str
    node: str
    key: str
    image: str
    kernel: str
    refs: tuple[str, ...]
    packages: tuple[str, ...]
    inputs: bytes
    layers: tuple[Origin, ...]
    forecast: str


class History:
    """The commits of one repository: the store's, a published one, any other."""

    def __init__(self, repository: Path) -> None:
        """Open the repository; raises ``ToolMissing``, ``StoreDamaged``."""
        self.path = repository
        modules = binding()
        with told(repository.parent, doing="opening the repository"):
            self._repo = modules.ostree.Repo.new(modules.gio.File.new_for_path(str(repository)))
            self._repo.open(None)
        self.trees = Trees(repository)

    @property
    def repo(self) -> Any:
        """Return libostree's own object (``OSTree.Repo``)."""
        return self._repo

    def refs(self) -> dict[str, str]:
        """Return ref → commit of the nodes, sorted; layers and pins have refs of their own."""
        with told(self.path.parent, doing="listing refs"):
            found = self._repo.list_refs(None, None)[1]
        return {name: found[name] for name in sorted(found) if is_of_node(name)}

    def commit(self, checksum: str) -> CommitInfo:
        """Return one commit; raises ``CommitUnknown`` when it is not there."""
        loaded = self._load(checksum)
        if loaded is None:
            raise CommitUnknown(checksum)
        about = loaded.get_child_value(0)
        tree, meta = (
            bytes(loaded.get_child_value(at).get_data_as_bytes().get_data()).hex()
            for at in (_TREE, _META)
        )
        ostree = binding().ostree
        return CommitInfo(
            checksum=checksum,
            parent=ostree.commit_get_parent(loaded),
            timestamp=int(ostree.commit_get_timestamp(loaded)),
            root=Root(tree, meta),
            version=_value(about, "version", "s", ""),
            node=_value(about, "arkes.node", "s", ""),
            key=_value(about, "arkes.key", "s", ""),
            image=_value(about, "arkes.image", "s", ""),
            kernel=_value(about, "arkes.kernel", "s", ""),
            refs=_texts(about, "ostree.ref-binding"),
            packages=_texts(about, "arkes.packages"),
            inputs=_data(about, "arkes.inputs"),
            layers=tuple(
                Origin(chain_id=chain_id, node=node, where=where, brief=brief)
                for chain_id, node, where, brief in _value(about, "arkes.layers", "a(ssss)", [])
            ),
            forecast=_value(about, "arkes.forecast", "s", ""),
        )

    def has(self, checksum: str) -> bool:
        """Tell whether the commit's object is here."""
        name = f"{checksum[:2]}/{checksum[2:]}.commit"
        return (self.path / "objects" / name).exists()

    def releases(self, checksum: str) -> Iterator[CommitInfo]:
        """Give a commit and those before it, as far as they are still here."""
        following: str | None = checksum
        while following and self.has(following):
            found = self.commit(following)
            yield found
            following = found.parent

    def resolve(self, name: str) -> str:
        """Return the commit that a name means.

        A ref; a node (the last part of a ref); a commit or at least six digits of its
        beginning; each with any number of ``^`` (the one before) and ``~N`` behind it.
        Raises ``CommitUnknown``.
        """
        match = _STEPS.fullmatch(name)
        if match is None:
            raise CommitUnknown(name)
        checksum = self._start(match[1])
        for step in _STEP.finditer(match[2]):
            for _ in range(int(step[1]) if step[1] else 1):
                parent = self.commit(checksum).parent
                if parent is None or not self.has(parent):
                    raise CommitUnknown(name, why=f"{checksum[:12]} is the oldest that is kept")
                checksum = parent
        return checksum

    def _start(self, name: str) -> str:
        refs = self.refs()
        if name in refs:
            return refs[name]
        nodes = [ref for ref in refs if ref.rpartition("/")[2] == name]
        if len(nodes) == 1:
            return refs[nodes[0]]
        if nodes:
            raise CommitUnknown(name, why=f"{' and '.join(nodes)} are of that name")
        if _DIGITS.fullmatch(name):
            return self._by_digits(name)
        raise CommitUnknown(name, known=(*refs, *(ref.rpartition("/")[2] for ref in refs)))

    def _by_digits(self, digits: str) -> str:
        folder = self.path / "objects" / digits[:2]
        found = sorted(folder.glob(f"{digits[2:]}*.commit"))
        if len(found) > 1:
            raise CommitUnknown(digits, why="several begin with it")
        if not found:
            raise CommitUnknown(digits)
        return digits[:2] + found[0].stem

    def _load(self, checksum: str) -> Any:
        if len(checksum) != _WHOLE:
            return None
        try:
            return self._repo.load_commit(checksum)[1]
        except binding().glib.Error as error:
            if is_not_found(error):
                return None
            raise StoreDamaged(
                self.path.parent, found=f"the commit {checksum} cannot be read: {error.message}"
            ) from error


def _data(about: Any, name: str) -> bytes:
    """Return the bytes of one value, not a list of numbers as ``unpack`` would."""
    found = about.lookup_value(name, binding().glib.VariantType.new("ay"))
    return b"" if found is None else bytes(found.get_data_as_bytes().get_data() or b"")


def _texts(about: Any, name: str) -> tuple[str, ...]:
    """Return a list of texts, ten times as fast as ``unpack`` would: a system has hundreds."""
    found = about.lookup_value(name, binding().glib.VariantType.new("as"))
    return () if found is None else tuple(found.get_strv())


def _value(about: Any, name: str, kind: str, default: Any) -> Any:
    """Return one value of a commit's metadata, ``default`` when it is not there or another kind."""
    found = about.lookup_value(name, binding().glib.VariantType.new(kind))
    return default if found is None else found.unpack()
