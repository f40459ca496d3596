"""Draw what an update brings: the sum first, then part by part, what needs care last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.history.importance import by_importance
from arkes_build.host.etc.joining import Fate
from arkes_build.host.updates.outlook import State
from arkes_build.ui.changes import words
from arkes_build.ui.changes.text import STYLES
from arkes_build.ui.grid import Grid, Row
from arkes_build.ui.screen import Style
from arkes_build.ui.text import counted, safe, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.host.updates.outlook import Outlook, Release
    from arkes_build.host.updates.upgrading import Taken
    from arkes_build.ui.screen import Screen

MOST = 20
"""Lines of one list; --json has them all."""
_SHORT = 12
FATES: dict[Fate, tuple[str, Style]] = {
    Fate.BLOCKS: ("is a file where the new system has a directory: move it away", Style.BAD),
    Fate.SHADOWS: ("yours stays, the new default is not used", Style.CARE),
    Fate.OUTLIVES: ("yours stays, the new system has none", Style.CARE),
    Fate.STAYS_AWAY: ("stays removed, although its default changed", Style.CARE),
    Fate.RESET: ("goes back to what is delivered", Style.CARE),
    Fate.SAME: ("the new default is what you have", Style.CALM),
}


def outlook_lines(outlook: Outlook, screen: Screen) -> list[str]:
    """Return all that is known of an update before it is taken."""
    if not outlook.has_something:
        return _fitted(nothing(outlook), screen)
    if outlook.state is State.REBUILD:
        return _fitted(rebuild(outlook), screen)
    title = f"{safe(outlook.ref)}: {release(outlook.before)} → {release(outlook.after)}"
    lines = [*_fitted(title, screen)]
    lines += [screen.paint(one, Style.STRONG) for one in _fitted(summary(outlook), screen)]
    lines += [screen.paint(one, Style.CALM) for one in _fitted(origin(outlook), screen)]
    for warning in warnings(outlook):
        lines += [screen.paint(one, Style.BAD) for one in _fitted(warning, screen)]
    for title, rows in _parts(outlook):
        drawn = Grid(titles=("", ""), telling="").draw(rows, screen)[1:]
        lines += ["", screen.paint(title, Style.STRONG), *_cut(drawn, screen)]
    return lines


def check_lines(outlook: Outlook, screen: Screen) -> list[str]:
    """Return what is offered in two or three lines."""
    if not outlook.has_something:
        return _fitted(nothing(outlook), screen)
    if outlook.state is State.REBUILD:
        return _fitted(rebuild(outlook), screen)
    title = f"{safe(outlook.ref)}: {release(outlook.before)} → {release(outlook.after)}"
    lines = [*_fitted(title, screen), *_fitted(summary(outlook), screen)]
    for warning in warnings(outlook):
        lines += [screen.paint(one, Style.BAD) for one in _fitted(warning, screen)]
    takes = ", `sudo os upgrade` takes it" if outlook.state is State.NEWER else ""
    more = f"`os upgrade --plan` says more{takes}."
    return [*lines, *(screen.paint(one, Style.CALM) for one in _fitted(more, screen))]


def nothing(outlook: Outlook) -> str:
    """Say why there is nothing to take."""
    if outlook.state is State.STAGED:
        name = outlook.after.commit[:_SHORT]
        return f"The newest release ({name}) is in place already: reboot to run it."
    return f"Nothing to do: {safe(outlook.ref)} is at {release(outlook.before)}, which runs."


def rebuild(outlook: Outlook) -> str:
    """Say that nothing comes from outside, but something is to be built here."""
    return (
        f"{safe(outlook.ref)} is at {release(outlook.before)}, the newest. This machine's own "
        "Systemfile is not what runs: `sudo os upgrade` builds and deploys it."
    )


def release(one: Release) -> str:
    """Return version and the beginning of the commit."""
    return " ".join(filter(None, (safe(one.version), f"({one.commit[:_SHORT]})")))


def summary(outlook: Outlook) -> str:
    """Return what comes in one line."""
    parts = [words.packages(outlook.packages)] if outlook.packages else ["no package changes"]
    if outlook.builds:
        parts.insert(0, "your Systemfile is built on it")
    if outlook.kernel:
        old, new = (safe(one) or "none" for one in outlook.kernel)
        parts.append(f"kernel {old} → {new}")
    if outlook.kernel_arguments:
        parts.append(counted(len(outlook.kernel_arguments), "kernel argument"))
    if outlook.defaults:
        parts.append(f"{counted(len(outlook.defaults), 'default')} of /etc")
    return "; ".join([*parts, download(outlook)])


def download(outlook: Outlook) -> str:
    """Say what is to be fetched, and what it takes on the disk."""
    cost = outlook.cost
    if outlook.is_here:
        return "downloaded already"
    if cost.download is None:
        most = f", at most {size(cost.at_most)}" if cost.at_most else ""
        return f"size of the download not known{most}"
    about = "about " if cost.is_estimate else ""
    disk = f" ({size(cost.disk)} on disk)" if cost.disk is not None else ""
    way = " as a delta" if cost.by_delta else ""
    return f"{about}{size(cost.download)} to download{way}{disk}"


def origin(outlook: Outlook) -> str:
    """Say where it comes from, and who vouches for it."""
    by = f", signed by {safe(outlook.signer)}" if outlook.signer else ""
    return f"from {safe(outlook.url)}{by}"


def warnings(outlook: Outlook) -> Iterator[str]:
    """Give what somebody must know before going on."""
    if outlook.state is State.FALLEN:
        yield (
            f"It was tried on this machine and fell: {safe(outlook.fallen_because)}. It is not "
            "taken again without --again."
        )
    if outlook.state is State.OLDER:
        yield "It is older than what runs. It is not taken without --allow-downgrade."
    if outlook.blocked:
        yield "Local files stand in its way (below). It is not taken before they are moved."


def _parts(outlook: Outlook) -> Iterator[tuple[str, Sequence[Row]]]:
    if outlook.packages:
        counts = words.kinds((one.kind for one in outlook.packages), words.PACKAGE_WORDS)
        found = sorted(outlook.packages, key=lambda one: by_importance(one.name))
        rows = [
            Row(
                cells=(words.MARKS[one.kind], safe(one.name)),
                telling=(words.versions(one),),
                styles=(STYLES[one.kind],),
            )
            for one in found
        ]
        yield f"PACKAGES: {counts}", rows
    for title, names in (
        ("KERNEL ARGUMENTS", outlook.kernel_arguments),
        ("UNITS", outlook.units),
        ("USERS AND GROUPS", outlook.users),
    ):
        if names:
            yield title, [_named(one) for one in words.grouped(names)]
    if outlook.defaults:
        counts = words.kinds((one.kind for one in outlook.defaults), words.WORDS)
        rows = [
            Row(cells=(words.MARKS[one.kind], f"/etc/{safe(one.name)}"), styles=(STYLES[one.kind],))
            for one in outlook.defaults
        ]
        yield f"DEFAULTS OF /ETC: {counts}", rows
    if outlook.effects:
        yield "YOUR CHANGES IN /ETC", list(_effects(outlook))


def _named(one: words.Named) -> Row:
    told = ", ".join(filter(None, one.told))
    return Row(
        cells=(words.MARKS[one.kind], one.name),
        telling=(told,) if told else (),
        styles=(STYLES[one.kind],),
    )


def _effects(outlook: Outlook) -> Iterator[Row]:
    """Give the rows of local changes, those that need care first."""
    for fate, (meaning, style) in FATES.items():
        for one in outlook.of(fate):
            path = f"/etc/{safe(one.path)}" + ("/" if one.is_folder else "")
            what = safe(one.detail) if fate is Fate.RESET else ""
            told = f"{what}: {meaning}" if what else meaning
            yield Row(cells=("!", path), telling=(told,), styles=(style,))


def taken_lines(taken: Taken, screen: Screen, *, reboots: bool) -> list[str]:
    """Say what was done, and what is left to do."""
    name = " ".join(filter(None, (safe(taken.version), f"({taken.commit[:_SHORT]})")))
    if not taken.is_deployed:
        return _fitted(f"{name} is downloaded; `os upgrade` puts it in place.", screen)
    next_step = "rebooting now" if reboots else "reboot to finish (`systemctl reboot`)"
    text = f"{name} is ready: {next_step}. `os revert` undoes it."
    return [screen.paint(one, Style.GOOD) for one in _fitted(text, screen)]


def _cut(lines: list[str], screen: Screen) -> list[str]:
    if len(lines) <= MOST + 1:
        return lines
    rest = counted(len(lines) - MOST, "more line")
    return [*lines[:MOST], screen.paint(f"and {rest} (--json has them all)", Style.CALM)]


def _fitted(text: str, screen: Screen) -> list[str]:
    return [text] if screen.width is None else wrap(text, screen.width)
