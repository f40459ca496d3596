"""Releases, character by character, and as JSON."""

import json

import jsonschema
import pytest

from arkes_build.history.forecast import Cost, Since
from arkes_build.history.log import Log, Release, Told
from arkes_build.history.model import Kind, NameChange, PackageChange
from arkes_build.ui import schemas
from arkes_build.ui.log import log_lines, log_shape, oneline_lines
from arkes_build.ui.text import width

COMMITS = tuple(digit * 64 for digit in "abcd")


def package(name, before, after, kind=Kind.UPGRADED):
    return PackageChange(name=name, before=before, after=after, kind=kind)


def release(at, **fields):
    known = {
        "commit": COMMITS[at],
        "parent": COMMITS[at + 1],
        "node": "base",
        "version": f"2026.{11 - at}",
        "timestamp": 1793491200 - at * 86400 * 30,
        "kernel": "6.12.2-amd64",
        "packages": 662,
        "signers": ("0123456789ABCDEF",),
        "is_pinned": False,
        "bytes": 1_878_518_738,
        "told": Told.CHANGES,
        "since": None,
    }
    return Release(**(known | fields))


def since(at, cost, **fields):
    return Since(commit=COMMITS[at], version="x", timestamp=1, cost=cost, **fields)


LOG = Log(
    name="base",
    releases=(
        release(
            0,
            is_pinned=True,
            since=since(
                1,
                Cost(objects=1203, content_bytes=31_000_000, object_bytes=12_900_000),
                packages=(
                    *(package(f"lib{name}", "1.0-1", "1.0-2") for name in "abcdefg"),
                    package("linux-image-amd64", "6.12.1", "6.12.2"),
                    package("cowsay", "", "3.03", Kind.ADDED),
                ),
                left_out=(("etc.changed", 3), ("packages.upgraded", 100)),
                kernel=("6.12.1-amd64", "6.12.2-amd64"),
                units=(NameChange(name="ssh.service", kind=Kind.REMOVED, detail="enabled"),),
                kernel_arguments=(NameChange(name="quiet", kind=Kind.ADDED),),
                users=(NameChange(name="sshd", kind=Kind.ADDED, detail="user"),),
            ),
        ),
        release(
            1,
            signers=(),
            since=since(
                2,
                Cost(objects=3, content_bytes=900, object_bytes=700_000, is_estimate=True),
                etc=(NameChange(name="hosts\x1b[2J", kind=Kind.CHANGED),),
            ),
        ),
        release(2, told=Told.NOTHING, bytes=0, version="", timestamp=1 << 60),
    ),
    is_cut=False,
    oldest_parent=COMMITS[3],
)


@pytest.mark.parametrize(
    ("columns", "name"),
    [(None, "log-pipe.txt"), (80, "log-80.txt")],
    ids=["releases in a pipe", "releases on 80 columns"],
)
def test_releases_are_told_with_what_they_changed(screen, golden, columns, name):
    lines = log_lines(LOG, screen(columns))
    golden(name, lines)
    assert columns is None or max(map(width, lines)) <= columns


def test_one_line_for_each_is_cut_to_the_screen(screen, golden):
    golden("log-oneline.txt", oneline_lines(LOG, screen()))
    assert max(map(width, oneline_lines(LOG, screen(60)))) <= 60


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told.FIRST, "    changes   the first release"),
        (Told.UNREADABLE, "    changes   what its commit says of changes cannot be read"),
    ],
)
def test_a_release_without_changes_says_why(screen, told, said):
    log = Log(name="x", releases=(release(0, told=told),), is_cut=True, oldest_parent=None)
    lines = log_lines(log, screen())
    assert said in lines
    assert lines[-1] == "There are older ones: -n shows more."


def test_the_document_keeps_to_its_schema(golden):
    shape = log_shape(LOG)
    jsonschema.validate(shape, schemas.schema("log"), jsonschema.Draft202012Validator)
    golden("log.json", json.dumps(shape, indent=1).split("\n"))
