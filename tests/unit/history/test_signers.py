"""Read which keys signatures name."""

import pytest

from arkes_build.history.signers import signers

PRINT = bytes(range(20))
ID = PRINT[-8:].hex().upper()
FINGERPRINT = b"\x16\x21\x04" + PRINT
ISSUER = b"\x09\x10" + PRINT[-8:]


def body(hashed=b"", other=b"", version=4):
    return bytes((version, 0, 1, 8)) + _area(hashed) + _area(other) + b"\0\0rest"


def _area(data):
    return len(data).to_bytes(2, "big") + data


def old(data):
    return b"\x89" + len(data).to_bytes(2, "big") + data


def new(data):
    return b"\xc2" + bytes((len(data),)) + data


@pytest.mark.parametrize(
    ("blobs", "found"),
    [
        pytest.param([], (), id="no signature"),
        pytest.param([old(body(FINGERPRINT))], (ID,), id="by its fingerprint"),
        pytest.param([new(body(b"", ISSUER))], (ID,), id="by its ID, in the new format"),
        pytest.param([old(body(FINGERPRINT, ISSUER)) * 2], (ID,), id="each key once"),
        pytest.param(
            [old(body(ISSUER)), old(body(b"\x09\x10" + b"\xff" * 8))],
            (ID, "FF" * 8),
            id="two keys",
        ),
        pytest.param([old(body(version=3))], (), id="another version"),
        pytest.param([b""], (), id="nothing"),
        pytest.param([b"text", b"\x89\xff\xff", b"\x89\x00\x02\x04\x00"], (), id="no packets"),
        pytest.param([old(body(b"\x00"))], (), id="a part without a kind"),
        pytest.param([old(body(b"\x02\x21\x04"))], (), id="a fingerprint that is too short"),
    ],
)
def test_a_signature_says_whose_it_is(blobs, found):
    assert signers(blobs) == found
