"""Say with which arguments a deployment's kernel starts."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from arkes_build.sysroot.links import ARGUMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from arkes_build.store.trees import CommittedTree

DEFAULT = ("rw", "panic=10", "rd.shell=0", "rd.emergency=reboot", "systemd.gpt_auto=no")
"""What every machine starts with.

A panic, or an initramfs that finds no root, ends in another try instead of a prompt that nobody
sees. Without gpt_auto the ESP would be mounted over ``/boot``, which is OSTree's.
"""
FOLDER = "usr/lib/bootc/kargs.d"
_WORD = re.compile(r'(?:[!#-~]|"[ !#-~]*")+')


def why_wrong(argument: str) -> str:
    """Return why nobody may add this argument, or nothing.

    The kernel takes printable ASCII, blanks only in double quotes; an odd quote would swallow
    the arguments behind it.
    """
    if argument.startswith(ARGUMENT):
        return "says which deployment boots, and is not for changing"
    if not _WORD.fullmatch(argument):
        return "has a blank or a quote of its own, or no printable ASCII"
    return ""


def split(options: str) -> tuple[str, ...]:
    """Split a kernel command line as the kernel does: at spaces outside of double quotes."""
    words, word, is_quoted = [], "", False
    for letter in options:
        is_quoted ^= letter == '"'
        if letter in " \t\n" and not is_quoted:
            words.append(word)
            word = ""
        else:
            word += letter
    return tuple(each for each in (*words, word) if each)


def without_ostree(options: str) -> tuple[str, ...]:
    """Return the arguments that are the machine's: all but ``ostree=``."""
    return tuple(word for word in split(options) if not word.startswith(ARGUMENT))


def of_commit(repo: Any, commit: str) -> tuple[str, ...]:
    """Return the arguments that an image asks for (``/usr/lib/bootc/kargs.d``, bootc's format).

    Files come by name, each argument once. A file that cannot be read says nothing.
    """
    from arkes_build.store.trees import CommittedTree

    tree = CommittedTree(repo, commit)
    names = sorted(name for name in tree.names(FOLDER) if name.endswith(".toml"))
    found = dict.fromkeys(each for name in names for each in _read(tree, f"{FOLDER}/{name}"))
    return tuple(found)


def merged(present: Sequence[str], *, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return a machine's arguments with what its image asks for now instead of before.

    What the owner added stays, in its place; what the image no longer asks for goes.
    """
    dropped = set(before) - set(after)
    kept = [each for each in present if each not in dropped]
    return kept + [each for each in after if each not in kept and each not in before]


def _read(tree: CommittedTree, path: str) -> Iterator[str]:
    data = tree.read(path)
    try:
        words = tomllib.loads((data or b"").decode()).get("kargs", [])
    except ValueError:
        return
    if isinstance(words, list):
        yield from (word for word in words if isinstance(word, str) and word)
