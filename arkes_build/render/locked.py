"""Hold what a locked build gives to a node's text: its package files, images and downloads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from posixpath import basename
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from arkes_build.core.digest import bytes_digest
from arkes_build.language.nodes import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arkes_build.language.nodes import Instruction, Word
    from arkes_build.project.model import ContextFile

FOLDER = ".arkes/lock"
"""Where in the build context the lists and downloads lie."""
TARGET = "/run/arkes-lock"
"""Where the helper scripts look for the list. Nothing is there else: buildah removes what it
mounted a file on, and what another engine may leave in /run no commit has."""
HEADING = "# locked\n"
"""The first line of a list: an empty file, left by a mount, is none."""
_MODE = "0600"
"""What ADD gives a file that it fetched (Dockerfile reference, "ADD")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """What a node may take, and nothing else.

    ``packages`` are lines for the helper scripts, empty for a node without any; ``images``
    maps a name of elsewhere to the one with its digest; ``downloads`` a URL to the verified
    file, whose path is below ``.arkes/lock``.
    """

    packages: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    downloads: Mapping[str, ContextFile] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """Return the files that the text wants beside it."""
        return {self._list: self._bytes} if self.packages else {}

    @property
    def _bytes(self) -> bytes:
        return f"{HEADING}{self.packages}".encode()

    @property
    def _list(self) -> str:
        # The engine's layer cache looks at the words of a RUN, not into what it mounts.
        return f"{FOLDER}/{bytes_digest(self._bytes)}"

    def instruction(self, given: Instruction, expanded: Mapping[str, str]) -> Instruction:
        """Return an instruction that takes only what is locked.

        ``expanded`` maps its words to what they mean. RUN sees the list; ADD of a URL
        becomes a COPY of the file that was fetched and compared before.
        """
        if given.keyword == "RUN" and self.packages:
            value = f"type=bind,source={self._list},target={TARGET}"
            flag = Flag(name="mount", value=value, span=given.span)
            return replace(given, flags=(*given.flags, flag))
        if given.keyword == "ADD":
            return self._copied(given, expanded)
        return given

    def _copied(self, given: Instruction, expanded: Mapping[str, str]) -> Instruction:
        *sources, target = given.words or [None]
        urls = [expanded.get(word.text, word.text) for word in sources if word is not None]
        if target is None or len(urls) != 1 or urls[0] not in self.downloads:
            return given
        words = (self.downloads[urls[0]].path, _target(target, urls[0]))
        flags = tuple(flag for flag in given.flags if flag.name != "checksum")
        if not any(flag.name == "chmod" for flag in flags):
            flags = (*flags, Flag(name="chmod", value=_MODE, span=given.span))
        return replace(
            given,
            keyword="COPY",
            flags=flags,
            words=tuple(
                replace(word, text=text) for word, text in zip(given.words, words, strict=True)
            ),
            lines=(" ".join(words),),
        )


def _target(word: Word, url: str) -> str:
    """Return the path that ADD gives a download: in a folder it keeps the URL's name."""
    if not word.text.endswith("/"):
        return word.text
    return word.text + basename(urlsplit(url).path)
