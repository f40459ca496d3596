"""Rectangles for sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arkes_build.ui.treemap import Tile, tiles


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([0, 0], [], id="nothing that has a size"),
        pytest.param([5], [Tile(0, 0, 0, 6, 4)], id="one takes all"),
        pytest.param(
            [6, 6, 4, 3, 2, 2, 1],
            [
                Tile(0, 0, 0, 3, 2),
                Tile(1, 0, 2, 3, 2),
                Tile(2, 3, 0, pytest.approx(12 / 7), pytest.approx(7 / 3)),
                Tile(3, pytest.approx(3 + 12 / 7), 0, pytest.approx(9 / 7), pytest.approx(7 / 3)),
            ],
            id="the example of the paper",
        ),
    ],
)
def test_tiles(sizes, expected):
    assert tiles(sizes, 6, 4)[:4] == expected


@given(st.lists(st.integers(0, 10**12), max_size=60))
def test_they_fill_the_rectangle_by_their_size(found):
    sizes = sorted(found, reverse=True)
    made = tiles(sizes, 960, 420)
    assert [tile.index for tile in made] == list(range(sum(size > 0 for size in sizes)))
    for tile in made:
        share = sizes[tile.index] / sum(sizes)
        assert tile.width * tile.height == pytest.approx(share * 960 * 420, rel=1e-3, abs=1e-6)
        assert -0.001 <= tile.x <= tile.x + tile.width <= 960.001
        assert -0.001 <= tile.y <= tile.y + tile.height <= 420.001
