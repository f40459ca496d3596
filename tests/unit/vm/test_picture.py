from __future__ import annotations

import struct
import zlib

import pytest

from arkes_build.vm.errors import GuestSpeaksNonsense
from arkes_build.vm.picture import png


def test_a_pixmap_becomes_a_png() -> None:
    made = png(b"P6\n2 1\n255\n\x01\x02\x03\x04\x05\x06")
    at = made.index(b"IDAT")
    size = struct.unpack(">I", made[at - 4 : at])[0]
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert zlib.decompress(made[at + 4 : at + 4 + size]) == b"\0\x01\x02\x03\x04\x05\x06"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"P6 99999 99999 255 x", id="fewer pixels than said"),
        pytest.param(b"P5 1 1 255 x", id="another kind"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(GuestSpeaksNonsense):
        png(data)
