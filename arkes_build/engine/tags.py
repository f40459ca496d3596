"""Look a tag up in podman's storage, without a service: a run with nothing to do needs none."""

from __future__ import annotations

import re

from arkes_build.core import process
from arkes_build.project.model import Outside

_SAID = re.compile(r"(?:sha256:)?([0-9a-f]{64}) (.*)")


def image_of(tag: str) -> Outside | None:
    """Return the image that a tag names now, None when there is none.

    It is one call of the program, some 0.2 s; ``CONTAINER_HOST`` counts there too
    (podman-remote(1)). Raises ``ToolMissing`` without podman.
    """
    argv = ["podman", "image", "inspect", "--format", "{{.Id}} {{.Config.User}}", tag]
    found = process.run(argv, check=False)
    said = _SAID.fullmatch(found.output.rstrip("\n"))
    if found.code or said is None:
        return None
    return Outside(id=said[1], user=said[2])
