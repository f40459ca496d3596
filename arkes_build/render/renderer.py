"""Turn a planned node into the text of one Containerfile and the files beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.plan.keys import RENDERER as RENDERER_VERSION
from arkes_build.render import quoting, release
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

RELEASE_FILE = ".arkes/os-release"
"""Where in the build context the os-release file lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Predicted:
    packages: tuple[str, ...]
    mirrors: tuple[str, ...]


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
    ``mirrors`` go into the labels as they are; without ``packages`` the labels are left
    to the build arguments PACKAGES and MIRRORLIST. Give them here when the text is to be
    built: buildah 1.28 does not notice that an argument of a LABEL changed. Raises
    ``RenderError`` for what cannot be said in a Containerfile.
    """
    if node.bootstrap is not None:
        return _made_by_a_tool(node, node.bootstrap)
    known_key = key or UNKNOWN_KEY
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
        predicted=None
        if packages is None
        else _Predicted(packages=tuple(packages), mirrors=tuple(mirrors)),
    )
    return Rendered(
        node=node.name,
        text=text,
        files=node.files,
        inline={**body.inline, RELEASE_FILE: release_file.encode("utf-8", "surrogateescape")},
    )


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
