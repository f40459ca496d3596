"""Look at what a source offers for one ref before anything is taken: a signed commit, no tree.

The commit says of itself what it changes and what it costs. Of its tree only what is asked for
comes, and into an antechamber, which goes when the look is over: nothing is written elsewhere,
so that whoever may read the repository may look.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.delivery.trust.antechamber import antechamber, links, options
from arkes_build.delivery.trust.endable import endable
from arkes_build.delivery.trust.source import REMOTE, RefUnknown, open_source, refusal, shown
from arkes_build.store.binding import binding
from arkes_build.store.trust import Keyrings, NobodyTrusted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.delivery.trust.antechamber import Link
    from arkes_build.delivery.trust.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What the static deltas to a commit take: ``size`` to download, ``unpacked`` when read."""

    size: int
    unpacked: int


class Offered:
    """The newest commit of a ref, as its source has it. ``fetched`` counts bytes so far."""

    def __init__(self, source: Source, ref: str, repository: Path, stack: ExitStack) -> None:
        self._source = source
        self._repository = repository
        self._stack = stack
        self._repo: Any = None
        self.ref = ref
        self.source = str(source)
        self.commit = source.refs[ref]
        self.fetched = len(source.summary or b"") + len(source.summary_signature)

    @property
    def folder(self) -> Path:
        """Return the antechamber, once the commit was judged: a repository of mode archive."""
        return Path(str(self._repo.get_path().get_path()))

    def judge(self, rings: Keyrings) -> Link:
        """Bring the commit and hold it against keys and ref. Raises a ``Distrusted``."""
        self._repo = self._stack.enter_context(antechamber(self._source, parent=self._repository))
        self._pull(self._repo, commits=True)
        return next(iter(links(self._repo, self.ref, self.commit, rings)))

    def fetch(self, paths: Sequence[str]) -> None:
        """Bring some paths of the tree (``/usr/etc/hosts``), and the folders on the way."""
        strings = binding().glib.Variant("as", sorted(paths))
        only = binding().glib.Variant("b", True)  # noqa: FBT003 - GLib's own
        self._pull(
            self._repo, commits=False, more={"subdirs": strings, "disable-static-deltas": only}
        )

    def delta(self) -> Delta | None:
        """Return what static deltas from what is there take; None when there is none."""
        modules = binding()
        yes = modules.glib.Variant("b", True)  # noqa: FBT003 - GLib's own
        more = {"dry-run": yes, "require-static-deltas": yes}
        with antechamber(self._source, parent=self._repository, takes_deltas=True) as repo:
            try:
                progress = self._ask(repo, options_of=more)
            except modules.glib.Error:
                return None  # libostree has no code of its own for "there is none"
        found = Delta(
            size=progress.get_uint64("total-delta-part-size"),
            unpacked=progress.get_uint64("total-delta-part-usize"),
        )
        return found if progress.get_uint("total-delta-superblocks") else None

    def _pull(self, repo: Any, *, commits: bool, more: dict[str, Any] | None = None) -> None:
        with refusal(self._source):
            self._ask(repo, commits=commits, options_of=more or {})

    def _ask(self, repo: Any, *, options_of: dict[str, Any], commits: bool = False) -> Any:
        modules = binding()
        # The commit was held against our keys already; libostree's own look would take others.
        own = {"gpg-verify": modules.glib.Variant("b", False)}  # noqa: FBT003 - GLib's own
        wanted = {self.ref: self.commit}
        made = options(self._source, wanted, 0, commits=commits, more={**own, **options_of})
        progress = modules.ostree.AsyncProgress.new()
        try:
            with endable() as cancellable:
                repo.pull_with_options(REMOTE, made, progress, cancellable)
        finally:
            progress.finish()
            self.fetched += progress.get_uint64("bytes-transferred")
        return progress


@contextmanager
def look(
    repository: Path, location: str, ref: str, *, keyrings: Sequence[Path]
) -> Iterator[tuple[Offered, Keyrings]]:
    """Open a source and give what it offers for a ref, with the keys to judge it by.

    ``repository`` is where it may go into: what is there is not fetched, and nothing is
    written there. Raises ``SourceUnknown``, ``SourceBroken``, ``RefUnknown``, and a
    ``Distrusted`` when there is no key, or the source's summary is not signed by one.
    """
    if not keyrings:
        raise NobodyTrusted("/usr/share/ostree/trusted.gpg.d or /etc/ostree/trusted.gpg.d")
    with ExitStack() as stack:
        rings = stack.enter_context(Keyrings(keyrings))
        source = stack.enter_context(open_source(location, rings))
        if ref not in source.refs:
            raise RefUnknown(ref, source=shown(source.url), known=tuple(sorted(source.refs)))
        yield Offered(source, ref, repository, stack), rings


__all__ = ["Delta", "Offered", "look"]
