"""Turn the picture that QEMU takes of a screen into a PNG."""

from __future__ import annotations

import re
import struct
import zlib

from arkes_build.vm.errors import GuestSpeaksNonsense

_HEAD = re.compile(rb"P6\s+(\d{1,5})\s+(\d{1,5})\s+255\s")


def png(ppm: bytes) -> bytes:
    """Return a PNG (RFC 2083) of a binary portable pixmap (ppm(5))."""
    head = _HEAD.match(ppm)
    width, height = (int(number) for number in head.groups()) if head else (0, 0)
    pixels = ppm[head.end() :] if head else b""
    if not pixels or len(pixels) != 3 * width * height:
        raise GuestSpeaksNonsense("a picture of the screen that is no pixmap")
    rows = (pixels[start : start + 3 * width] for start in range(0, len(pixels), 3 * width))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
