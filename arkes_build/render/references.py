"""Put images in the place of the nodes that a file names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arkes_build.project.edges import SCHEME
from arkes_build.render.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.language.nodes import Flag, Instruction
    from arkes_build.project.scope import Step, Walked

_IMAGE_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_MOUNT_FROM = re.compile(r"(?<![^,])from=[^,]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """Know the images of a node's parents, and what else the names in its file mean.

    ``images`` maps a node to its image ID, with or without ``sha256:``. A node without
    an image keeps its name: that is how a text looks before anything was built.
    """

    walked: Walked
    images: Mapping[str, str]
    pinned: Mapping[str, str] = field(default_factory=dict)
    """Images of elsewhere → the same with a digest, in a locked build."""

    def resolve(self, step: Step) -> tuple[Instruction, tuple[str, ...]]:
        """Return the instruction with images for nodes, and the nodes' names as written."""
        found: list[str] = []
        return self._rewrite(step, step.instruction, found), tuple(dict.fromkeys(found))

    def _rewrite(self, step: Step, instruction: Instruction, found: list[str]) -> Instruction:
        if instruction.inner is not None:
            return replace(instruction, inner=self._rewrite(step, instruction.inner, found))
        if instruction.keyword == "FROM" and instruction.words:
            first, *rest = instruction.words
            image = self._image(step, first.text, found)
            text = " ".join([image, *(word.text for word in rest)])
            return replace(instruction, words=(replace(first, text=image), *rest), lines=(text,))
        if instruction.keyword == "COPY":
            return self._flags(step, instruction, "from", found)
        if instruction.keyword == "RUN":
            return self._flags(step, instruction, "mount", found)
        return instruction

    def _flags(
        self, step: Step, instruction: Instruction, name: str, found: list[str]
    ) -> Instruction:
        def rewritten(flag: Flag) -> Flag:
            if flag.name != name or not flag.value:
                return flag
            if name == "from":
                return replace(flag, value=self._image(step, flag.value, found))
            return replace(flag, value=_MOUNT_FROM.sub(mounted, flag.value))

        def mounted(match: re.Match[str]) -> str:
            return "from=" + self._image(step, match[0].removeprefix("from="), found)

        return replace(instruction, flags=tuple(rewritten(flag) for flag in instruction.flags))

    def _image(self, step: Step, text: str, found: list[str]) -> str:
        name = step.expanded(text)
        if not isinstance(name, str):
            return text
        if not name.startswith(SCHEME):
            return self._stage(step, name) or self.pinned.get(name) or text
        node = name.removeprefix(SCHEME)
        image = self.images.get(node)
        if image is None:
            return name
        match = _IMAGE_ID.fullmatch(image)
        if match is None:
            raise RenderError(
                f"the image of {node} is named {image[:80]!r}, which is no image ID",
                where=step.instruction.span,
            )
        found.append(name)
        return f"sha256:{match[1]}"

    def _stage(self, step: Step, name: str) -> str | None:
        """Return the name of an earlier stage as its FROM spells it.

        To BuildKit names are the same in any case, buildah 1.28 knows only the exact one.
        """
        earlier = (stage.name for stage in reversed(self.walked.stages[: step.stage]))
        return next((each for each in earlier if each and each.lower() == name.lower()), None)
