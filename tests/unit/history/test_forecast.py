"""Write a forecast, read it back, and refuse what is none."""

import json

import pytest

from arkes_build.history.fitting import fitted
from arkes_build.history.forecast import (
    LIMIT,
    Cost,
    Forecast,
    ForecastUnreadable,
    Since,
    parse,
    text,
)
from arkes_build.history.model import Kind, NameChange, PackageChange

COMMIT = "0123456789abcdef" * 4


def package(name, before, after, kind=Kind.UPGRADED):
    return PackageChange(name=name, before=before, after=after, kind=kind)


def since(**fields):
    known = {
        "commit": COMMIT,
        "version": "1.0",
        "timestamp": 1735689600,
        "cost": Cost(objects=12, content_bytes=3000, object_bytes=1000),
    }
    return Since(**(known | fields))


FULL = Forecast(
    files=42_000,
    bytes=1_900_000_000,
    since=(
        since(
            packages=(
                package("bash", "5.2-1", "5.2-2"),
                package("cowsay", "", "3.0", Kind.ADDED),
            ),
            etc=(NameChange(name="ssh/sshd_config", kind=Kind.CHANGED),),
            units=(NameChange(name="ssh.service", kind=Kind.ADDED, detail="enabled"),),
            users=(NameChange(name="sshd", kind=Kind.REMOVED, detail="user"),),
            kernel_arguments=(NameChange(name="quiet", kind=Kind.ADDED),),
            kernel=("6.12.1", "6.12.2"),
            left_out=(("etc.changed", 4),),
            cost=Cost(objects=12, content_bytes=3000, object_bytes=1000, is_estimate=True),
        ),
        since(),
    ),
    left_out=1,
)

FULL_TEXT = (
    '{"format":1,"tree":{"files":42000,"bytes":1900000000},"from":[{"commit":"' + COMMIT + '",'
    '"version":"1.0","timestamp":1735689600,'
    '"packages":{"added":[["cowsay","","3.0"]],"upgraded":[["bash","5.2-1","5.2-2"]]},'
    '"units":{"added":[["ssh.service","enabled"]]},"users":{"removed":[["sshd","user"]]},'
    '"kernel_arguments":{"added":["quiet"]},"etc":{"changed":["ssh/sshd_config"]},'
    '"kernel":["6.12.1","6.12.2"],"left_out":{"etc.changed":4},'
    '"objects":12,"content_bytes":3000,"object_bytes":1000,"is_estimate":true},'
    '{"commit":"' + COMMIT + '","version":"1.0","timestamp":1735689600,'
    '"objects":12,"content_bytes":3000,"object_bytes":1000}],"left_out":1}'
)


def test_a_forecast_is_written_with_everything_in_it():
    assert text(FULL) == FULL_TEXT


def test_what_was_written_is_read_back():
    assert parse(FULL_TEXT) == FULL


def test_what_fits_stays_as_it_is():
    assert fitted(FULL) == FULL


def test_counts_include_what_is_not_named():
    assert (FULL.since[0].count("etc", Kind.CHANGED), FULL.since[0].count("etc", Kind.ADDED)) == (
        5,
        0,
    )


def damaged(**fields):
    value = json.loads(FULL_TEXT)
    value["from"][0] |= fields
    return json.dumps(value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param("", "it is no JSON", id="nothing"),
        pytest.param("[" * 9000, "it is no JSON", id="nested too deeply"),
        pytest.param(" " * LIMIT + "{}", "it is too long", id="longer than any forecast"),
        pytest.param('{"format":1' + "0" * 5000 + "}", "it is no JSON", id="an endless number"),
        pytest.param("[]", "a table is missing, or something else", id="a list"),
        pytest.param("{}", "it has another format", id="no format"),
        pytest.param('{"format":2}', "it has another format", id="a later format"),
        pytest.param('{"format":1,"tree":[]}', "a table is missing, or something else", id="tree"),
        pytest.param(damaged(commit="../../etc"), "a commit is no checksum", id="a path"),
        pytest.param(
            damaged(version="x" * 201), "a text is missing, too long, or something else", id="long"
        ),
        pytest.param(damaged(objects=-1), "a number is missing, or cannot be", id="negative"),
        pytest.param(damaged(objects=True), "a number is missing, or cannot be", id="a truth"),
        pytest.param(damaged(objects=1.5), "a number is missing, or cannot be", id="a fraction"),
        pytest.param(damaged(objects=1 << 80), "a number is missing, or cannot be", id="too large"),
        pytest.param(
            damaged(packages={"added": [["a", "b"]]}),
            "a list has 2 texts instead of 3",
            id="half a package",
        ),
        pytest.param(
            damaged(etc={"added": "hosts"}), "a list is missing, or something else", id="a text"
        ),
        pytest.param(
            damaged(kernel=["1"]), "a list has 1 texts instead of 2", id="only one kernel"
        ),
    ],
)
def test_what_is_no_forecast_is_refused(data, why):
    with pytest.raises(ForecastUnreadable, match=f"^{why}$"):
        parse(data)


def test_what_a_later_version_adds_is_passed_over():
    value = json.loads(FULL_TEXT)
    value["more"] = {"a": 1}
    value["from"][0]["packages"]["renamed"] = [["a", "b", "c"]]
    assert parse(json.dumps(value)) == FULL
