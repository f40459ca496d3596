"""Show what is kept, character by character."""

import jsonschema
import pytest

from arkes_build.delivery.keeping.objects import NOTHING, Weight
from arkes_build.delivery.keeping.pins import Pinned
from arkes_build.delivery.keeping.pruned import Part, Pruned
from arkes_build.delivery.keeping.retention import Line, Release, Why
from arkes_build.project.settings import Retention
from arkes_build.ui import schemas
from arkes_build.ui.kept import pins_lines, pins_shape, prune_lines, prune_shape
from arkes_build.ui.text import width

TIME = 1_735_689_600
COMMITS = [letter * 64 for letter in "abcdef"]


def release(at, *why, version="1.0"):
    return Release(commit=COMMITS[at], timestamp=TIME + at, version=version, why=why)


PRUNED = Pruned(
    repository="/srv/store/repo",
    is_dry=True,
    lines=(
        Line(
            ref="test/x86_64/base",
            node="base",
            rule=Retention(keep=1, days=30),
            releases=(
                release(5, Why.NEWEST, Why.COUNT, Why.AGE),
                release(4),
                release(3, Why.PINNED),
                release(2, version=""),
            ),
        ),
        Line(
            ref="test/x86_64/bootstrap",
            node="bootstrap",
            rule=Retention(),
            releases=(release(0, Why.NEWEST, Why.NO_RULE),),
        ),
    ),
    releases={COMMITS[4]: Weight(10, 2_000_000, 2_100_000), COMMITS[2]: Weight(3, 500, 12_288)},
    pinned={COMMITS[3]: "before the new kernel"},
    parts=(
        Part(name="layers", count=2, weight=Weight(7, 4_096, 8_192)),
        Part(name="logs", count=1, weight=Weight(1, 12, 4_096)),
    ),
    freed=Weight(21, 2_004_608, 2_124_576),
)
PINS = (
    Pinned(commit=COMMITS[3], node="base", version="1.0", timestamp=TIME, note="it worked"),
    Pinned(commit=COMMITS[2], node="", version="", timestamp=10**18, note=""),
)


@pytest.mark.parametrize(
    ("columns", "name"),
    [(None, "prune-pipe.txt"), (60, "prune-60.txt")],
    ids=["in a pipe no line is broken", "on 60 columns the reasons are broken"],
)
def test_a_prune(screen, golden, columns, name):
    lines = prune_lines(PRUNED, screen(columns), verbose=True)
    golden(name, lines)
    table = lines[: lines.index("")]
    assert columns is None or max(map(width, table)) <= columns


def test_a_prune_that_found_nothing(screen):
    assert prune_lines(Pruned(repository="r", is_dry=False), screen()) == ["Nothing to remove."]


def test_a_prune_that_was_done(screen):
    done = Pruned(
        repository="r", is_dry=False, lines=PRUNED.lines[1:], freed=Weight(1, 1_500, 4_096)
    )
    assert prune_lines(done, screen()) == [
        "NODE       KEPT  GONE  FREES  WHY",
        "bootstrap     1     0      -  no [retention]: all stay",
        "",
        "Removed 0 releases, 1 file: 1,500 bytes (1.5 KiB; 4.0 KiB of disk).",
    ]


def test_pins(screen, golden):
    golden("pins.txt", pins_lines(PINS, screen()))
    assert pins_lines((), screen()) == ["Nothing is pinned."]


def test_hostile_notes_cannot_drive_the_terminal(screen):
    pin = Pinned(commit=COMMITS[0], node="\x1b[2J", version="\x07", timestamp=0, note="a\x1b]0;b")
    assert not [line for line in pins_lines((pin,), screen()) if not line.isprintable()]


def test_the_json_adds_up_and_keeps_to_its_schema():
    shape = prune_shape(PRUNED)
    jsonschema.validate(shape, schemas.schema("prune"))
    jsonschema.validate(pins_shape(PINS), schemas.schema("pins"))
    parts = [one["freed"] for ref in shape["refs"] for one in ref["releases"] if one["freed"]]
    parts += [one["freed"] for one in shape["others"]]
    total = sum((Weight(**part) for part in parts), NOTHING)
    assert total == Weight(**shape["freed"])
    assert shape["refs"][0]["releases"][2] == {
        "commit": COMMITS[3],
        "version": "1.0",
        "timestamp": TIME + 3,
        "why": ["pinned"],
        "note": "before the new kernel",
        "freed": None,
    }
