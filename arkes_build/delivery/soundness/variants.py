"""Take values of GLib's apart, as libostree keeps them in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 128 << 20
"""Most bytes that libostree takes as metadata (OSTREE_MAX_METADATA_SIZE)."""


def variant(kind: str, data: bytes) -> Any:
    """Return a value of GLib's, None when the bytes are not one in its only right form."""
    glib = binding().glib
    made = glib.Variant.new_from_bytes(glib.VariantType.new(kind), glib.Bytes.new(data), False)  # noqa: FBT003 - GLib's own
    return made if made.is_normal_form() else None


def raw(value: Any) -> bytes:
    """Return the bytes that a value is made of."""
    return bytes(value.get_data_as_bytes().get_data() or b"")


def read(path: Path) -> bytes:
    """Return a file's content; what is no value of any kind when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError:
        return b"\xff"


def items(value: Any) -> list[Any]:
    """Return the members of an array or tuple."""
    return [value.get_child_value(at) for at in range(value.n_children())]


def table(about: Any) -> dict[str, Any]:
    """Return name → value of an ``a{sv}``."""
    pairs = (items(entry) for entry in items(about))
    return {name.get_string(): value.get_variant() for name, value in pairs}


def within(about: Any, name: str, kind: str) -> Any:
    """Return one value of an ``a{sv}``, None when it is not there or of another kind."""
    return about.lookup_value(name, binding().glib.VariantType.new(kind))
