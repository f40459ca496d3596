"""Decide the build arguments and names that the compiler supplies to a node.

VARIANT, in this order: ``x-name``, the file's own ``ARG VARIANT=…``, the file's name; a
template's node is called after its variant with the templates behind in brackets.
VARIANT_ID: the file's own ``ARG VARIANT_ID=…``, else the node's name; always the latter
for a template's node, because one template serves many variants. BASE_VARIANT_ID is the
node right below a template. HASH is the key and comes later. AUR_BASE is what ``[aur]`` of
arkes.toml says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.project.scope import VALUED, walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arkes_build.core.names import Arch
    from arkes_build.language.nodes import Instruction
    from arkes_build.project.combine import Combination
    from arkes_build.project.headers import Headers
    from arkes_build.project.identity import Identity
    from arkes_build.project.settings import Config

AUR_BASE = "AUR_BASE"
"""Where the AUR's Git repositories are: known only to files that declare it."""

SUPPLIED = ("HASH", "VARIANT", "VARIANT_ID", "VERSION_ID", "BASE_VARIANT_ID", AUR_BASE)
"""Every argument that the compiler supplies wherever a file declares it."""


def platform_arguments(arch: Arch) -> dict[str, str]:
    """Return the arguments that container engines supply themselves where declared.

    They follow from the architecture, so they are known here, but not supplied by us.
    """
    return {
        "TARGETARCH": arch.oci,
        "TARGETOS": "linux",
        "TARGETPLATFORM": f"linux/{arch.oci}",
        "TARGETVARIANT": "",
    }


def own_arguments(
    instructions: Sequence[Instruction], platform: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the values that the file itself gives VARIANT and VARIANT_ID.

    Those of the last stage count, else those above the first FROM.
    """
    walked = walk((each for each in instructions if each.keyword in VALUED), platform)
    found = {**walked.global_arguments, **walked.arguments}
    return {name: found[name] for name in ("VARIANT", "VARIANT_ID") if found.get(name)}


def display_name(
    combination: Combination, headers: Sequence[Headers], own: Sequence[Mapping[str, str]]
) -> str:
    """Return what people call a node: ``Base``, ``Base (Slim)``, ``Atomic (NVIDIA, Slim)``.

    ``headers`` and ``own`` (arguments) are those of the parts of the chain, in its order.
    """
    names = [
        header.name or arguments.get("VARIANT") or part.name
        for part, header, arguments in zip(combination.chain, headers, own, strict=True)
    ]
    return f"{names[0]} ({', '.join(names[1:])})" if names[1:] else names[0]


def supplied_arguments(
    combination: Combination, *, display: str, own: Mapping[str, str], identity: Identity
) -> dict[str, str]:
    """Return the arguments of a node, all but ``HASH`` and ``AUR_BASE``."""
    arguments = {
        "VARIANT": display,
        "VARIANT_ID": own.get("VARIANT_ID", combination.name),
        "VERSION_ID": identity.version_id,
    }
    if combination.base is not None:
        arguments |= {"VARIANT_ID": combination.name, "BASE_VARIANT_ID": combination.base}
    return arguments


def aur_argument(instructions: Sequence[Instruction], config: Config) -> dict[str, str]:
    """Return AUR_BASE for a file that declares it; other nodes do not depend on it."""
    if config.aur.base is None:
        return {}
    names = (
        word.text.partition("=")[0]
        for instruction in instructions
        if instruction.keyword == "ARG"
        for word in instruction.words
    )
    return {AUR_BASE: config.aur.base} if AUR_BASE in names else {}
