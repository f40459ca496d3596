"""Foresee what a release brings here: what it says of itself, joined with what is local.

1. Packages and kernel are in both commits.
2. Defaults of /etc, units, users and kernel arguments are in the signed forecast, when it
   knows the release that runs and nothing of that list was cut off. Else /usr/etc and the
   folder of kernel arguments are fetched, as far as they are not here.
3. Local changes of /etc are held against the changed defaults; only the few files that both
   changed are fetched.
4. The bytes of the static delta are asked for, or what the forecast says is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from arkes_build.history.commits import History
from arkes_build.history.foreseeing import told_by
from arkes_build.history.kargs import FOLDER as KARGS
from arkes_build.history.kargs import kernel_arguments
from arkes_build.history.model import Kind, NameChange
from arkes_build.history.packages import order_of, package_changes
from arkes_build.history.view import View
from arkes_build.host.etc.drift import drift
from arkes_build.host.etc.joining import in_question, join
from arkes_build.host.updates.outlook import Cost, Outlook, Release, State
from arkes_build.host.updates.reading import (
    ETC,
    TreesAcross,
    as_mapping,
    changed_defaults,
    new_default,
)

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.delivery.trust.offered import Offered
    from arkes_build.history.commits import CommitInfo
    from arkes_build.history.forecast import Since
    from arkes_build.host.etc.joining import Effect
    from arkes_build.store.trust import Keyrings

_CUT = ("etc.", "kernel_arguments.")
"""Lists of a forecast that have to be whole for it to be enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the machine stands: its repository, the tree that runs, the commit to compare with.

    ``commit`` is what the tree was deployed from, or the base that it was built on.
    """

    repository: Path
    tree: Path
    commit: str


def foresee(offered: Offered, rings: Keyrings, standing: Standing) -> Outlook:
    """Return what an offered commit brings; raises a ``Distrusted`` for a bad signature."""
    signature = offered.judge(rings).signature
    here = History(standing.repository)
    old, new = here.commit(standing.commit), History(offered.folder).commit(offered.commit)
    before = View(here.trees, old.root)
    since = _since(new, old.checksum)
    told = _told(offered, standing, before, new, since)
    return Outlook(
        ref=offered.ref,
        url=offered.source,
        state=State.OLDER if new.timestamp < old.timestamp else State.NEWER,
        before=_release(old),
        after=_release(new),
        signer=signature.owner or signature.key,
        packages=package_changes(old.packages, new.packages, order_of(before)),
        units=since.units if since else (),
        users=since.users if since else (),
        kernel_arguments=told.kernel_arguments,
        defaults=told.defaults,
        effects=_effects(offered, standing, new, told.defaults),
        cost=_cost(offered, new, since),
        is_here=is_whole(standing.repository, offered.commit),
        fetched=offered.fetched,
    )


def is_whole(repository: Path, commit: str) -> bool:
    """Tell whether a repository has a commit with all of its tree."""
    there = repository / "objects" / commit[:2] / f"{commit[2:]}.commit"
    return there.exists() and not (repository / "state" / f"{commit}.commitpartial").exists()


def _release(info: CommitInfo) -> Release:
    return Release(
        commit=info.checksum, version=info.version, timestamp=info.timestamp, kernel=info.kernel
    )


def _since(new: CommitInfo, commit: str) -> Since | None:
    forecast = told_by(new)
    return next((one for one in forecast.since if one.commit == commit), None) if forecast else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    defaults: tuple[NameChange, ...]
    kernel_arguments: tuple[NameChange, ...]


def _told(
    offered: Offered, standing: Standing, before: View, new: CommitInfo, since: Since | None
) -> _Told:
    """Return what changed among defaults and arguments: as the forecast says, or as fetched."""
    if since is not None and not any(name.startswith(_CUT) for name, _ in since.left_out):
        return _Told(defaults=since.etc, kernel_arguments=since.kernel_arguments)
    offered.fetch([f"/{ETC}", f"/{KARGS}"])
    trees = TreesAcross(offered.folder, standing.repository)
    after = View(trees, new.root)
    one, other = ({name for name, _ in kernel_arguments(view)} for view in (before, after))
    gone = [NameChange(name=name, kind=Kind.REMOVED) for name in sorted(one - other)]
    came = [NameChange(name=name, kind=Kind.ADDED) for name in sorted(other - one)]
    return _Told(defaults=changed_defaults(trees, before, after), kernel_arguments=(*gone, *came))


def _effects(
    offered: Offered, standing: Standing, new: CommitInfo, defaults: tuple[NameChange, ...]
) -> tuple[Effect, ...]:
    local = standing.tree / "etc"
    drifts = drift(standing.tree / ETC, local).found
    by_path = as_mapping(defaults)
    asked = in_question(drifts, by_path)
    if not asked:
        return join(drifts, by_path, lambda _path: None)
    offered.fetch([f"/{ETC}/{path}" for path in asked])
    view = View(TreesAcross(offered.folder, standing.repository), new.root)
    return join(drifts, by_path, lambda path: new_default(view, path, local))


def _cost(offered: Offered, new: CommitInfo, since: Since | None) -> Cost:
    forecast, delta = told_by(new), offered.delta()
    disk = since.cost.content_bytes if since else None
    made = Cost(download=None, disk=disk, at_most=forecast.bytes if forecast else 0)
    if delta is not None:
        disk = delta.unpacked if disk is None else disk
        return replace(made, download=delta.size, disk=disk, by_delta=True)
    if since is None:
        return made
    cost = since.cost
    return replace(made, download=cost.object_bytes, is_estimate=cost.is_estimate)
