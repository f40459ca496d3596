from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from arkes_build.vm import console

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"a\r\nb\n", "a\nb\n", id="line ends of a terminal"),
        pytest.param(b"[\x1b[0;32m  OK  \x1b[0m] x", "[  OK  ] x", id="colours"),
        pytest.param(b"\x1b[!p\x1b[?7h\x1b[6nlogin:", "login:", id="a reset terminal"),
        pytest.param(b"\x1b]0;title\x07\x00\x07x\xff", "x�", id="titles, bells, no text"),
    ],
)
def test_a_log_is_read_as_text(tmp_path: Path, data: bytes, expected: str) -> None:
    (tmp_path / "log").write_bytes(data)
    assert console.read(tmp_path / "log") == expected


def test_only_the_end_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 1000 + b"end")
    assert console.read(tmp_path / "log", most=4) == "xend"
    assert console.read(tmp_path / "none") == ""


def test_the_last_lines_are_those_that_say_something(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a\n\nb\n  \nc\n\n")
    assert console.tail(tmp_path / "log", lines=2) == "b\nc"
