"""Read libostree's deployments into values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding
from arkes_build.store.metadata import text
from arkes_build.sysroot import kargs
from arkes_build.sysroot.entries import key_of
from arkes_build.sysroot.menu import counters
from arkes_build.sysroot.model import Deployment, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def listed(sysroot: Any, root: Path, esp: Path | None) -> tuple[Deployment, ...]:
    """Return the deployments of a loaded ``OSTree.Sysroot``, the default first."""
    known = counters(esp) if esp is not None else {}
    found: Sequence[Any] = sysroot.get_deployments()
    booted = sysroot.get_booted_deployment()
    at = next((n for n, each in enumerate(found) if _is_same(each, booted)), None)
    back = _rollback(found, at)
    return tuple(
        _deployment(sysroot, each, root, known, is_booted=n == at, is_rollback=n == back)
        for n, each in enumerate(found)
    )


def origin_of(deployment: Any) -> Origin:
    """Return where a deployment of libostree's comes from; empty when it does not say."""
    file = deployment.get_origin()
    return Origin(refspec=_string(file, "origin", "refspec"), base=_string(file, "arkes", "base"))


def key_file(origin: Origin) -> Any:
    """Return an origin as libostree takes it (``GLib.KeyFile``)."""
    file = binding().glib.KeyFile()
    file.set_string("origin", "refspec", origin.refspec)
    if origin.base:
        file.set_string("arkes", "base", origin.base)
    return file


def _deployment(
    sysroot: Any,
    each: Any,
    root: Path,
    known: dict[Any, Any],
    *,
    is_booted: bool,
    is_rollback: bool,
) -> Deployment:
    checksum, serial = each.get_csum(), each.get_deployserial()
    commit = sysroot.repo().load_commit(checksum)[1]
    origin = origin_of(each)
    key = key_of(checksum, serial)
    counter = known.get(key)
    config = each.get_bootconfig()
    return Deployment(
        index=each.get_index(),
        stateroot=each.get_osname(),
        checksum=checksum,
        serial=serial,
        version=text(commit, "version"),
        node=text(commit, "arkes.node"),
        ref=origin.refspec,
        base=origin.base,
        path=root / sysroot.get_deployment_dirpath(each),
        boot=each.get_bootcsum() or "",
        kargs=kargs.without_ostree(config.get("options") or "") if config else (),
        timestamp=int(binding().ostree.commit_get_timestamp(commit)),
        is_booted=is_booted,
        is_staged=bool(each.is_staged()),
        is_rollback=is_rollback,
        is_pinned=bool(each.is_pinned()),
        unlocked=each.get_unlocked().value_nick,
        tries=None if counter is None else counter.left,
        tries_done=0 if counter is None else counter.done,
        is_blessed=key in known and counter is None,
    )


def _rollback(found: Sequence[Any], booted: int | None) -> int | None:
    """Return what is behind the running one, or behind the default when none of them runs."""
    at = (booted or 0) + 1
    return at if at < len(found) else None


def _is_same(one: Any, other: Any) -> bool:
    return other is not None and bool(one.equal(other))


def _string(file: Any, group: str, name: str) -> str:
    try:
        return str(file.get_string(group, name)) if file is not None else ""
    except binding().glib.Error:
        return ""
