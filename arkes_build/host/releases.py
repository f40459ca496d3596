"""Bring a release that somebody named to this machine: verified first, then deployed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import silent
from arkes_build.delivery.trust.source import RefUnknown, open_source, shown
from arkes_build.host.machine import KEYRINGS
from arkes_build.host.naming import SHOWN, is_checksum
from arkes_build.store.trust import Keyrings, NobodyTrusted
from arkes_build.sysroot.model import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from arkes_build.core.events import Sink
    from arkes_build.delivery.trust.antechamber import Link
    from arkes_build.delivery.trust.verified import Pulled
    from arkes_build.host.machine import Host
    from arkes_build.sysroot.model import Deployment
    from arkes_build.sysroot.sysroot import Sysroot

_OFFERED = 8
"""How many releases an error names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A release that a source has, as it was seen there: a ref of a remote, and a commit."""

    remote: str
    url: str
    ref: str
    commit: str

    @property
    def refspec(self) -> str:
        """Return remote and ref as libostree writes them."""
        return f"{self.remote}:{self.ref}"


class ReleaseUnknown(ArkesError):
    """Report a release that neither the machine nor its source has."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, word: str, *, ref: str, known: Sequence[str]) -> None:
        from arkes_build.core.diagnostics import did_you_mean

        super().__init__(
            f"{ref} has no release {word[:120]!r}",
            resolution=did_you_mean(word, known)
            or f"its newest are: {', '.join(known[:_OFFERED]) or 'none'}",
        )


class FellHere(ArkesError):
    """Report a release that was tried on this machine, and did not come up."""

    exit_code = ExitCode.FALLEN

    def __init__(self, what: str, *, when: int, why: str) -> None:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
        super().__init__(
            f"{what} fell on this machine on {day}: {why or 'nobody knows why'}",
            resolution="`--again` takes it all the same",
        )


def must_trust(host: Host) -> None:
    """Raise ``NobodyTrusted`` when this machine has no keyring at all."""
    if not host.keyrings:
        raise NobodyTrusted(" or ".join(f"/{folder}" for folder in KEYRINGS))


def ref_among(word: str, known: Sequence[str], *, url: str) -> str:
    """Return the ref that is meant: by its full name, or by its last word when one ends so.

    Raises ``RefUnknown``.
    """
    if word in known:
        return word
    ending = [ref for ref in known if ref.endswith(f"/{word}")]
    if len(ending) == 1:
        return ending[0]
    names = (*known, *(ref.rpartition("/")[2] for ref in known))
    raise RefUnknown(word, source=url, known=tuple(dict.fromkeys(names)))


def find(host: Host, word: str, *, ref: str, remote: str, url: str) -> Wanted:
    """Find a release at its source: a ref there, or a version or commit of ``ref``'s history.

    Only commits are fetched, and each is verified. Raises ``ReleaseUnknown``, a
    ``Distrusted``, ``SourceBroken``.
    """
    from arkes_build.delivery.trust.antechamber import judged
    from arkes_build.delivery.trust.verified import ALL

    must_trust(host)
    with Keyrings(host.keyrings) as rings, open_source(url, rings) as source:
        if word in source.refs:
            return Wanted(remote=remote, url=url, ref=word, commit=source.refs[word])
        if ref not in source.refs:
            raise RefUnknown(ref, source=shown(url), known=tuple(sorted(source.refs)))
        history = judged(source, {ref: source.refs[ref]}, rings, ALL)[ref]
    found = _called(history, word)
    if found is None:
        versions = [link.version for link in history if link.version]
        raise ReleaseUnknown(word, ref=ref, known=[*versions, *sorted(source.refs)])
    return Wanted(remote=remote, url=url, ref=ref, commit=found.checksum)


def _called(history: Sequence[Link], word: str) -> Link | None:
    """Return the newest release that goes by a word."""
    for link in history:
        if link.version == word or (is_checksum(word) and link.checksum.startswith(word)):
            return link
    return None


def must_not_have_fallen(host: Host, commit: str, what: str) -> None:
    """Raise ``FellHere`` for a release that was set aside on this machine."""
    from arkes_build.sysroot import fallen

    for each in fallen.read(host.var):
        if each.commit == commit:
            raise FellHere(what, when=each.when, why=each.reason)


def fetch(host: Host, wanted: Wanted, *, again: bool, on_progress: Callable[[str], None]) -> Pulled:
    """Pull the release that was seen, verified; the caller holds the sysroot.

    Raises ``FellHere`` before anything is fetched, and what a pull raises.
    """
    from arkes_build.delivery.trust.verified import pull

    must_trust(host)
    if not again:
        must_not_have_fallen(host, wanted.commit, f"{wanted.ref} {wanted.commit[:SHOWN]}")
    (pulled,) = pull(
        host.repo,
        wanted.url,
        lambda _known: (wanted.ref,),
        keyrings=host.keyrings,
        remote=wanted.remote,
        expected={wanted.ref: wanted.commit},
        on_progress=on_progress,
    )
    return pulled


def put_in_place(
    host: Host, sysroot: Sysroot, commit: str, refspec: str, *, sink: Sink = silent
) -> Deployment:
    """Deploy a release of a remote; a machine with a Systemfile builds that on it first.

    On a running system it is staged. ``refspec`` is what is followed from then on.
    """
    origin = Origin(refspec=refspec)
    if host.systemfile.is_file():
        from arkes_build.host.building import build_machine

        built = build_machine(host, commit, sink)
        commit, origin = built.commit, Origin(refspec=built.ref, base=refspec)
    return deployed(sysroot, commit, origin)


def deployed(
    sysroot: Sysroot, commit: str, origin: Origin, kargs: Sequence[str] | None = None
) -> Deployment:
    """Deploy a commit of the repository: staged where a system runs, else at once."""
    if sysroot.booted is not None:
        return sysroot.stage(commit, origin=origin, kargs=kargs)
    stateroot = next((each.stateroot for each in sysroot.deployments()), None)
    return sysroot.deploy(commit, origin=origin, kargs=kargs, stateroot=stateroot)
