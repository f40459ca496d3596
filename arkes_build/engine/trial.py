"""Run one program of this host in a build, to see whether a choice works."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.events import silent
from arkes_build.engine import probe
from arkes_build.engine.context import CONTAINERFILE, pack
from arkes_build.engine.errors import StorageUnfit
from arkes_build.engine.transcript import Transcript

if TYPE_CHECKING:
    from arkes_build.engine.client import Client

OVERLAY = "overlay"
"""The storage driver's name; with fuse-overlayfs it is the same one."""
_REFUSAL = re.compile(
    r"from /\S*?(?P<runtime>[^/\s]+) creating container for \[.*\]: (?P<reason>.*)"
)
"""How buildah reports that an OCI runtime would not make a container."""


def attempt(client: Client, choice: probe.Choice) -> str:
    """Build a tiny image with this choice, remove it, and return what went wrong, if anything.

    Raises ``StorageUnfit`` when the image's layer has no folder: no choice helps there.
    """
    rendered, folder = probe.tiny_build()
    parameters = {
        **choice.parameters(),
        "dockerfile": CONTAINERFILE,
        "forcerm": "true",
        "layers": "false",
        "nocache": "true",
        "rm": "true",
    }
    transcript = Transcript(rendered.node, silent, io.StringIO())
    try:
        for line in client.stream("/build", data=pack(rendered, folder), params=parameters):
            transcript.take(line)
        transcript.finish()
        if transcript.error or not transcript.image:
            return _last_words(transcript)
        found = client.get(f"/images/{transcript.image}/json") or {}
        client.delete(f"/images/{transcript.image}", force="true")
    except ArkesError as error:
        return f"{error.brief}: {error.details}".strip(": ")
    driver = str((found.get("GraphDriver") or {}).get("Name") or "")
    if driver != OVERLAY:
        raise StorageUnfit(driver)
    return ""


def _last_words(transcript: Transcript) -> str:
    """Return the runtime's own line, which says more than the builder's."""
    said = [line.strip() for line in transcript.output if line.strip(" :")]
    telling = [line for line in said if "time=" not in line and "exit status" not in line]
    words = (telling or said or [transcript.error.strip()])[0]
    refusal = _REFUSAL.search(words)
    return f"{refusal['runtime']}: {refusal['reason']}" if refusal else words
