from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from arkes_build.core.digest import bytes_digest, canonical_json, digest, file_digest

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}', id="keys are sorted"),
        pytest.param(("x", "y"), b'["x","y"]', id="a tuple is a list"),
        pytest.param("\u0101rk\u0113s", "\u0022\u0101rk\u0113s\u0022".encode(), id="text is UTF-8"),
        pytest.param("a\udcffb", b'"a\xffb"', id="a byte that is no UTF-8 comes back as it was"),
        pytest.param('"\n', b'"\\"\\n"', id="what JSON must escape is escaped"),
    ],
)
def test_a_value_has_one_text(value: Any, text: bytes) -> None:
    assert canonical_json(value) == text


@pytest.mark.parametrize("value", [1.0, [1, 2.5], {"a": {"b": (float("nan"),)}}])
def test_a_float_anywhere_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="a float has no canonical text"):
        digest(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(1, True, id="a number and a truth"),
        pytest.param(["ab", "c"], ["a", "bc"], id="texts cut elsewhere"),
        pytest.param({"a": None}, {}, id="nothing said and None said"),
        pytest.param("1", 1, id="a text and a number"),
    ],
)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_bytes_and_the_file_that_holds_them_have_the_same_digest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    assert file_digest(path) == bytes_digest(b"") == EMPTY
    path.write_bytes(b"\0" * 3_000_000)
    assert file_digest(path) == bytes_digest(b"\0" * 3_000_000)
