"""Cut the power in every phase of an update, and look at what is left."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from scenario.image import examine
from scenario.world import BOOT_SECONDS, Failed

MADE = 1.0
"""The disk's own files are of second 0: whatever is younger was written by a guest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase: from which snapshot, by which command, its share of the cuts (of 40)."""

    name: str
    story: str
    point: str
    command: str
    share: int


PHASES = (
    Phase(
        name="pull", story="while a release is pulled", point="following",
        command="os upgrade --download-only", share=10,
    ),
    Phase(
        name="stage", story="while it is staged and its new kernel goes to the ESP",
        point="downloaded", command="os upgrade", share=9,
    ),
    Phase(
        name="finish", story="while the shutdown finishes it and writes its boot entry",
        point="staged", command="systemctl reboot", share=12,
    ),
    Phase(
        name="prune", story="while it is given up again and what it had is removed",
        point="staged", command="os revert && os prune", share=6,
    ),
    Phase(
        name="trial", story="while it boots for the first time, up to its blessing",
        point="staged", command="systemctl reboot", share=3,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One cut: in a phase, after so many seconds of it."""

    number: int
    phase: Phase
    after: float


def planned(count, times):
    """Spread so many cuts over the phases, and evenly over the time of each."""
    whole = sum(phase.share for phase in PHASES)
    cuts = []
    for phase in PHASES:
        wanted = max(1, round(count * phase.share / whole))
        for index in range(wanted):
            after = times[phase.name] * (index + 0.5) / wanted
            cuts.append(Cut(number=0, phase=phase, after=after))
    while len(cuts) > count:
        cuts.pop(next(i for i, cut in enumerate(cuts) if cut.phase.name == "pull"))
    return [Cut(number=n, phase=cut.phase, after=cut.after) for n, cut in enumerate(cuts, 1)]


def cut_power(world, cut):
    """Start at the phase's snapshot, run its command, kill QEMU; return the disk that is left."""
    name = f"kept-cut-{cut.number}"
    with world.start(cut.phase.point, name) as guest:
        begin = time.monotonic()
        guest.machine.guest.start(cut.phase.command, timeout=900)
        if cut.phase.name == "trial":
            if guest.machine.monitor.wait_for_event(["RESET"], timeout=300) is None:
                raise Failed("it did not reboot")
            begin = time.monotonic()
        time.sleep(max(0.0, cut.after - (time.monotonic() - begin)))
        guest.machine.kill()
    return world.machines / name / "disk.qcow2"


def run(world, count, boots, *, done, note):
    """Cut ``count`` times; boot ``boots`` of what is left. ``note`` takes each row as it comes."""
    cuts = planned(count, world.times)
    step = max(1, count // boots) if boots else count + 1
    rows = done.setdefault("rows", {})
    with ThreadPoolExecutor(1) as lookers:
        looking = []
        for cut in cuts:
            if rows.get(str(cut.number), {}).get("is_good"):
                continue
            disk = cut_power(world, cut)
            does_boot = cut.number % step == step - 1 if step > 1 else True
            looking.append(lookers.submit(_look, disk))
            row = {"phase": cut.phase.name, "after": round(cut.after, 1), "booted": ""}
            if does_boot:
                row["booted"] = _boots(world, disk, cut)
            found = looking.pop().result()
            row |= found
            row["is_good"] = not row["broken"] and row["booted"] in ("", *_known(world))
            rows[str(cut.number)] = row
            shutil.rmtree(disk.parent, ignore_errors=True)
            world.say(f"cut {cut.number} of {count}: {row}")
            note()
    return rows


def _known(world):
    return ("base", "good")


def _look(disk):
    found = examine(disk, since=MADE)
    return {
        "entries": [entry.name for entry in found.entries],
        "bootable": len(found.bootable),
        "broken": list(found.broken),
        "untidy": list(found.untidy),
        "objects": found.objects,
        "summed": found.summed,
        "begun": found.partial,
        "looked": round(found.seconds, 1),
    }


def _boots(world, disk, cut):
    """Boot what is left; return the name of the release that came up, or what went wrong."""
    try:
        with world.boot(disk, f"boot-{cut.number}") as guest:
            verdict = guest.verdict(timeout=BOOT_SECONDS)
            if not verdict.is_good:
                return f"not well: {verdict.state} {verdict.failed}"
            for name in _known(world):
                if verdict.deployment.startswith(guest.commit(name)):
                    return name
            return f"unknown: {verdict.deployment}"
    except Exception as error:  # noqa: BLE001 - whatever it is goes into the table
        return f"{type(error).__name__}: {error} {getattr(error, 'details', '')[-300:]}"
