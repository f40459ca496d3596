"""Know which files of overlays win over machine settings, wherever they stand in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.project.declare.values import parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from arkes_build.core.source import Span
    from arkes_build.project.overlays import Overlay

PATHS = {
    "HOSTNAME": ("etc/hostname",),
    "TIMEZONE": ("etc/localtime", "etc/timezone"),
    "LOCALE": ("etc/locale.conf", "etc/default/locale"),
    "KEYMAP": ("etc/vconsole.conf",),
    "FONT": ("etc/vconsole.conf",),
}
"""Setting → the files that ``setup_machine`` writes for it, without the leading ``/``."""

HOSTNAME_FILE = "etc/hostname"
GIVEN_HOSTNAME = "usr/lib/arkes/hostname"
"""Where a host name has to be in the image: ``/etc/hostname`` is the engine's own there."""

_FRAGMENTS = ("etc/sysctl.d/", "run/sysctl.d/", "usr/local/lib/sysctl.d/", "usr/lib/sysctl.d/")
_SYSCTL_CONF = "etc/sysctl.conf"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """One overlay that an instruction lays over the tree."""

    overlay: Overlay
    span: Span


def winners(keywords: Iterable[str], laid: Iterable[Laid]) -> dict[str, Laid]:
    """Return path → the overlay that brings a file of these settings; the last one wins."""
    paths = dict.fromkeys(path for keyword in keywords for path in PATHS[keyword])
    return {path: each for each in laid for path in paths if path in each.overlay.files}


def parameters(laid: Iterable[Laid]) -> dict[str, tuple[Laid, str]]:
    """Return each kernel parameter that overlays set, with the overlay and its file."""
    found: dict[str, tuple[Laid, str]] = {}
    for each in laid:
        for path in sorted(each.overlay.files):
            if path == _SYSCTL_CONF or (path.startswith(_FRAGMENTS) and path.endswith(".conf")):
                for key in _keys(each.overlay.folder / path):
                    found[key] = (each, path)
    return found


def _keys(file: Path) -> Iterator[str]:
    """Yield the keys of a sysctl.d file; what cannot be read has none."""
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        text = line.strip()
        if text and text[0] not in "#;" and "=" in text:
            yield parameter(text.partition("=")[0])
