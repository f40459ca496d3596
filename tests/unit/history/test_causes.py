"""Why two builds of a file most likely differ."""

import pytest

from arkes_build.history.causes import Cause, first_difference, of_bytes, of_texts

ONE, TWO = 1_795_361_834, 1_795_361_999


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        pytest.param("b\na\n", "a\nb\n", Cause.ORDER, id="the same lines in another order"),
        pytest.param(f"at {ONE}\n", f"at {TWO}\n", Cause.TIME, id="seconds since 1970"),
        pytest.param("2026-11-22\n", "2027-01-01\n", Cause.TIME, id="a date"),
        pytest.param("20261122\n", "20270101\n", Cause.TIME, id="a date without marks"),
        pytest.param(
            "2026-11-22T15:37:01Z\n", "2026-11-22T15:38:12Z\n", Cause.TIME, id="a date with a time"
        ),
        pytest.param(
            "Sun Nov 22 15:58:01 UTC 2026\n",
            "Mon Nov 23 15:58:16 UTC 2026\n",
            Cause.TIME,
            id="date(1)",
        ),
        pytest.param("-- 22 Nov 2026\n", "-- 1 January 2027\n", Cause.TIME, id="a day in words"),
        pytest.param("/tmp/8oC4MQ/x.c\n", "/tmp/63gqcq/x.c\n", Cause.PATH, id="a temporary folder"),
        pytest.param(
            "a 2026-11-22 /build/one\n",
            "a 2026-11-23 /build/two\n",
            Cause.PATH,
            id="a folder, and a date beside it",
        ),
        pytest.param("n 123456789\n", "n 987654321\n", Cause.RANDOM, id="a number"),
        pytest.param(
            "id 0a1b2c3d4e5f60718293a4b5c6d7e8f9\n",
            "id f9e8d7c6b5a493827160f5e4d3c2b1a0\n",
            Cause.RANDOM,
            id="an identity",
        ),
        pytest.param("colour red\n", "colour blue\n", Cause.UNKNOWN, id="another word"),
        pytest.param("a\n", "a\nb\n", Cause.UNKNOWN, id="one line more"),
    ],
)
def test_what_two_texts_differ_by(before, after, cause):
    assert of_texts("/usr/share/x", before, after) is cause
    assert of_texts("/usr/share/x", after, before) is cause


def test_days_are_times_where_they_are_known_to_stand():
    before, after = "root:*:20779:0:99999:7:::\n", "root:*:20780:0:99999:7:::\n"
    assert of_texts("/usr/etc/shadow", before, after) is Cause.TIME
    assert of_texts("/usr/share/x", before, after) is Cause.RANDOM


def number(value, order="little"):
    return b"head" + value.to_bytes(4, order) + b"tail" * 9


@pytest.mark.parametrize(
    ("path", "before", "after", "cause"),
    [
        pytest.param("/x", number(ONE), number(TWO), Cause.TIME, id="a time, little end first"),
        pytest.param("/x", number(ONE, "big"), number(TWO, "big"), Cause.TIME, id="big end first"),
        pytest.param("/x", number(5), number(6), Cause.UNKNOWN, id="a number that is no time"),
        pytest.param("/x", bytes(range(64)), bytes(range(64, 128)), Cause.RANDOM, id="all else"),
        pytest.param("/x", b"\0" * 9, b"\0" * 8, Cause.UNKNOWN, id="another length"),
        pytest.param(
            "/x",
            bytes(range(256)) * 4,
            bytes(reversed(range(256))) * 4,
            Cause.ORDER,
            id="the same bytes elsewhere",
        ),
        pytest.param("/etc/machine-id", b"a", b"bc", Cause.RANDOM, id="known by its name"),
        pytest.param("/usr/lib/x.pyc", b"a", b"bc", Cause.TIME, id="bytecode"),
    ],
)
def test_what_two_contents_differ_by(path, before, after, cause):
    assert of_bytes(path, before, after) is cause


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        (b"", b"", 0),
        (b"a", b"b", 0),
        (b"ab", b"ac", 1),
        (b"ab", b"abc", 2),
        (b"x" * 70_000 + b"a", b"x" * 70_000 + b"b", 70_000),
    ],
)
def test_the_first_different_byte_is_found(before, after, at):
    assert first_difference(before, after) == at
