"""Bars are as long as their share."""

import pytest

from arkes_build.ui.bars import bar


@pytest.mark.parametrize(
    ("value", "most", "drawn"),
    [
        (0, 100, ""),
        (5, 0, ""),
        (-3, 100, ""),
        (100, 100, "████"),
        (50, 100, "██"),
        (60, 100, "██▍"),
        (1, 1_000_000, "▏"),
        (200, 100, "████"),
    ],
)
def test_a_bar_is_as_long_as_its_share(value, most, drawn):
    assert bar(value, most, 4) == drawn
