"""Read the command line, run what is asked for, show the table."""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
import time
import traceback
from pathlib import Path

from arkes_build.core.errors import ArkesError
from scenario import cuts, table
from scenario.lab import CHECKOUT, Lab
from scenario.serving import served
from scenario.story import NEEDS, STORIES
from scenario.world import Row, World

SHORT = ("first-boot", "life", "fall-panic")
SHORT_CUTS = 4


def main():
    """Return 0 when every scenario went as told, else 24; what cannot begin says why."""
    try:
        return _run(_asked())
    except ArkesError as error:
        sys.stderr.write(f"error: {error.brief}\n{error.details}\n{error.resolution}\n")
        return int(error.exit_code)


def _run(asked):
    begin = time.monotonic()

    def say(text):
        sys.stderr.write(f"{time.monotonic() - begin:7.1f} {text}\n")
        sys.stderr.flush()

    lab = Lab(asked.work, asked.store, refresh=asked.refresh, port=asked.port, say=say)
    if asked.reuse:
        lab.adopt(asked.work)
    lab.prepare()
    if asked.prepare:
        return 0
    results = lab.folder / "results.json"
    done = json.loads(results.read_text()) if results.exists() and not asked.again else {}
    times = done.setdefault("times", {})
    world = World(lab=lab, cpus=asked.cpus, say=say, times=times)

    def note():
        done["seconds"] = round(time.monotonic() - begin, 1)
        results.write_text(json.dumps(done, indent=1))
        asked.table.write_text(table.markdown(done)) if asked.table else None

    with served(lab):
        has_points = all(world.has(phase.point) for phase in cuts.PHASES) and bool(times)
        for name in _chosen(asked, has_points=has_points):
            _tell(world, name, done, say)
            note()
        if asked.cuts and all(world.has(phase.point) for phase in cuts.PHASES):
            cuts.run(world, asked.cuts, asked.boots, done=done.setdefault("cuts", {}), note=note)
    note()
    sys.stdout.write(json.dumps(done, indent=1) + "\n" if asked.json else table.markdown(done))
    return 0 if table.is_good(done) else 24


def _chosen(asked, *, has_points):
    if asked.only:
        chosen = [n for n in STORIES if any(fnmatch.fnmatch(n, pattern) for pattern in asked.only)]
    else:
        chosen = list(SHORT) if asked.short else list(STORIES)
    needed = {NEEDS[name] for name in chosen if name in NEEDS}
    first = ["first-boot"] if needed or asked.cuts else []
    second = ["life"] if "upgraded" in needed or (asked.cuts and not has_points) else []
    return list(dict.fromkeys([*first, *second, *chosen]))


def _tell(world, name, done, say):
    stories = done.setdefault("stories", {})
    if stories.get(name, {}).get("is_good"):
        return
    story = STORIES[name]
    row = Row(name=name, story=(story.__doc__ or "").strip().splitlines()[0])
    say(f"{name}: {row.story}")
    begin = time.monotonic()
    try:
        story(world, row)
        row.is_good = True
    except Exception as error:  # noqa: BLE001 - the other scenarios go on
        details = getattr(error, "details", "")
        row.trouble = f"{type(error).__name__}: {error} {details[-1500:]}".strip()
        traceback.print_exc(file=sys.stderr)
    row.seconds = round(time.monotonic() - begin, 1)
    stories[name] = row.to_json()
    say(f"{name}: {'good' if row.is_good else 'FAILED'} {row.seconds} s {row.seen} {row.trouble}")


def _asked():
    parser = argparse.ArgumentParser(prog="tests/boot/scenarios", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="a scenario, or a pattern")
    parser.add_argument("--cuts", type=int, help="how often the power is cut (40)")
    parser.add_argument("--boots", type=int, default=8, help="how many of those boot again")
    parser.add_argument("--short", action="store_true", help="what the test run has time for")
    parser.add_argument("--again", action="store_true", help="repeat what went well before, too")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--table", type=Path, help="keep the table in this file, too")
    parser.add_argument("--work", type=Path, default=Path("/var/tmp/arkes-scenarios"))
    parser.add_argument("--store", type=Path, default=CHECKOUT / ".arkes")
    parser.add_argument("--refresh", action="store_true", help="lay this checkout over the base")
    parser.add_argument("--prepare", action="store_true", help="make the lab and stop there")
    parser.add_argument("--reuse", action="store_true", help="take the lab that is there")
    parser.add_argument("--port", type=int, default=8391, help="of the server on the loopback")
    parser.add_argument("--cpus", type=int, default=1, help="of each machine")
    asked = parser.parse_args()
    if asked.cuts is None:
        asked.cuts = 0 if asked.only else SHORT_CUTS if asked.short else 40
    if asked.short:
        asked.boots = min(asked.boots, 1)
    return asked
