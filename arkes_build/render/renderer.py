"""Turn a planned node into the text of one Containerfile and the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.digest import digest
from arkes_build.plan.keys import RENDERER as RENDERER_VERSION
from arkes_build.render import quoting, release
from arkes_build.render.arguments import PIN
from arkes_build.render.body import write_body
from arkes_build.render.model import Rendered
from arkes_build.render.template import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arkes_build.project.model import Bootstrap, ResolvedVariant
    from arkes_build.render.model import Capabilities

__all__ = ["RENDERER_VERSION", "UNKNOWN_KEY", "render"]

UNKNOWN_KEY = "0" * 64
"""What stands for the key while a parent's result, and so the key, is not known."""

PIN_LENGTH = 16
"""Hexadecimal digits that tell one list of packages from another."""

RELEASE_FILE = ".arkes/os-release"
"""Where in the build context the os-release file lies."""


def render(
    node: ResolvedVariant,
    *,
    key: str | None,
    parents: Mapping[str, str],
    capabilities: Capabilities,
    packages: Sequence[str] | None = None,
    mirrors: Sequence[str] = (),
) -> Rendered:
    """Return the Containerfile of a node and the files it reads.

    ``key`` None is written as zeros: a text to look at, for a node whose parents are
    not built. ``parents`` maps nodes to image IDs; a node without one keeps its name,
    ``FROM arkes:NAME``, which no engine can build. ``packages`` (``name=version``) and
    ``mirrors`` become ``Rendered.arguments``, which the labels are made of; without
    ``packages`` there are none. Raises ``RenderError`` for what cannot be said in a
    Containerfile.
    """
    if node.bootstrap is not None:
        return _made_by_a_tool(node, node.bootstrap)
    known_key = key or UNKNOWN_KEY
    values = {} if packages is None else _inventory(packages, mirrors)
    body = write_body(node, key=known_key, parents=parents, capabilities=capabilities)
    release_file = fill("os-release.j2", fields=release.fields(node, known_key))
    text = fill(
        "Containerfile.j2",
        directives=[]
        if node.file is None
        else [d for d in node.file.directives if d.name == "syntax"],
        title=_title(node),
        blocks=body.blocks,
        last_stage=body.last_stage,
        release_file=RELEASE_FILE,
        labels=release.labels(node, known_key),
        pin_name=f"{PIN}PACKAGES",
        pin="" if packages is None else digest(values)[:PIN_LENGTH],
    )
    return Rendered(
        node=node.name,
        text=text,
        files=node.files,
        arguments=values,
        inline={**body.inline, RELEASE_FILE: release_file.encode("utf-8", "surrogateescape")},
    )


def _inventory(packages: Sequence[str], mirrors: Sequence[str]) -> dict[str, str]:
    """Return the build arguments that say what is in the image.

    They are arguments because buildah needs seconds to read a word of some ten thousand
    characters (tried with 1.28, quadratic); a value costs nothing. A label with their
    digest makes the cache see when they change: see ``arguments.pins``.
    """
    return {
        "PACKAGES": quoting.one_line("packages", " ".join(packages)),
        "MIRRORLIST": quoting.one_line("mirrorlist", " ".join(mirrors)),
    }


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
