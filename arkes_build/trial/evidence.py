"""Keep what tells of a test: the console, and after a failure the journal and the screen."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.trial.console import lines
from arkes_build.vm.errors import MachineError

if TYPE_CHECKING:
    from pathlib import Path

    from arkes_build.trial.machine import Machine

CONSOLE, JOURNAL, SCREEN = "console.log", "journal.txt", "screenshot.png"
_JOURNAL_SECONDS = 60.0
_JOURNAL_LINES = 20_000


def gather(machine: Machine, folder: Path, *, has_failed: bool, answers: bool) -> tuple[str, ...]:
    """Write into a folder what there is, and return the names; ``answers`` is of the guest."""
    shown = "".join(f"{line}\n" for line in lines(machine.console))
    write_atomically(folder / CONSOLE, shown.encode("utf-8", "backslashreplace"))
    if not has_failed:
        return (CONSOLE,)
    kept = [CONSOLE]
    with suppress(MachineError):
        machine.screenshot(folder / SCREEN)
        kept.append(SCREEN)
    if answers and _keep_journal(machine, folder):
        kept.append(JOURNAL)
    return tuple(kept)


def _keep_journal(machine: Machine, folder: Path) -> bool:
    """Write the journal of all boots: the one that failed may not be the one that runs."""
    argv = ["journalctl", "--no-pager", f"--lines={_JOURNAL_LINES}", "--no-hostname"]
    try:
        told = machine.guest.run(argv, timeout=_JOURNAL_SECONDS)
    except MachineError:
        return False
    write_atomically(folder / JOURNAL, told.out.encode("utf-8", "backslashreplace"))
    return bool(told.out)
