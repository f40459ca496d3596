"""Turn one bit back by its checksum."""

import hashlib

import pytest

from arkes_build.delivery.soundness.bits import LONGEST, mended

DATA = bytes(range(200))
DIGEST = hashlib.sha256(DATA).hexdigest()


def flipped(*bits):
    data = bytearray(DATA)
    for bit in bits:
        data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


@pytest.mark.parametrize("bit", [0, 7, 801, 1599], ids=lambda bit: f"bit {bit}")
def test_one_bit_is_turned_back(bit):
    assert mended(flipped(bit), DIGEST) == DATA


@pytest.mark.parametrize(
    "data",
    [flipped(1, 900), DATA[:-1], b"", bytes(LONGEST + 1)],
    ids=["two bits", "a byte less", "nothing", "too long to try"],
)
def test_what_is_worse_is_given_up(data):
    assert mended(data, DIGEST) is None
