"""Put manual pages and completion scripts where a system looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.atomic import write_atomically
from arkes_build.front.completion import script
from arkes_build.system.manual.pages import SECTION, pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from arkes_build.front.group import Program

_COMPLETIONS = (
    ("bash", "share/bash-completion/completions/{}"),
    ("zsh", "share/zsh/site-functions/_{}"),
    ("zsh", "share/zsh/vendor-completions/_{}"),
    ("fish", "share/fish/vendor_completions.d/{}.fish"),
)
"""Where each shell looks, below ``/usr``, for scripts that nobody has to load.

Debian's zsh leaves ``site-functions`` to the administrator, others' have nothing else.
"""


def files(program: Program) -> Iterator[tuple[str, str]]:
    """Return the path of each file below ``/usr``, and its text."""
    for name, text in pages(program):
        yield f"share/man/man{SECTION}/{name}", text
    for shell, place in _COMPLETIONS:
        yield place.format(program.name), script(program, shell) + "\n"


def write(folder: Path, programs: Sequence[Program]) -> tuple[str, ...]:
    """Write the files of some programs below a folder; return their paths, sorted."""
    made = {path: text for program in programs for path, text in files(program)}
    for path, text in made.items():
        write_atomically(folder / path, text.encode())
    return tuple(sorted(made))
