"""Remember which ``arkes.toml`` was found right: to check one takes longer than to plan.

To import pydantic and to build its models is most of what a run does that has nothing to do.
A text that was right stays right for the same checks, so the values of the last few are
kept, by the digest of the text and of the checks' own source.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arkes_build.core import kept
from arkes_build.core.digest import digest
from arkes_build.core.names import NAME
from arkes_build.project.settings import Config

if TYPE_CHECKING:
    from arkes_build.core.source import Source

FILE = "arkes-toml.json"
MOST = 16
"""How many texts are remembered; the file is read whole each time."""

_CHECKS = tuple(Path(__file__).with_name(name) for name in ("config.py", "settings.py"))


def read_config(source: Source) -> Config:
    """Do what ``config.parse_config`` does, from memory when this text was right before."""
    folder = kept.folder()
    key = _key(source.text)
    if folder is None or key is None:
        return _parse(source)
    known = _known(folder / FILE)
    if key in known:
        return Config.of(known[key])
    config = _parse(source)
    newest = {key: config.values(), **known}
    body = json.dumps(dict(list(newest.items())[:MOST]), separators=(",", ":"))
    kept.write(folder / FILE, body.encode())
    return config


def _parse(source: Source) -> Config:
    from arkes_build.project.config import parse_config

    return parse_config(source)


def _key(text: str) -> str | None:
    """Return what a text is remembered by; None when the checks' source is not at hand."""
    try:
        checks = [path.read_text(encoding="utf-8") for path in _CHECKS]
    except OSError:
        return None
    return digest([NAME.pattern, *checks, text])


def _known(path: Path) -> dict[str, Any]:
    body = kept.read(path)
    known = json.loads(body) if body else {}
    return known if isinstance(known, dict) else {}
