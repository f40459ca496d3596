"""The words for changes."""

import pytest

from arkes_build.history.model import Download, Kind, NameChange, PackageChange
from arkes_build.ui.changes import words


def package(kind):
    return PackageChange(name="a", before="1", after="2", kind=kind)


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        pytest.param([Kind.UPGRADED] * 12 + [Kind.ADDED], "12 packages up, 1 new", id="two kinds"),
        pytest.param([Kind.REMOVED], "1 package gone", id="one"),
        pytest.param([Kind.DOWNGRADED, Kind.CHANGED], "1 package down, 1 of another version"),
    ],
)
def test_packages(kinds, told):
    assert words.packages([package(kind) for kind in kinds]) == told


@pytest.mark.parametrize(
    ("download", "told"),
    [
        pytest.param(
            Download(objects=1, content_bytes=9, object_bytes=7, delta_bytes=5),
            "5 B to download",
            id="the delta",
        ),
        pytest.param(
            Download(objects=1, content_bytes=9, object_bytes=7), "7 B to download", id="objects"
        ),
        pytest.param(
            Download(objects=1, content_bytes=9, object_bytes=7, is_estimate=True),
            "about 7 B to download",
            id="an estimate says so",
        ),
        pytest.param(Download(objects=1, content_bytes=9), "9 B on disk", id="not compressed"),
    ],
)
def test_to_download(download, told):
    assert words.to_download(download) == told


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param(
            [(Kind.ADDED, ""), (Kind.ADDED, "enabled by a.target")],
            (Kind.ADDED, ("", "enabled by a.target")),
            id="new and enabled",
        ),
        pytest.param(
            [(Kind.REMOVED, "enabled by a.target"), (Kind.ADDED, "masked")],
            (Kind.CHANGED, ("no longer enabled by a.target", "masked")),
            id="there as before, but masked now",
        ),
        pytest.param(
            [(Kind.REMOVED, "alias of b.service")],
            (Kind.REMOVED, ("alias of b.service gone",)),
            id="an alias",
        ),
        pytest.param(
            [(Kind.CHANGED, "user, drop-in x.conf")],
            (Kind.CHANGED, ("user, drop-in x.conf changed",)),
            id="a drop-in",
        ),
    ],
)
def test_a_unit_is_told_once(changes, named):
    found = words.grouped(NameChange(name="x", kind=kind, detail=each) for kind, each in changes)
    assert found == [words.Named("x", *named)]
