"""Hold a rendered node: the text of its Containerfile and the files beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.project.model import ContextFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the engine that will read the text understands."""

    heredocs: bool = True
    cache_mounts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One Containerfile with all that it reads.

    ``inline`` holds files that the renderer made (path in the context → bytes), all
    of them under ``.arkes/``. Their mode is 0644. ``arguments`` are the build arguments
    that the text wants.
    """

    node: str
    text: str
    own: str = ""
    """The text without the last stage, which gives the image its identity."""
    files: tuple[ContextFile, ...] = ()
    inline: Mapping[str, bytes] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
