"""Put the declarations of one segment in order and write what they become."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arkes_build.project.declare import priority
from arkes_build.project.declare.repository import is_remote
from arkes_build.project.declare.values import SETTINGS, parameter, unit_with_kind
from arkes_build.project.declare.writing import SCRIPTS, Writer
from arkes_build.project.overlays import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from arkes_build.language.nodes import Instruction
    from arkes_build.project.declare.declaration import Declaration
    from arkes_build.project.declare.priority import Laid

KEYS = "/run/arkes/keys"
"""Where the files of keys are mounted while a repository is added."""

BASE = "AUR_BASE"
"""The argument that says where the AUR's Git repositories are."""

_VERBS = {"ENABLE": "--enable", "DISABLE": "--disable", "MASK": "--mask"}


@dataclass(slots=True, kw_only=True)
class Block:
    """What one segment of a stage declares, and what is known of the stage around it."""

    declarations: list[Declaration]
    default_shell: bool = True
    declares_aur_base: bool = False
    laid: dict[int, Laid] = field(default_factory=dict)
    """Place of an OVERLAY of the segment → the overlay; missing ones are not there."""
    before: Sequence[Laid] = ()
    """Overlays that earlier segments have laid."""
    everywhere: Sequence[Laid] = ()
    """All overlays of the stage, those of later segments too."""

    def of(self, *keywords: str) -> list[Declaration]:
        """Return the declarations of some keywords, in the order of the text."""
        return [each for each in self.declarations if each.keyword in keywords]

    def writer(self, declarations: Sequence[Declaration]) -> Writer:
        """Return who writes the instructions that these become."""
        made_of = [each.instruction for each in declarations]
        return Writer(made_of, default_shell=self.default_shell)


def write(block: Block) -> tuple[Instruction, ...]:
    """Return the plain instructions of a block, in the language's order."""
    return tuple(instruction for step in STEPS for instruction in step(block))


def _repositories(block: Block) -> Iterator[Instruction]:
    for given in block.of("REPOSITORY"):
        name = given.texts[0]
        words, mounts = [f"{SCRIPTS}/add_pacman_repository"], []
        words += [f"--server={each.text}" for each in given.all("server")]
        words += [f"--key={each.text}" for each in given.all("key")[-1:]]
        for file in given.all("keyfile")[-1:]:
            if is_remote(file.text):
                words.append(f"--keyfile={file.text}")
            else:
                mounts.append(f"type=bind,source={file.text},target={KEYS}/{name}")
                words.append(f"--keyfile={KEYS}/{name}")
        words += [f"--suite={each.text}" for each in given.all("suite")[-1:]]
        words += [f"--component={each.text}" for each in given.all("component")]
        yield block.writer([given]).run([*words, name], mounts=mounts)


def _packages(block: Block) -> Iterator[Instruction]:
    aur = _once(block.of("AUR"))
    words = [
        *_versioned(_once(block.of("PACKAGES"))),
        *(["--aur", *aur] if aur else []),
        *_behind("--rm", _once(block.of("REMOVE"))),
    ]
    if not words:
        return
    writer = block.writer([each for each in block.of("PACKAGES", "AUR", "REMOVE") if each.values])
    if aur and not block.declares_aur_base:
        yield writer.argument(BASE)
    yield writer.run([f"{SCRIPTS}/package_layer", *words])


def _settings(block: Block) -> Iterator[Instruction]:
    given = [each for each in block.of(*SETTINGS) if each.values]
    if not given:
        return
    said = {each.keyword: each.texts[0] for each in given}
    language, _, rest = said.get("LOCALE", "").partition(".")
    encoding, at, modifier = rest.partition("@")
    writer = block.writer(given)
    # All of them are said: an ENV LANGUAGE of the image is gettext's, and no wish.
    variables = {
        "HOSTNAME": said.get("HOSTNAME", ""),
        "TIMEZONE": said.get("TIMEZONE", ""),
        "LANGUAGE": language + at + modifier,
        "ENCODING": encoding,
        "KEYMAP": said.get("KEYMAP", ""),
        "FONT": said.get("FONT", ""),
        "WIRELESS_REGDOM": "",
    }
    yield writer.run([f"{SCRIPTS}/setup_machine"], variables=variables)
    for path, laid in priority.winners(said, block.before).items():
        yield _laid_again(writer, laid, path)


def _laid_again(writer: Writer, laid: Laid, path: str) -> Instruction:
    """Return what puts one file of an overlay in the place of what a setting wrote.

    COPY would follow a link that it is given.
    """
    file = laid.overlay.folder / path
    if file.is_symlink():
        return writer.run(["ln", "-sfn", "--", os.readlink(file), f"/{path}"])  # noqa: PTH115 - its text
    return writer.copy(f"{FOLDER}/{laid.overlay.name}/{path}", f"/{_place(path)}")


def _place(path: str) -> str:
    return priority.GIVEN_HOSTNAME if path == priority.HOSTNAME_FILE else path


def _sysctl(block: Block) -> Iterator[Instruction]:
    given = block.of("SYSCTL")
    theirs = priority.parameters(block.everywhere) if given else {}
    words = [text for text in _once(given) if parameter(text.partition("=")[0]) not in theirs]
    if words:
        yield block.writer(given).run([f"{SCRIPTS}/set_sysctl", *words])


def _overlays(block: Block) -> Iterator[Instruction]:
    for given in block.of("OVERLAY"):
        laid = block.laid.get(given.instruction.span.start)
        if laid is None:
            continue
        writer, name = block.writer([given]), laid.overlay.name
        yield writer.copy(f"{FOLDER}/{name}/", "/")
        if priority.HOSTNAME_FILE in laid.overlay.files:
            yield _laid_again(writer, laid, priority.HOSTNAME_FILE)


def _kernel_arguments(block: Block) -> Iterator[Instruction]:
    given = block.of("KARGS")
    words = _once(given)
    if words:
        yield block.writer(given).run([f"{SCRIPTS}/set_kernel_arguments", *words])


def _units(block: Block) -> Iterator[Instruction]:
    for of_users in (False, True):
        given = [e for e in block.of(*_VERBS) if e.is_of_users is of_users and e.values]
        if not given:
            continue
        words = [f"{SCRIPTS}/set_units", *(["--user"] if of_users else [])]
        for keyword, flag in _VERBS.items():
            units = _once([each for each in given if each.keyword == keyword])
            words += _behind(flag, list(dict.fromkeys(map(unit_with_kind, units))))
        yield block.writer(given).run(words)


STEPS: tuple[Callable[[Block], Iterator[Instruction]], ...] = (
    _repositories,
    _packages,
    _settings,
    _sysctl,
    _overlays,
    _kernel_arguments,
    _units,
)
"""What a segment becomes, in this order: each may need what those before it bring."""


def _once(declarations: Sequence[Declaration]) -> list[str]:
    """Return the texts of all values, each once, in the order of the text."""
    return list(dict.fromkeys(text for each in declarations for text in each.texts))


def _behind(flag: str, words: list[str]) -> list[str]:
    return [flag, *words] if words else []


def _versioned(names: list[str]) -> list[str]:
    """Return the names without those that are there with a version as well."""
    with_version = {name.partition("=")[0] for name in names if "=" in name}
    return [name for name in names if name not in with_version]
