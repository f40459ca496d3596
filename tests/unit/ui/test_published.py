"""Show what a publish did."""

import io

import jsonschema
import pytest

from arkes_build.delivery.publishing.published import (
    Download,
    HeldBack,
    Published,
    PublishedRef,
    PublishedRelease,
    Removed,
)
from arkes_build.ui import schemas
from arkes_build.ui.published import published_lines, published_shape, summary
from arkes_build.ui.screen import Screen

NEW, OLD = "a1" * 32, "b2" * 32
SCREEN = Screen(stream=io.StringIO(), moves=False, colour=False, width=None)


def published(**fields):
    known = {
        "path": "/srv/os",
        "project": "os",
        "url": "",
        "is_signed": True,
        "objects": 5,
        "object_bytes": 2048,
        "deltas": 2,
        "useless": 0,
        "removed": Removed(),
        "refs": (
            PublishedRef(
                ref="os/x86_64/base",
                before=OLD,
                releases=(
                    PublishedRelease(commit=NEW, timestamp=2, version="1.1"),
                    PublishedRelease(commit=OLD, timestamp=1, version="1.0"),
                ),
                downloads=(
                    Download(before=OLD, delta=1024, objects=5000),
                    Download(before="", delta=0, objects=1 << 20),
                ),
            ),
            PublishedRef(
                ref="os/x86_64/\x1b[31mleaf",
                before=OLD,
                releases=(PublishedRelease(commit=OLD, timestamp=1, version=""),),
                downloads=(),
            ),
        ),
    }
    return Published(**(known | fields))


def test_the_table():
    assert published_lines(published(), SCREEN) == [
        "NODE  NOW        COMMIT        VERSION  RELEASES   UPDATE    FIRST",
        "base  new        a1a1a1a1a1a1  1.1             2  1.0 KiB  1.0 MiB",
        "leaf  as before  b2b2b2b2b2b2  -               1        -        -",
        "",
        "/srv/os: 2 refs, 1 of them new, 5 objects written (2.0 KiB), 2 deltas made",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"refs": (), "objects": 0, "deltas": 0},
            "/srv/os: 0 refs, none of them new, 0 objects written, 0 deltas made",
            id="nothing",
        ),
        pytest.param(
            {"useless": 1, "is_signed": False, "removed": Removed(deltas=2, commits=1, bytes=10)},
            "/srv/os: 2 refs, 1 of them new, 5 objects written (2.0 KiB), 2 deltas made, "
            "1 delta larger than the objects, not kept, "
            "2 old deltas and 1 old commit removed (10 B), not signed",
            id="all that there may be",
        ),
    ],
)
def test_the_line_below(fields, expected):
    assert summary(published(**fields)) == expected


def test_the_document_keeps_to_its_schema():
    shape = published_shape(published())
    jsonschema.validate(shape, schemas.schema("publish"), jsonschema.Draft202012Validator)
    assert [one["downloads"] for one in shape["refs"]] == [
        [
            {"before": OLD, "delta": 1024, "objects": 5000},
            {"before": None, "delta": None, "objects": 1 << 20},
        ],
        [],
    ]


HELD = HeldBack(
    node="atomic\x1b[2J",
    commit=NEW,
    fault="base",
    check="verdict",
    why="stands on base, whose verdict failed: \x1b]0;x\x07no",
)


def test_what_was_held_back_is_named():
    assert published_lines(published(refs=(), held=(HELD,)), SCREEN)[1:4] == [
        "",
        "held back: atomic: stands on base, whose verdict failed: no",
        "",
    ]


def test_the_document_has_what_was_held_back():
    shape = published_shape(published(held=(HELD,)))
    jsonschema.validate(shape, schemas.schema("publish"), jsonschema.Draft202012Validator)
    assert [(one["node"], one["fault"]) for one in shape["held"]] == [("atomic\x1b[2J", "base")]
