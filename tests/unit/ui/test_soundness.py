"""Say in words what fsck found."""

import io
from dataclasses import replace

from arkes_build.delivery.soundness.damage import Damage, Kind, State, nothing
from arkes_build.ui.screen import Screen
from arkes_build.ui.soundness import Meter, findings_lines, findings_shape

SCREEN = Screen(stream=io.StringIO(), moves=False, colour=False, width=None)
WHOLE = replace(nothing("repo"), objects=3, size=2048, commits=1, refs=2)
FILE = Damage(
    kind=Kind.FILE,
    name="ab12",
    what="its content is not what its name says",
    users=tuple(f"x/{number}" for number in range(7)),
    paths=("/usr/\x1b[31mred",),
    more_paths=4,
)


def lines(*damages, verbose=False):
    return findings_lines(replace(WHOLE, damages=damages), SCREEN, verbose=verbose)


def test_a_whole_repository_is_one_line():
    assert lines() == ["repo: 3 objects (2.0 KiB), 1 commit, 2 refs; all of it is whole."]


def test_a_damage_is_told_with_whom_it_hurts_and_cannot_drive_a_terminal():
    assert lines(FILE) == [
        "damaged file ab12",
        "    its content is not what its name says",
        "    needed by x/0, x/1, x/2, x/3, x/4 and 2 more",
        "    at /usr/red and 4 more",
        "",
        (
            "repo: 3 objects (2.0 KiB), 1 commit, 2 refs; 1 damage: 1 left. "
            "`--repair` makes whole what can be."
        ),
    ]


def test_verbose_lists_all_that_is_known():
    assert "    needed by x/0, x/1, x/2, x/3, x/4, x/5, x/6" in lines(FILE, verbose=True)


def test_after_a_repair_each_damage_says_what_became_of_it():
    layer = Damage(
        kind=Kind.FOLDER,
        name="cd34",
        what="it is not there",
        is_missing=True,
        users=(f"arkes-layers/{'f' * 64}",),
        told="`--from` a repository that has it brings it back",
    )
    told = lines(replace(FILE, state=State.REPAIRED, told="fetched"), layer)
    assert told[0] == "repaired file ab12"
    assert told[6:10] == [
        "missing directory cd34",
        "    needed by layer ffffffffffff",
        "    `--from` a repository that has it brings it back",
        "",
    ]
    assert told[-1].endswith("2 damages: 1 repaired, 1 left.")


def test_the_shape_has_every_field_and_plain_values():
    shape = findings_shape(replace(WHOLE, damages=(FILE,)))
    assert (shape["is_whole"], shape["damages"][0]["kind"]) == (False, "file")
    assert shape["damages"][0]["paths"] == ["/usr/\x1b[31mred"]


def test_the_meter_is_silent_where_lines_do_not_move():
    meter = Meter(SCREEN)
    meter(1, 2)
    meter.clear()
    assert SCREEN.stream.getvalue() == ""


def test_the_meter_draws_each_percent_once_and_goes_away():
    stream = io.StringIO()
    meter = Meter(Screen(stream=stream, moves=True, colour=False, width=80))
    for done in (1, 2, 3):
        meter(done, 200)
    meter.clear()
    assert stream.getvalue() == (
        "\r\x1b[Klooking at objects: 1 of 200 (0 %)\r\x1b[Klooking at objects: 2 of 200 (1 %)"
        "\r\x1b[K"
    )
