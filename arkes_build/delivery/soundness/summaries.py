"""Look at a repository's summary: can it be parsed, and does it say what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.delivery.soundness.content import holds_signatures
from arkes_build.delivery.soundness.damage import Damage, Kind
from arkes_build.delivery.soundness.delta_files import deltas, digests
from arkes_build.delivery.soundness.names import shown
from arkes_build.delivery.soundness.variants import items, raw, read, table, variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from arkes_build.delivery.soundness.content import Checker

_SUMMARY = "(a(s(taya{sv}))a{sv})"
SUMMARY, SIGNATURE = "summary", "summary.sig"


def summary_damages(
    repository: Path, refs: Mapping[str, str], checker: Checker
) -> Iterator[Damage]:
    """Say where the summary is not what the repository has; nothing when there is none.

    ``refs`` are path → commit. The time in it can be held against a signature only.
    """
    path, signed = repository / SUMMARY, repository / SIGNATURE
    if signed.exists():
        signatures = variant("a{sv}", read(signed))
        if not path.exists():
            yield _damage(SIGNATURE, "there is no summary that it signs")
        elif signatures is None or not holds_signatures(signatures):
            yield _damage(SIGNATURE, "it holds no signatures")
        elif why := checker.summary_trouble(read(path), read(signed)):
            yield _damage(SUMMARY, why)
    if path.exists():
        value = variant(_SUMMARY, read(path))
        if value is None:
            yield _damage(SUMMARY, "it cannot be parsed")
            return
        for what in _unlike(repository, value, refs):
            yield _damage(SUMMARY, what)


def digests_of(repository: Path) -> dict[str, bytes]:
    """Return delta → sha256 of its superblock, as the summary says."""
    value = variant(_SUMMARY, read(repository / SUMMARY))
    return {} if value is None else digests(items(value)[1])


def _damage(name: str, what: str) -> Damage:
    return Damage(kind=Kind.SUMMARY, name=name, what=what)


def _unlike(repository: Path, value: Any, refs: Mapping[str, str]) -> Iterator[str]:
    entries, about = items(value)
    said = {}
    for entry in items(entries):
        name, told = items(entry)
        size, commit, more = items(told)
        said[name.get_string()] = (size.get_uint64(), raw(commit).hex(), table(more))
    held = {shown(path): commit for path, commit in refs.items() if path.startswith("refs/heads/")}
    for name in sorted(said.keys() | held.keys()):
        if name not in held:
            yield f"it names {name!r}, which is no ref"
        elif name not in said:
            yield f"it does not name {name}"
        elif said[name][1] != held[name]:
            yield f"it has another commit for {name}"
        elif why := _odd(repository, *said[name]):
            yield f"for {name}, {why}"
    yield from _odd_deltas(repository, about)


def _odd(repository: Path, size: int, commit: str, more: Mapping[str, Any]) -> str:
    """Say what a summary tells wrongly of a commit; empty when all is right."""
    data = read(repository / "objects" / commit[:2] / f"{commit[2:]}.commit")
    value = variant("(a{sv}aya(say)sstayay)", data)
    if value is None:
        return ""  # that is told elsewhere
    # The manual says big-endian, 2022.7 writes as the machine counts.
    if len(data) not in {size, int.from_bytes(size.to_bytes(8, "little"), "big")}:
        return "it has another size of the commit"
    time = more.get("ostree.commit.timestamp")
    if time is None or raw(time) != raw(items(value)[5]):
        return "it has another time of the commit"
    version, own = more.get("ostree.commit.version"), table(items(value)[0]).get("version")
    if (version and raw(version)) != (own and raw(own)):
        return "it has another version of the commit"
    return ""


def _odd_deltas(repository: Path, about: Any) -> Iterator[str]:
    there, told = deltas(repository), digests(about)
    for name in sorted(told):
        if name not in there:
            yield f"it names a delta that is not there: {name}"
