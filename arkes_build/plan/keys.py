"""Give a node its key: the hash of its named inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.core.digest import digest
from arkes_build.language.meaning import meaning
from arkes_build.plan.state import Inputs, InstructionInput
from arkes_build.project.declare.lowered import origins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.language.nodes import Instruction
    from arkes_build.project.model import Bootstrap, ContextFile, ResolvedVariant

RENDERER = "1"
"""Version of the renderer: raise it when the same node gets a text that means something else.

It is an input of every key, so raising it rebuilds everything.
"""

MOST_IN_BRIEF = 8
"""How many of the declarations that became one instruction are looked at for an excerpt."""

_AROUND = frozenset({"ARG", "USER"})
"""What the compiler puts around others: nobody wrote it, so it stands for itself."""

BRIEF_WIDTH = 60
"""Longest excerpt of an instruction in a reason, in characters."""


def inputs(node: ResolvedVariant, parents: Mapping[str, str]) -> Inputs:
    """Return the named inputs of a node.

    ``parents`` maps each node that this one names to its result; others are ignored,
    a missing one is a ``KeyError``.
    """
    files = _files(node)
    return Inputs(
        settings=_settings(node),
        instructions=tuple(_instruction(each) for each in node.instructions),
        files={path: digest(properties) for path, properties in files.items()},
        file_details=files,
        parents={each.node: parents[each.node] for each in node.dependencies},
    )


def key(given: Inputs) -> str:
    """Return the key: sha256 of the canonical JSON of the inputs, 64 hexadecimal digits."""
    return digest(named(given))


def named(given: Inputs) -> dict[str, Any]:
    """Return what a key is the digest of.

    What is for people (places, excerpts, a file's single properties) is no part of it.
    """
    return {
        "settings": dict(given.settings),
        "instructions": [each.digest for each in given.instructions],
        "files": dict(given.files),
        "parents": dict(given.parents),
    }


def _settings(node: ResolvedVariant) -> dict[str, str]:
    identity = node.identity
    release = {
        "NAME": identity.name,
        "ID": identity.id,
        "ID_LIKE": identity.id_like,
        "VERSION": identity.version,
        "VERSION_ID": identity.version_id,
        "VARIANT": node.display_name,
        "HOME_URL": identity.home_url,
        "BUG_REPORT_URL": identity.bug_report_url,
    }
    arguments = dict(sorted(node.arguments.items()))
    settings = {
        "node": node.name,
        "family": node.family.value,
        "architecture": node.arch.value,
        "snapshot": node.snapshot,
        "renderer": RENDERER,
        **{f"argument {name}": value for name, value in arguments.items() if name != "HASH"},
        **{f"image {name}": image for name, image in sorted(node.images.items())},
        # An argument of the same name and value says it already: one change, one reason.
        **{f"os-release {k}": v for k, v in release.items() if arguments.get(k) != v},
    }
    if node.bootstrap is not None:
        settings |= _bootstrap(node.bootstrap)
    return {name: value for name, value in settings.items() if value}


def _bootstrap(given: Bootstrap) -> dict[str, str]:
    return {
        "bootstrap tool": given.tool,
        "bootstrap suite": given.suite,
        "bootstrap components": " ".join(given.components),
        "bootstrap snapshot": given.snapshot,
        "bootstrap packages": " ".join(sorted(given.packages)),
    }


def _instruction(instruction: Instruction) -> InstructionInput:
    span = instruction.span
    return InstructionInput(
        digest=digest(meaning(instruction)),
        where=f"{span.source.name}:{span.line}",
        brief=brief(instruction),
    )


def brief(instruction: Instruction) -> str:
    """Return an instruction in one short line for people, without control characters.

    One that was compiled is shown as it was written.
    """
    written = (instruction,) if instruction.keyword in _AROUND else origins(instruction)
    text = "; ".join(_written(each) for each in written[:MOST_IN_BRIEF])
    # An instruction may have megabytes: look at no more than what can be shown.
    shown = text[: 4 * BRIEF_WIDTH]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else " " for c in shown)
    return short(" ".join(shown.split()))


def _written(instruction: Instruction) -> str:
    flags = [f"--{f.name}" + ("" if f.value is None else f"={f.value}") for f in instruction.flags]
    return " ".join([instruction.keyword, *flags, instruction.text])


def short(text: str, width: int = BRIEF_WIDTH) -> str:
    """Return the text cut to a width in characters, with ``…`` where it was cut."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _files(node: ResolvedVariant) -> dict[str, dict[str, str]]:
    files = node.files + (node.bootstrap.files if node.bootstrap is not None else ())
    return {each.path: _properties(each) for each in sorted(files, key=lambda f: f.path)}


def _properties(file: ContextFile) -> dict[str, str]:
    found = {
        "type": file.type,
        "mode": f"{file.mode:04o}",
        "content": file.digest,
        "link target": file.target,
        **{f"xattr {name}": value for name, value in file.xattrs},
    }
    return {name: value for name, value in found.items() if value}
