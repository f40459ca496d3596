"""Make projects on disk from texts, and read them."""

import json
import os

import pytest

from arkes_build.core.diagnostics import SourceError, in_order
from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import attempt, parse
from arkes_build.project.expand import expand
from arkes_build.project.loader import load_project, load_what_can_be
from arkes_build.project.model import NodeKind, Part
from arkes_build.project.reading import read_project
from arkes_build.project.rules.subjects import Subjects

BOOTSTRAP = '[bootstrap.debian]\ntool = "files"\nfiles = ["/bin/sh"]\n'


def write_project(root, files):
    """Write path → content; a content of bytes is kept, ``-> x`` makes a link, None a pipe."""
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            os.mkfifo(place)
        elif isinstance(content, bytes):
            place.write_bytes(content)
        elif content.startswith("-> "):
            place.symlink_to(content.removeprefix("-> "))
        elif path.endswith("/"):
            place.mkdir(exist_ok=True)
        else:
            place.write_text(content)
    return root


@pytest.fixture
def project(tmp_path):
    """Return a function that writes a project and loads it."""

    def make(files):
        with_config = {"arkes.toml": BOOTSTRAP, **files}
        return load_project(write_project(tmp_path, with_config)).project

    return make


@pytest.fixture
def expanded(project):
    """Return a function that writes, loads and expands a project."""

    def make(files, family=Family.DEBIAN, arch=Arch.X86_64):
        return expand(project(files), family=family, arch=arch)

    return make


@pytest.fixture
def parsed():
    """Return a function that parses a text."""
    return lambda text, name="test": parse(Source(name, text))


def read_case(path):
    """Return the files, the family and the expected text of a golden case.

    Sections begin with ``=== file PATH``, ``=== link PATH -> TARGET``, ``=== pipe PATH`` and
    ``=== findings FAMILY``; a path in double quotes is JSON.
    """
    files, family, expected, lines = {}, "debian", "", None
    for line in path.read_text().split("\n"):
        if not line.startswith("=== "):
            if lines is not None:
                lines.append(line)
            continue
        kind, _, rest = line.removeprefix("=== ").partition(" ")
        lines = []
        if kind == "findings":
            family, expected = rest, lines
        elif kind == "link":
            where, _, target = rest.partition(" -> ")
            files[where] = f"-> {target}"
        elif kind == "pipe":
            files[rest] = None
        else:
            files[json.loads(rest) if rest.startswith('"') else rest] = lines
    texts = {
        where: "\n".join(content) + "\n" if isinstance(content, list) else content
        for where, content in files.items()
    }
    return texts, Family(family), "\n".join(expected).rstrip("\n")


def findings_of(root, family):
    """Return all findings of loading and expanding a project, warnings included."""
    try:
        return read_project(root, family=family, arch=Arch.X86_64).warnings
    except SourceError as error:
        return error.diagnostics


@pytest.fixture
def cases():
    """Return what a golden case is read, written and judged with."""

    class Cases:
        bootstrap = BOOTSTRAP
        read = staticmethod(read_case)
        write = staticmethod(write_project)
        findings = staticmethod(findings_of)

    return Cases


@pytest.fixture
def judged(tmp_path):
    """Return a function that says what one check finds in ``variants/example.Systemfile``.

    The file is the text behind ``FROM arkes:base``; each finding is ``LINE:COLUMN CODE message``.
    """

    def judge(check, text, files=None, *, family=Family.DEBIAN, known=None, remedies=False):
        whole = text if text.startswith(("ARG", "FROM", "# x-")) else f"FROM arkes:base\n{text}"
        root = write_project(tmp_path, {"arkes.toml": BOOTSTRAP, **(files or {})})
        file, _ = attempt(Source("variants/example.Systemfile", f"{whole}\n"))
        part = Part(name="example", kind=NodeKind.VARIANT, file=file, context=root)
        project = load_what_can_be(root).project
        subjects = Subjects(project=project, arch=Arch.X86_64, known=known or {})
        subject = subjects.of(part, family)
        return [
            f"{each.span.line - (whole is not text)}:{each.span.column} {each.code} {each.message}"
            + (f" | {each.remedy}" if remedies else "")
            for each in in_order(check(subject))
        ]

    return judge
