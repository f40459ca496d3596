"""Draw what was done to a machine, and what a command just did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.system.screens.words import SHORT, full_name, moment, release_shape
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import duration, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.host.going import Gone
    from arkes_build.host.pinning import Pinned
    from arkes_build.host.records import Record
    from arkes_build.ui.documents.machine import (
        MachineAction,
        MachineChangeDocument,
        MachineLogDocument,
    )
    from arkes_build.ui.screen import Screen

_NONE = "-"
_PINNED = {
    (True, True): "is pinned",
    (True, False): "is pinned already",
    (False, True): "is no longer pinned",
    (False, False): "was not pinned",
}
"""What a pin did: whether it is pinned now, and whether that is new."""


def gone_lines(gone: Gone) -> list[str]:
    """Return what a command did to the order of deployments, and what is left to do."""
    both = (gone.before, gone.after)
    after = full_name(gone.after, both)
    if gone.before == gone.after:
        return [f"{after} boots next already: nothing to do."]
    if gone.dropped:
        return [f"{full_name(gone.before, both)} is given up: {after} stays."]
    lines = _what(gone, after)
    if gone.signer:
        lines.insert(0, f"A good signature by {safe(gone.signer)}.")
    if gone.is_staged:
        lines.append("It comes into place when this machine shuts down: reboot to finish.")
    elif gone.needs_reboot:
        lines.append("Reboot to go there.")
    else:
        lines.append("It is running: no reboot is needed.")
    return lines


def _what(gone: Gone, after: str) -> list[str]:
    if gone.action == "kargs":
        told = [f"  {safe(each)}" for each in gone.after.kargs]
        return [f"The kernel of {full_name(gone.after)} starts with:", *told]
    follows = [f"This machine follows {safe(gone.after.base or gone.after.ref)} from now on."]
    other = f", not {full_name(gone.before, (gone.before, gone.after))}"
    return [*(follows if gone.action == "rebase" else []), f"{after} boots next{other}."]


def gone_shape(gone: Gone) -> MachineChangeDocument:
    """Return what a command did as JSON."""
    return {
        "schema": SCHEMA,
        "type": "machine-change",
        "action": gone.action,
        "changed": gone.before != gone.after,
        "before": release_shape(gone.before),
        "after": release_shape(gone.after),
        "staged": gone.is_staged,
        "needs_reboot": gone.needs_reboot,
        "signer": gone.signer,
    }


def pinned_lines(pinned: Pinned) -> list[str]:
    """Return what a pin, or its end, did."""
    words = _PINNED[pinned.deployment.is_pinned, pinned.is_new]
    return [f"{full_name(pinned.deployment)} {words}."]


def pinned_shape(pinned: Pinned) -> MachineChangeDocument:
    """Return what a pin did as JSON."""
    release = release_shape(pinned.deployment)
    return {
        "schema": SCHEMA,
        "type": "machine-change",
        "action": "pin" if pinned.deployment.is_pinned else "unpin",
        "changed": pinned.is_new,
        "before": release,
        "after": release,
        "staged": False,
        "needs_reboot": False,
        "signer": "",
    }


def log_lines(done: Sequence[Record], screen: Screen) -> list[str]:
    """Return the table of what was done, as it comes."""
    if not done:
        return ["Nothing was done to this machine yet."]
    grid = Grid(
        titles=("WHEN", "WHAT", "RESULT", "TOOK", "TO"), right=frozenset({"TOOK"}), telling="MORE"
    )
    return grid.draw([_row(record) for record in done], screen)


def _row(record: Record) -> Row:
    is_well = record.result == "ok"
    cells = (
        moment(record.when),
        safe(record.action),
        safe(record.result),
        duration(record.seconds) if record.seconds else _NONE,
        safe(record.version) or record.after[:SHORT] or _NONE,
    )
    styles = (None, None, None if is_well else Style.BAD)
    return Row(cells=cells, telling=("; ".join(_more(record)),), styles=styles)


def _more(record: Record) -> Iterator[str]:
    if record.detail:
        yield safe(record.detail)
    if record.after and record.version:
        yield safe(record.after[:SHORT])
    if record.before and record.before != record.after:
        yield f"from {safe(record.before[:SHORT])}"
    if record.ref:
        yield safe(record.ref)
    if record.size:
        yield f"{size(record.size)} downloaded"


def log_shape(done: Sequence[Record]) -> MachineLogDocument:
    """Return what was done as JSON."""
    return {
        "schema": SCHEMA,
        "type": "machine-log",
        "actions": [action_shape(record) for record in done],
    }


def action_shape(record: Record) -> MachineAction:
    """Return one action as JSON."""
    return {
        "action": record.action,
        "when": record.when,
        "result": record.result,
        "before": record.before,
        "after": record.after,
        "version": record.version,
        "ref": record.ref,
        "seconds": record.seconds,
        "bytes": record.size,
        "detail": record.detail,
    }
