"""Read from a tree which package files were installed in it.

The helper scripts in an image note each file before it is unpacked, the bootstrap notes its
own: one line each, ``NAME VERSION ARCH SIZE SHA256 FILE``, also for what is gone again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from arkes_build.project.lockfile import PackageFile
from arkes_build.store.trees import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from arkes_build.store.trees import Tree

NOTED = "usr/lib/sysimage/arkes/package-files"
_LINE = re.compile(r"(\S+) (\S+) (\S+) (\d{1,15}) ([0-9a-f]{64}|-) (\S+)")
_NONE = "-"


def package_files(tree: Tree) -> tuple[PackageFile, ...]:
    """Return every file that was ever installed in a tree, sorted.

    Lines that are none are left out: what they should say is then missing, and told so.
    """
    return noted(line for text in texts(tree, [NOTED]) for line in text.splitlines())


def noted(lines: Iterable[str]) -> tuple[PackageFile, ...]:
    """Return the files that some lines tell of; one whose origin is not known is left out."""
    found = (match for line in lines if (match := _LINE.fullmatch(line)))
    return tuple(
        sorted(
            {
                PackageFile(
                    name=match[1],
                    version=match[2],
                    arch=match[3],
                    size=int(match[4]),
                    sha256="" if match[5] == _NONE else match[5],
                    file=match[6],
                )
                for match in found
                if match[6] != _NONE
            }
        )
    )
