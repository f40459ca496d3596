"""Bytes that are text, and bytes that are none."""

import time

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.language.decode import MOST_BYTES, MOST_LINE_BYTES, decode


def refused(data):
    with pytest.raises(SourceError) as caught:
        decode("a/Containerfile", data)
    return [(str(finding.span), finding.code) for finding in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"\xef\xbb\xbfFROM x\n", "FROM x\n", id="a byte-order mark is left out"),
        pytest.param("FROM é\r\n".encode(), "FROM é\r\n", id="line ends stay"),
        pytest.param(
            b"#" * MOST_LINE_BYTES + b"\n", "#" * MOST_LINE_BYTES + "\n", id="the longest line"
        ),
        pytest.param(
            "# é\n".encode() + b"FROM x\n\t# \xe9\n",
            "# é\nFROM x\n\t# é\n",
            id="a comment in another encoding",
        ),
    ],
)
def test_text(data, text):
    source = decode("a/Containerfile", data)
    assert (source.name, source.text) == ("a/Containerfile", text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            "FROM é\nRUN ".encode() + b"\xff b\n", [("a/Containerfile:2:5", "not-utf8")], id="0xff"
        ),
        pytest.param(
            b"FROM x\nRUN <<E\n# \xe9\nE\n",
            [("a/Containerfile:3:3", "not-utf8")],
            id="a line that may be of a here-document",
        ),
        pytest.param(b"FROM x\nRUN \xe2\x82", [("a/Containerfile:2:5", "not-utf8")], id="cut off"),
        pytest.param(b"\xed\xa0\x80", [("a/Containerfile:1:1", "not-utf8")], id="a surrogate"),
        pytest.param(
            b"FROM x\nA\0B\0\n", [("a/Containerfile:2:2", "nul-byte")], id="NUL bytes count once"
        ),
        pytest.param(
            "FROM x".encode("utf-16"),
            [("a/Containerfile:1:1", "not-utf8"), ("a/Containerfile:1:4", "nul-byte")],
            id="UTF-16",
        ),
        pytest.param(
            b"FROM x\n" + b"y" * (MOST_LINE_BYTES + 1) + b"\nz\n" + b"y" * (MOST_LINE_BYTES + 1),
            [("a/Containerfile:2:1", "line-too-long"), ("a/Containerfile:4:1", "line-too-long")],
            id="long lines",
        ),
        pytest.param(
            b"FROM x\n" * MOST_BYTES, [("a/Containerfile:1:1", "file-too-large")], id="too large"
        ),
    ],
)
def test_no_text(data, expected):
    assert refused(data) == expected


def test_the_bad_byte_is_shown_with_what_stands_before_it():
    with pytest.raises(SourceError) as caught:
        decode("f", b"FROM x\nRUN a \xfe\n")
    (finding,) = caught.value.diagnostics
    assert finding.message == "byte 0xfe is not UTF-8 text"
    assert finding.span.source.line(2) == "RUN a \ufffd"


def test_ten_megabytes_on_one_line_are_refused_at_once():
    data = b"RUN " + b"x" * 10_000_000
    begin = time.process_time()
    assert refused(data) == [("a/Containerfile:1:1", "file-too-large")]
    assert time.process_time() - begin < 0.2
