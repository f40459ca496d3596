"""Build and look at images with podman's service."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from arkes_build.core.digest import canonical_json
from arkes_build.core.events import silent
from arkes_build.core.names import machine_arch
from arkes_build.engine import probe
from arkes_build.engine.archive import chain_ids, wrap
from arkes_build.engine.connection import Connection
from arkes_build.engine.context import CONTAINERFILE, pack
from arkes_build.engine.errors import EngineRefused, Interrupted, step_failure
from arkes_build.engine.protocol import Image, Layer
from arkes_build.engine.transcript import Transcript
from arkes_build.engine.trial import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.core.events import Sink
    from arkes_build.core.names import Arch
    from arkes_build.engine.client import Client
    from arkes_build.engine.protocol import BuildRequest
    from arkes_build.render.model import Capabilities

_OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
"""With podman's own manifest type, buildah 1.28 finds nothing in its layer cache."""
_WORD = re.compile(r"\w+")


class PodmanEngine:
    """Talk to podman's service: the user's own when it answers, else a private one.

    ``memory`` is the file that keeps the probe's answer; ``storage`` is a storage.conf in
    place of the user's. ``start`` returns at once and lets the service come up meanwhile;
    every other method waits for it.
    """

    def __init__(
        self, *, memory: Path | None = None, sink: Sink = silent, storage: Path | None = None
    ) -> None:
        self._connection = Connection(memory=memory, sink=sink, storage=storage)

    def start(self) -> None:
        """Begin to connect in the background; calling it again does nothing."""
        self._connection.start()

    def capabilities(self) -> Capabilities:
        """Return what the engine's Containerfile reader understands."""
        return probe.capabilities(self._connection.session().server.buildah)

    def describe(self) -> str:
        """Return engine, version, isolation and runtime in one line for people."""
        session = self._connection.session()
        where = "a private service" if session.address.is_own else "a service that was there"
        server = session.server
        return f"podman {server.podman} (buildah {server.buildah}), {session.choice}, {where}"

    def build(self, request: BuildRequest, sink: Sink) -> Image:
        """Build one image; steps and output go to ``sink``, everything to the log's end.

        Raises ``BuildStepFailed`` or one of its kinds when a step fails,
        ``ContentChanged``, ``EngineUnreachable``, and ``Interrupted`` after ``close``.
        """
        node = request.rendered.node
        parameters = _parameters(request, self._connection.session().choice)
        request.log.parent.mkdir(parents=True, exist_ok=True)
        with (
            self._connection.client(node) as client,
            request.log.open("a", encoding="utf-8", errors="replace", buffering=1) as log,
        ):
            transcript = Transcript(node, sink, log)
            context = pack(request.rendered, request.context)
            for message in client.stream("/build", data=context, params=parameters):
                transcript.take(message)
            transcript.finish()
            self._refuse_failure(request, transcript)
            image = _inspect(client, transcript.image)
        if image is None:
            raise EngineRefused("a build: its image is gone", reason="", log=request.log)
        return image

    def load(self, archive: Path, *, tag: str, arch: Arch, epoch: int) -> Image:
        """Make an image of one layer from a tar of a root file system.

        The same tar, architecture and epoch always make the same image; when the engine
        has it already, it only gets the tag.
        """
        wrapped = wrap(archive, arch=arch, epoch=epoch)
        with self._connection.client(tag) as client:
            if _inspect(client, wrapped.image) is None:
                client.post("/images/load", data=wrapped.pieces())
            name, _, label = tag.rpartition(":")
            client.post(f"/images/{wrapped.image}/tag", repo=name, tag=label)
            image = _inspect(client, wrapped.image)
        if image is None:
            raise EngineRefused("a root file system", reason=f"{wrapped.image} is not there")
        return image

    def images(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return those of the wanted IDs that are at hand.

        Asked one by one: a list of all takes podman 4 time in the square of their
        number, 70 s with 535 images and their intermediate ones.
        """
        with self._connection.client("the images") as client:
            return frozenset(
                name for name in wanted if name and client.has(f"/images/{name}/exists")
            )

    def image(self, wanted: str) -> Image | None:
        """Return an image by its ID; None when it is not at hand."""
        with self._connection.client("the images") as client:
            return _inspect(client, wanted)

    def forget(self, tags: Iterable[str]) -> None:
        """Take these tags away, and the images that then have none and are under no other.

        An ID stands for an image that has no tag. That one is not there is fine, and after
        ``close`` nothing is done.
        """
        if self._connection.is_closed:
            return
        with self._connection.client("the images") as client:
            for tag in tags:
                image = _inspect(client, tag)
                if image is None:
                    continue
                # First the tag: what a killed build left may still stand on the image.
                repo, colon, name = tag.rpartition(":")
                if colon:
                    client.post(f"/images/{quote(tag, safe='/:')}/untag", repo=repo, tag=name)
                client.delete(f"/images/{image.id}")

    def digest(self, name: str) -> str:
        """Return the digest of an image's manifest, ``sha256:…``; empty when it is not here."""
        with self._connection.client(name) as client:
            image = _inspect(client, name)
        return image.digest if image is not None else ""

    def close(self) -> None:
        """End what was started for us, and builds with it; calling it again does nothing.

        A build in another thread then raises ``Interrupted``. A service that is not ours
        may still finish the step that it runs.
        """
        self._connection.close()

    def _refuse_failure(self, request: BuildRequest, transcript: Transcript) -> None:
        if not transcript.error and transcript.image:
            return
        if self._connection.is_closed:
            raise Interrupted(request.rendered.node)
        raise step_failure(
            request.rendered.node,
            step=transcript.step,
            output=transcript.output,
            log=request.log,
            code=transcript.exit_code,
        )


def _parameters(request: BuildRequest, choice: probe.Choice) -> dict[str, str]:
    """Return the query of `POST /libpod/build`, which podman-py's own method cuts short."""
    parameters = {
        **choice.parameters(),
        "buildargs": canonical_json(_declared(request)).decode(),
        "dockerfile": CONTAINERFILE,
        "forcerm": "true",
        "layers": "true" if request.keeps_steps else "false",
        "nocache": "true" if request.no_cache else "false",
        "outputformat": _OCI_MANIFEST,
        "pullpolicy": "missing",
        "rm": "true",
        "timestamp": str(request.epoch),
    }
    if request.tag:
        parameters["t"] = request.tag
    if request.arch is not machine_arch():
        parameters["platform"] = f"linux/{request.arch.oci}"
    return parameters


def _declared(request: BuildRequest) -> dict[str, str]:
    """Return the arguments that the text mentions: buildah warns of any other."""
    words = set(_WORD.findall(request.rendered.text))
    return {name: value for name, value in request.arguments.items() if name in words}


def _inspect(client: Client, image: str) -> Image | None:
    found = client.get(f"/images/{quote(image, safe='/:@')}/json")
    if found is None:
        return None
    return Image(
        id=found["Id"].removeprefix("sha256:"),
        digest=found.get("Digest", ""),
        layers=_layers(found),
        config=found.get("Config") or {},
        size=int(found.get("Size") or 0),
    )


def _layers(found: Any) -> tuple[Layer, ...]:
    """Return the layers of an inspection, with the folders of their diffs if they are told.

    podman lists the folders from the highest layer to the lowest, in the two parts that
    overlayfs knows them by.
    """
    diff_ids = list((found.get("RootFS") or {}).get("Layers") or [])
    driver = found.get("GraphDriver") or {}
    folders: list[Path | None] = [None] * len(diff_ids)
    if driver.get("Name") == OVERLAY:
        data = driver.get("Data") or {}
        lower = [folder for folder in (data.get("LowerDir") or "").split(":") if folder]
        told = [*reversed(lower), data.get("UpperDir") or ""]
        if len(told) == len(diff_ids):
            folders = [Path(folder) for folder in told]
    parts = zip(diff_ids, chain_ids(diff_ids), folders, _steps(found, len(diff_ids)), strict=True)
    return tuple(
        Layer(diff_id=diff_id, chain_id=chain_id, path=folder, made_by=step)
        for diff_id, chain_id, folder, step in parts
    )


def _steps(found: Any, count: int) -> list[str]:
    """Return what made each layer: the entries of the history that say they have one."""
    told = [
        str(entry.get("created_by") or "")
        for entry in found.get("History") or []
        if not entry.get("empty_layer")
    ]
    return told if len(told) == count else [""] * count
