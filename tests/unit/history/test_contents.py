"""In what two contents differ: a line, a byte, a member of an archive."""

import gzip
import io

import pytest

from arkes_build.history.causes import Cause
from arkes_build.history.contents import MOST_FINDINGS, MOST_LINES, Finding, compare
from tests.unit.history.test_containers import cpio, gz, tar, zstd

TEXT = "".join(f"line {at}\n" for at in range(50))


def found(before, after, path="/usr/share/x"):
    return list(compare(path, before, after))


def one(*details, cause, inside=()):
    return [Finding(details=details, cause=cause, inside=inside)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            b"same\nat 1795361834\n",
            b"same\nat 1795361999\n",
            one("-at 1795361834", "+at 1795361999", cause=Cause.TIME),
            id="a line with a time",
        ),
        pytest.param(
            b"a\x00\x01bcd",
            b"a\x00\x02bcd!",
            one(
                "6 bytes recorded, 7 rebuilt; from byte 2 on: 01 62 63 64 recorded, "
                "02 62 63 64 21 rebuilt",
                cause=Cause.UNKNOWN,
            ),
            id="bytes, one more",
        ),
        pytest.param(
            b"\0abc",
            b"\0ab",
            one(
                "4 bytes recorded, 3 rebuilt; from byte 3 on: 63 recorded, the end rebuilt",
                cause=Cause.UNKNOWN,
            ),
            id="bytes, one less",
        ),
        pytest.param(
            gz(b"x", 7),
            gz(b"x", 8),
            one("mtime: 7 recorded, 8 rebuilt", cause=Cause.TIME, inside=("gzip",)),
            id="the time in gzip's header",
        ),
        pytest.param(
            gz(tar(("a", b"red\n"), ("b", b""))),
            gz(tar(("a", b"blue\n"), ("b", b""))),
            one("-red", "+blue", cause=Cause.UNKNOWN, inside=("gzip", "a")),
            id="a member of a compressed tar",
        ),
        pytest.param(
            cpio(("early", b"")) + zstd(cpio(("etc/a", b"1\n"))),
            cpio(("early", b"")) + zstd(cpio(("etc/a", b"2\n"))),
            one(
                "-1",
                "+2",
                cause=Cause.RANDOM,
                inside=("what follows the archive", "zstd", "etc/a"),
            ),
            id="a file in an initramfs",
        ),
        pytest.param(
            tar(("a", b""), ("b", b"")),
            tar(("b", b""), ("a", b"")),
            one("the same members in another order, from a and b on", cause=Cause.ORDER),
            id="the order of members",
        ),
        pytest.param(
            tar(("a", b""), ("b", b"")),
            tar(("a", b""), ("c", b"")),
            one("only recorded: b", "only rebuilt: c", cause=Cause.UNKNOWN),
            id="another member",
        ),
        pytest.param(
            gzip.compress(TEXT.encode(), 1, mtime=7)[:8]
            + b"\0"
            + gzip.compress(TEXT.encode(), 1, mtime=7)[9:],
            gzip.compress(TEXT.encode(), 9, mtime=7)[:8]
            + b"\0"
            + gzip.compress(TEXT.encode(), 9, mtime=7)[9:],
            None,
            id="packed otherwise",
        ),
    ],
)
def test_what_differs_is_named(before, after, expected):
    told = found(before, after)
    if expected is None:
        assert [each.details[0].partition(",")[0] for each in told] == ["the same inside"]
    else:
        assert told == expected


def test_many_members_with_the_same_change_are_told_together():
    files = [(name, b"") for name in "abcdef"]
    text = "mtime of 6 members, first a: mtime: 7 recorded, 8 rebuilt"
    told = found(cpio(*files, time=7), cpio(*files, time=8))
    assert told == one(text, cause=Cause.TIME)


def test_an_excerpt_is_short():
    told = found(TEXT.encode(), TEXT.replace("line", "row").encode())
    assert len(told[0].details) == MOST_LINES
    assert told[0].details[0] == "-line 0"
    assert told[0].details[-1].endswith("more lines")


def test_a_long_line_is_cut():
    told = found(b"a" * 5000, b"b" * 5000)
    assert max(map(len, told[0].details)) < 200


def test_of_many_members_some_are_told():
    before = tar(*((f"{at:03}", b"1\n") for at in range(100)))
    after = tar(*((f"{at:03}", b"2\n") for at in range(100)))
    told = found(before, after)
    assert len(told) == MOST_FINDINGS + 1
    assert told[-1].details == ("more differs inside",)


def test_containers_are_opened_only_so_deep():
    before, after = b"1\n", b"2\n"
    for _ in range(9):
        before, after = (gzip.compress(data, mtime=7) for data in (before, after))
    assert found(before, after)[0].inside == ("gzip",) * 4


def test_a_text_of_one_endless_difference_takes_no_time():
    before = io.BytesIO(b"".join(b"%d\n" % at for at in range(0, 200_000, 2))).getvalue()
    after = io.BytesIO(b"".join(b"%d\n" % at for at in range(1, 200_000, 2))).getvalue()
    assert found(before, after)[0].details[0] == "-0"
