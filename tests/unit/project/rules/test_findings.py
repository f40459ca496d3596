"""Hold what rules find, and what people read then, character by character.

Each golden file has the cases of one module of rules. A case begins with ``=== its title`` and
the text of ``variants/example.Systemfile``; ``+++ PATH [MODE]`` begins another file of the project,
``+++ link PATH -> TARGET`` is a link, ``+++ family arch`` chooses the family, ``+++ known NODE``
lists what a build told (``unit``, ``user-unit``, ``package`` and a name), and ``+++ findings`` what
comes out. ``ARKES_WRITE_GOLDEN=1`` writes that; read the difference before it is committed.
"""

import os
import re
from importlib import import_module
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import in_order, render
from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.project.known import Known
from arkes_build.project.loader import load_what_can_be
from arkes_build.project.model import NodeKind, Part
from arkes_build.project.rules.subjects import Subjects

GOLDEN = Path(__file__).parents[3] / "golden/project/rules"
NAME = "variants/example.Systemfile"


def cases_of(path):
    """Yield the title and the sections of each case."""
    for text in re.split(r"(?m)^=== ", path.read_text())[1:]:
        title, _, rest = text.partition("\n")
        first, *others = re.split(r"(?m)^\+\+\+ ", rest)
        sections = [each.partition("\n")[::2] for each in others]
        yield title, [(NAME, first), *sections]


CASES = [
    pytest.param(path, title, sections, id=f"{path.stem}: {title}")
    for path in sorted(GOLDEN.glob("*.txt"))
    for title, sections in cases_of(path)
]


def known_of(text):
    """Return what lines such as ``unit a.service`` and ``package b 1.0`` say."""
    lines = [line.split() for line in text.splitlines()]
    return Known(
        units=frozenset(line[1] for line in lines if line[0] == "unit"),
        user_units=frozenset(line[1] for line in lines if line[0] == "user-unit"),
        packages={line[1]: line[2] for line in lines if line[0] == "package"},
    )


def make_file(root, head, text):
    """Write a file, ``PATH`` or ``PATH MODE``, or make the link ``link PATH -> TARGET``."""
    path, _, rest = head.removeprefix("link ").partition(" ")
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if head.startswith("link "):
        place.symlink_to(rest.removeprefix("-> ").replace("ROOT", str(root)))
    else:
        place.write_text(text)
        place.chmod(int(rest or "644", 8))


def findings_of(root, stem, sections, bootstrap):
    """Return the rendered findings of one module about one case."""
    (root / "arkes.toml").write_text(bootstrap)
    family, known = Family.DEBIAN, {}
    for head, text in sections[1:]:
        if head.startswith("family "):
            family = Family(head.partition(" ")[2])
        elif head.startswith("known "):
            known[head.partition(" ")[2]] = known_of(text)
        elif head != "findings":
            make_file(root, head, text)
    file, _ = attempt(Source(NAME, sections[0][1]))
    part = Part(name="example", kind=NodeKind.VARIANT, file=file, context=root)
    subjects = Subjects(project=load_what_can_be(root).project, arch=Arch.X86_64, known=known)
    subject = subjects.of(part, family)
    check = import_module(f"arkes_build.project.rules.{stem}").check
    found = "\n".join(render(each) for each in in_order(check(subject)))
    return found.replace(str(root), "ROOT")


@pytest.mark.parametrize(("path", "title", "sections"), CASES)
def test_findings(path, title, sections, tmp_path, cases):
    found = findings_of(tmp_path, path.stem, sections, cases.bootstrap)
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        write(path, title, found)
        return
    assert dict(sections).get("findings", "").rstrip("\n") == found


def write(path, title, found):
    """Replace the findings of one case."""
    text = path.read_text()
    start = re.search(rf"(?m)^=== {re.escape(title)}\n", text).end()
    end = text.find("\n=== ", start) + 1 or len(text)
    case = text[start:end].partition("+++ findings\n")[0].rstrip("\n")
    found = f"{found}\n" if found else ""
    path.write_text(f"{text[:start]}{case}\n+++ findings\n{found}{text[end:]}")


def test_every_title_is_there_once():
    titles = [(path.stem, title) for path, title, _ in (case.values for case in CASES)]
    assert sorted(titles) == sorted(set(titles))
    assert len(titles) > 50
