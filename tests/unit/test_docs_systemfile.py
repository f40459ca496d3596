"""Compile what the page of the language shows: good examples are, bad ones say why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.language.keywords import DECLARATIVE, HEADERS
from arkes_build.project.reading import read_project
from arkes_build.project.supply import SUPPLIED

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "systemfile.md").read_text()
SCRIPTS = ROOT / "overlay" / "rootfs" / "usr" / "lib" / "system"
BLOCK = re.compile(
    r"^```dockerfile(?: bad (?P<code>[a-z-]+)|(?P<machine> machine))?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

PROJECT = {
    "arkes.toml": '[bootstrap.debian]\nsuite = "bookworm"\n[bootstrap.arch]\n',
    "variants/rootfs.Containerfile": "FROM arkes:bootstrap\n",
    "variants/base.Containerfile": "FROM arkes:rootfs\n",
    "variants/atomic.Containerfile": "FROM arkes:base\n",
    "templates/nvidia.Containerfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\n",
    "templates/slim.Containerfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\n",
    "overlay/mine/etc/motd": "hello\n",
    "keys/example.asc": "(the public key)\n",
    "wheel.conf": "%wheel ALL=(ALL) ALL\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A block of the page; ``code`` is the finding it must give, empty for a good one."""

    line: int
    text: str
    code: str
    is_machine: bool = False
    """It is a Systemfile of a machine."""

    @property
    def is_template(self) -> bool:
        return "BASE_VARIANT_ID" in self.text


EXAMPLES = tuple(
    Example(
        line=PAGE.count("\n", 0, m.start()) + 1,
        text=m["text"],
        code=m["code"] or "",
        is_machine=bool(m["machine"]),
    )
    for m in BLOCK.finditer(PAGE)
)


def codes_of(example: Example, folder: Path, family: Family) -> set[str]:
    """Return the codes of all findings about a project that has the example in it."""
    place = "templates/mine" if example.is_template else "variants/mine"
    own = "my-box/mine.Systemfile" if example.is_machine else f"{place}.Containerfile"
    files = {**PROJECT, own: example.text}
    if example.is_template:
        files["variants/user.Containerfile"] = "# x-templates=mine\nFROM arkes:base\n"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    try:
        systems = [folder / own] if example.is_machine else []
        reading = read_project(folder, family=family, arch=Arch.X86_64, systemfiles=systems)
    except SourceError as error:
        return {finding.code for finding in error.diagnostics}
    return {finding.code for finding in reading.warnings}


@pytest.mark.parametrize("family", Family, ids=lambda family: family.value)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line {example.line}")
def test_every_example_says_what_the_page_says(
    example: Example, family: Family, tmp_path: Path
) -> None:
    assert codes_of(example, tmp_path, family) == ({example.code} if example.code else set())


def test_the_page_has_good_and_bad_examples() -> None:
    assert {bool(example.code) for example in EXAMPLES} == {True, False}
    assert len(EXAMPLES) == PAGE.count("```dockerfile")


def test_every_word_of_the_language_is_on_the_page() -> None:
    words = {*HEADERS, *SUPPLIED}
    assert [word for word in sorted(words) if f"`{word}`" not in PAGE] == []
    assert [word for word in sorted(DECLARATIVE) if not re.search(rf"\b{word}\b", PAGE)] == []


def test_every_helper_script_is_on_the_page() -> None:
    programs = [path.name for path in SCRIPTS.iterdir() if path.is_file() and not path.suffix]
    assert [name for name in sorted(programs) if not re.search(rf"`{name}[` ]", PAGE)] == []
