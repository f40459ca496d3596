"""Read the pages of the rules, and make the projects that their examples show.

A page is ``docs/rules/CODE.md``: heading, title, severity, prose, and the sections Bad and
Good. A fence names the file it is (``dockerfile variants/web.Containerfile``); a dockerfile
without a name is ``variants/example.Systemfile``. ``machine/Systemfile`` is given to the
check as a file. Around an example stands the project below; its own files replace or add.
``text known/base`` is no file: it lists what the last build of ``base`` told, in lines such as
``unit nginx.service``, ``user-unit pipewire.service`` and ``package nginx 1.24``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.project.inspection import survey
from arkes_build.project.known import Known

PAGES = Path(__file__).parents[4] / "docs/rules"
DEFAULT = "variants/example.Systemfile"
MACHINE = "machine/Systemfile"
KNOWN = "known/"
MENDS = "`arkes-build` can mend it."
MOST_FIXES = 20

AROUND = {
    "arkes.toml": '[bootstrap.arch]\n[bootstrap.debian]\nsuite = "bookworm"\n',
    "variants/rootfs.Containerfile": "FROM arkes:bootstrap\n",
    "variants/base.Containerfile": "FROM arkes:rootfs\n",
    "variants/atomic.Containerfile": "FROM arkes:base\n",
    "templates/slim.Containerfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\n",
}

FENCE = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE_BY = re.compile(r"^<!-- made by: (\S+) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One section: path → text of the files it shows, and who makes what no text can show."""

    files: dict[str, str]
    maker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says, in its parts."""

    code: str
    title: str
    severity: str
    prose: str
    bad: Example
    good: Example

    @property
    def mends(self) -> bool:
        return MENDS in self.prose


def read_page(path: Path) -> Page:
    """Return a page; an assertion says which part is not as it must be."""
    text = path.read_text()
    head, bad, good, *rest = re.split(r"^## (?:Bad|Good)$", text, flags=re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Bad", "Good"], "sections: Bad, Good"
    assert not rest
    code, title, severity, *prose = [line for line in head.splitlines() if line]
    assert code == f"# {path.stem}", "the heading is the code"
    found = re.match(r"\*\*(error|warning|note)\*\*", severity)
    assert found, f"the third line begins with the severity, not {severity!r}"
    words = " ".join([severity[found.end() :], *prose])
    return Page(
        code=path.stem,
        title=title,
        severity=found[1],
        prose=words,
        bad=_example(bad),
        good=_example(good),
    )


def _example(section: str) -> Example:
    files: dict[str, str] = {}
    for language, name, text in FENCE.findall(section):
        assert name or language == "dockerfile", "a fence names its file"
        place = name or DEFAULT
        assert place not in files, f"two fences are {place}"
        files[place] = text
    maker = MADE_BY.search(section)
    assert files or maker, "an example shows a file or names its maker"
    return Example(files=files, maker=maker[1] if maker else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A project that was made around an example."""

    root: Path
    known: dict[str, Known]

    def findings(self) -> list:
        """Return the findings for both families, each once."""
        machine = self.root / MACHINE
        systems = [machine] if machine.exists() else []
        try:
            seen = survey(
                self.root,
                families=tuple(Family),
                arch=Arch.X86_64,
                systemfiles=systems,
                known=self.known,
            )
        except SourceError as error:
            return list(error.diagnostics)
        return list(seen.findings)

    def apply(self, finding) -> None:
        """Write what a fix makes of its file."""
        edits = sorted(finding.fix.edits, key=lambda edit: edit.span.start, reverse=True)
        sources = {edit.span.source.name for edit in edits}
        assert len(sources) == 1, "a fix edits one file"
        place = self.root / sources.pop()
        text = place.read_bytes().decode()
        end = len(text)
        for edit in edits:
            assert edit.span.end <= end, "the edits of a fix do not overlap"
            end = edit.span.start
            text = text[:end] + edit.text + text[edit.span.end :]
        place.write_bytes(text.encode())

    def mend(self, code: str) -> list:
        """Apply the fixes of a rule one after the other; return the findings at the end."""
        for _ in range(MOST_FIXES):
            fixable = [each for each in self.findings() if each.code == code and each.fix]
            if not fixable:
                break
            self.apply(fixable[0])
        return self.findings()


def make(root: Path, example: Example, makers) -> Made:
    """Write the project around an example."""
    known = {
        name.removeprefix(KNOWN): _known(text)
        for name, text in example.files.items()
        if name.startswith(KNOWN)
    }
    for name, text in {**AROUND, **example.files}.items():
        if name.startswith(KNOWN):
            continue
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    if example.maker:
        makers[example.maker](root)
    return Made(root=root, known=known)


def _known(text: str) -> Known:
    lines = [line.split() for line in text.splitlines()]
    return Known(
        units=frozenset(line[1] for line in lines if line[0] == "unit"),
        user_units=frozenset(line[1] for line in lines if line[0] == "user-unit"),
        packages={line[1]: line[2] for line in lines if line[0] == "package"},
    )


@pytest.fixture(scope="session")
def rule_pages():
    """Return what a page is read and its examples are made with."""

    class RulePages:
        read = staticmethod(read_page)
        make = staticmethod(make)

    return RulePages
