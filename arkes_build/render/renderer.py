"""Turn a planned node into the text of one Containerfile and the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.plan.keys import RENDERER as RENDERER_VERSION
from arkes_build.render import quoting, release
from arkes_build.render.body import write_body
from arkes_build.render.model import Rendered
from arkes_build.render.template import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arkes_build.project.model import Bootstrap, ResolvedVariant
    from arkes_build.render.locked import Locked
    from arkes_build.render.model import Capabilities

__all__ = ["RENDERER_VERSION", "UNKNOWN_KEY", "render", "render_identity"]

UNKNOWN_KEY = "0" * 64
"""What stands for the key while a parent's result, and so the key, is not known."""

RELEASE_FILE = ".arkes/os-release"
"""Where in the build context the os-release file lies."""


def render(
    node: ResolvedVariant,
    *,
    key: str | None,
    parents: Mapping[str, str],
    capabilities: Capabilities,
    locked: Locked | None = None,
) -> Rendered:
    """Return the Containerfile of a node and the files it reads.

    ``key`` None is written as zeros: a text to look at, for a node whose parents are
    not built. ``parents`` maps nodes to image IDs; a node without one keeps its name,
    ``FROM arkes:NAME``, which no engine can build. The last stage gives the image its
    identity; ``Rendered.own`` is the text before it, which is built first, because the
    labels list what is in it (``render_identity``). With ``locked`` it takes nothing
    but that from elsewhere. Raises ``RenderError`` for what
    cannot be said in a Containerfile.
    """
    if node.bootstrap is not None:
        return _made_by_a_tool(node, node.bootstrap)
    known_key = key or UNKNOWN_KEY
    body = write_body(
        node, key=known_key, parents=parents, capabilities=capabilities, locked=locked
    )
    own = fill(
        "Containerfile.j2",
        directives=[]
        if node.file is None
        else [d for d in node.file.directives if d.name == "syntax"],
        title=_title(node),
        blocks=body.blocks,
    )
    return Rendered(
        node=node.name,
        text=f"{own}\n{_identity(node, known_key, body.last_stage)}",
        own=own,
        files=(*node.files, *(locked.downloads.values() if locked is not None else ())),
        inline={
            **body.inline,
            **_release_file(node, known_key),
            **(locked.files if locked is not None else {}),
        },
    )


def render_identity(
    node: ResolvedVariant,
    *,
    key: str,
    image: str,
    packages: Sequence[str],
    mirrors: Sequence[str],
) -> Rendered:
    """Return the last stage of a node alone, on the image that its own text became.

    ``image`` is that image's ID; ``packages`` (``name=version``) and ``mirrors`` are what
    was found in it. They are build arguments because buildah needs seconds to read a word
    of some ten thousand characters (tried with 1.28, quadratic); a value costs nothing.
    """
    text = _identity(node, key, f"sha256:{image}")
    return Rendered(
        node=node.name,
        text=text,
        inline=_release_file(node, key),
        arguments={
            "PACKAGES": quoting.one_line("packages", " ".join(packages)),
            "MIRRORLIST": quoting.one_line("mirrorlist", " ".join(mirrors)),
        },
    )


def _identity(node: ResolvedVariant, key: str, base: str) -> str:
    labels = release.labels(node, key)
    return fill("identity.j2", base=base, release_file=RELEASE_FILE, labels=labels)


def _release_file(node: ResolvedVariant, key: str) -> dict[str, bytes]:
    text = fill("os-release.j2", fields=release.fields(node, key))
    return {RELEASE_FILE: text.encode("utf-8", "surrogateescape")}


def _title(node: ResolvedVariant) -> str:
    source = "no file" if node.file is None else node.file.source.name
    return f"{node.name} for {node.family.value}/{node.arch.value}, from {source}"


def _made_by_a_tool(node: ResolvedVariant, bootstrap: Bootstrap) -> Rendered:
    suite = f" from {bootstrap.suite}" if bootstrap.suite else ""
    lines = [
        f"{node.name} for {node.family.value}/{node.arch.value} has no Containerfile:",
        f"it is made by {bootstrap.tool}{suite}, as arkes.toml says.",
    ]
    text = "".join(quoting.comment(line) + "\n" for line in lines)
    return Rendered(node=node.name, text=text, files=bootstrap.files)
