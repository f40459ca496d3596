"""Draw what is different in /etc from what was delivered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from arkes_build.history.model import Kind
from arkes_build.ui.changes import words
from arkes_build.ui.changes.text import STYLES
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.shapes import SCHEMA
from arkes_build.ui.text import counted, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from arkes_build.host.etc.drift import Drift, Drifts
    from arkes_build.host.etc.texts import TextDiff
    from arkes_build.ui.documents import updates as documents
    from arkes_build.ui.screen import Screen

_LOST = "lost at the next upgrade"
_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.SAME}


def drift_lines(
    drifts: Drifts, texts: Mapping[str, TextDiff], screen: Screen, *, where: str = ""
) -> list[str]:
    """Return every change, what is inside of a new or removed folder counted only.

    ``texts`` has the differences of files whose lines are to be shown, ``where`` says what
    was looked at, when that is not all of /etc.
    """
    lines = _head(drifts, safe(where) or "/etc", screen)
    rows = [_row(one, count) for one, count in _collapsed(drifts.found)]
    if rows:
        lines += ["", *Grid(titles=("", ""), telling="").draw(rows, screen)[1:]]
    for path, text in sorted(texts.items()):
        lines += ["", *_diff(path, text, screen)]
    if drifts.unread:
        count = counted(len(drifts.unread), "path")
        lines += ["", *_fitted(f"{count} could not be compared: only root may read them.", screen)]
    return lines


def _head(drifts: Drifts, where: str, screen: Screen) -> list[str]:
    if not drifts.found:
        return _fitted(f"{where} is as it was delivered.", screen)
    told = words.kinds((one.kind for one in drifts.found), words.WORDS)
    lost = sum(1 for one in drifts.found if not one.is_kept)
    more = f"; {lost} {_LOST}" if lost else ""
    return _fitted(f"{where} differs from what was delivered: {told}{more}", screen)


def _collapsed(found: Sequence[Drift]) -> Iterator[tuple[Drift, int]]:
    """Give each change, with how many are below it when it came or went as a whole folder."""
    whole = {one.path for one in found if one.is_folder and one.kind is not Kind.CHANGED}
    inside: Counter[str] = Counter()
    for one in found:
        inside.update(top for top in _above(one.path) if top in whole)
    for one in found:
        if whole.isdisjoint(_above(one.path)):
            yield one, inside[one.path]


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:at]) for at in range(1, len(parts))]


def _row(one: Drift, inside: int) -> Row:
    path = f"/etc/{safe(one.path)}" + ("/" if one.is_folder else "")
    parts = [safe(one.detail)] if one.detail else []
    if inside:
        parts.append(f"and {inside} below it")
    if not one.is_kept:
        parts.append(_LOST)
    return Row(
        cells=(words.MARKS[one.kind], path),
        telling=(", ".join(parts),) if parts else (),
        styles=(STYLES[one.kind] if one.is_kept else Style.CARE,),
    )


def _diff(path: str, text: TextDiff, screen: Screen) -> list[str]:
    if not text.lines:
        return [
            screen.paint(f"/etc/{safe(path)}: {text.why or 'the text is the same'}", Style.CALM)
        ]
    return [screen.paint(safe(line), _DIFF_STYLES.get(line[:1])) for line in text.lines]


def drift_shape(
    drifts: Drifts, texts: Mapping[str, TextDiff] | None, deployment: str
) -> documents.EtcDiffDocument:
    """Return every change; ``texts`` is None when no differences were asked for."""
    return {
        "schema": SCHEMA,
        "type": "etc-diff",
        "deployment": deployment,
        "changes": [_change(one, (texts or {}).get(one.path)) for one in drifts.found],
        "unread": [f"/etc/{path}" for path in drifts.unread],
    }


def _change(one: Drift, text: TextDiff | None) -> documents.EtcDrift:
    return {
        "path": f"/etc/{one.path}",
        "kind": one.kind.value,
        "detail": one.detail,
        "is_folder": one.is_folder,
        "is_kept": one.is_kept,
        "diff": list(text.lines) if text and text.lines else None,
        "why_no_diff": text.why if text else "",
    }


def _fitted(text: str, screen: Screen) -> list[str]:
    return [text] if screen.width is None else wrap(text, screen.width)
