"""Give updates their JSON shape; ``ui/documents/updates.py`` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.ui.changes.shape import name_shapes, package_shapes
from arkes_build.ui.shapes import SCHEMA

if TYPE_CHECKING:
    from arkes_build.host.updates.outlook import Outlook, Release
    from arkes_build.host.updates.upgrading import Taken
    from arkes_build.ui.documents import updates as documents


def upgrade_shape(outlook: Outlook, taken: Taken | None) -> documents.UpgradeDocument:
    """Return what is offered, every list whole, and what was done about it."""
    cost = outlook.cost
    return {
        "schema": SCHEMA,
        "type": "upgrade",
        "ref": outlook.ref,
        "url": outlook.url,
        "state": outlook.state.value,
        "has_something": outlook.has_something,
        "is_here": outlook.is_here,
        "builds": outlook.builds,
        "before": _release(outlook.before),
        "after": _release(outlook.after),
        "signer": outlook.signer,
        "fallen_because": outlook.fallen_because,
        "packages": package_shapes(outlook.packages),
        "units": name_shapes(outlook.units),
        "users": name_shapes(outlook.users),
        "kernel_arguments": name_shapes(outlook.kernel_arguments),
        "etc": [{**one, "name": f"/etc/{one['name']}"} for one in name_shapes(outlook.defaults)],
        "effects": [
            {"path": f"/etc/{one.path}", "fate": one.fate.value, "detail": one.detail}
            for one in outlook.effects
        ],
        "cost": {
            "download": cost.download,
            "disk": cost.disk,
            "at_most": cost.at_most,
            "by_delta": cost.by_delta,
            "is_estimate": cost.is_estimate,
        },
        "fetched": outlook.fetched,
        "result": None if taken is None else _result(taken),
    }


def checkupdates_shape(outlook: Outlook) -> documents.CheckUpdatesDocument:
    """Return whether there is something newer."""
    return {
        "schema": SCHEMA,
        "type": "checkupdates",
        "ref": outlook.ref,
        "url": outlook.url,
        "state": outlook.state.value,
        "has_something": outlook.has_something,
        "before": _release(outlook.before),
        "after": _release(outlook.after),
        "packages": len(outlook.packages),
        "download": 0 if outlook.is_here else outlook.cost.download,
        "fallen_because": outlook.fallen_because,
    }


def _release(one: Release) -> documents.OfferedRelease:
    return {
        "commit": one.commit,
        "version": one.version,
        "timestamp": one.timestamp,
        "kernel": one.kernel,
    }


def _result(taken: Taken) -> documents.UpgradeResult:
    return {
        "commit": taken.commit,
        "version": taken.version,
        "seconds": round(taken.seconds, 3),
        "is_deployed": taken.is_deployed,
        "is_staged": taken.is_staged,
    }
