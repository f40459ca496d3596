"""Read from OpenPGP signatures which keys they say they are of (RFC 4880, section 5.2).

Nothing is verified: whoever wants to know whether a signature is good asks ``store.trust``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIGNATURE = 2
_VERSION = 4
_ISSUER, _FINGERPRINT = 16, 33
_ID = 8
"""Bytes of a key's ID: the last of its fingerprint."""
_NEW, _TAG = 0x40, 0x80
_ONE_BYTE, _TWO_BYTES = 192, 255
_MOST = 64 << 10


def signers(blobs: Iterable[bytes]) -> tuple[str, ...]:
    """Return the IDs of the keys, 16 hexadecimal digits, sorted; what is none is left out."""
    found: set[str] = set()
    for blob in blobs:
        try:
            found.update(_issuers(blob[:_MOST]))
        except (IndexError, ValueError):
            continue
    return tuple(sorted(found))


def _issuers(blob: bytes) -> Iterator[str]:
    while blob:
        tag, body, blob = _packet(blob)
        if tag != _SIGNATURE or body[0] != _VERSION:
            continue
        hashed = int.from_bytes(body[4:6], "big")
        other = int.from_bytes(body[6 + hashed : 8 + hashed], "big")
        areas = body[6 : 6 + hashed], body[8 + hashed : 8 + hashed + other]
        ids = {one for area in areas for one in _ids(area)}
        yield from sorted(ids)


def _packet(data: bytes) -> tuple[int, bytes, bytes]:
    """Cut off the first packet: its tag, its body, and what follows."""
    if not data[0] & _TAG:
        raise ValueError("no packet begins here")
    if data[0] & _NEW:
        size, start = _length(data, 1)
        tag = data[0] & 0x3F
    else:
        width = (1, 2, 4)[data[0] & 3]
        size, start = int.from_bytes(data[1 : 1 + width], "big"), 1 + width
        tag = data[0] >> 2 & 0x0F
    return tag, data[start : start + size], data[start + size :]


def _ids(area: bytes) -> Iterator[str]:
    at = 0
    while at < len(area):
        size, start = _length(area, at)
        if size == 0:
            raise ValueError("a part without its kind")
        kind, value = area[start] & 0x7F, area[start + 1 : start + size]
        if kind in (_ISSUER, _FINGERPRINT) and len(value) >= _ID:
            yield value[-_ID:].hex().upper()
        at = start + size


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return a length in one, two or five bytes, and where what it is of begins."""
    first = data[at]
    if first < _ONE_BYTE:
        return first, at + 1
    if first < _TWO_BYTES:
        return ((first - _ONE_BYTE) << 8) + data[at + 1] + _ONE_BYTE, at + 2
    return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
