"""Hold what declarations become, instruction by instruction, for both families.

Each golden file is a Systemfile and its plain instructions. ``ARKES_WRITE_GOLDEN=1`` writes
what comes out into the files; read the difference before it is committed.
"""

import os
from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import parse
from arkes_build.language.writer import write
from arkes_build.project.declare.compiler import Surroundings, compile_file, user_at_end
from arkes_build.project.declare.lowered import Lowered, origins
from arkes_build.project.lower import lower
from arkes_build.project.overlays import Overlays
from arkes_build.project.scope import walk

GOLDEN = Path(__file__).parents[3] / "golden/project/declare"
CASES = sorted(GOLDEN.glob("*.txt"))


@pytest.fixture(scope="session")
def overlays(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    for path, text in {
        "mine/etc/motd": "hello\n",
        "settings/etc/hostname": "theirs\n",
        "settings/etc/locale.conf": "LANG=C.UTF-8\n",
        "settings/usr/lib/sysctl.d/60-net.conf": "# a\nnet.ipv4.ip_forward = 0\n-kernel.sysrq=0\n",
    }.items():
        file = root / "overlay" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "overlay/settings/etc/localtime").symlink_to("../usr/share/zoneinfo/UTC")
    return Overlays((root,))


@pytest.fixture
def compiled(overlays):
    """Return a function that compiles a text for a family."""

    def make(text, family=Family.DEBIAN, **fields):
        instructions = lower(
            parse(Source("test", text)).instructions, family=family, arch=Arch.X86_64
        )
        around = Surroundings(family=family, overlays=overlays, **fields)
        return compile_file(walk(instructions, {}), around)

    return make


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem.replace("-", " "))
def test_declarations_become(path, compiled):
    text = path.read_text().partition("=== debian\n")[0].removeprefix("=== file\n")
    shown = [f"=== file\n{text}"]
    for family in (Family.DEBIAN, Family.ARCH):
        result = compiled(text, family)
        assert result.findings == ()
        lines = "".join(write(each) + "\n" for each in result.instructions)
        shown.append(f"=== {family.value}\n{lines}")
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        path.write_text("".join(shown))
        return
    assert "".join(shown) == path.read_text()


def test_there_are_cases():
    assert len(CASES) > 10


def test_plain_instructions_stay_the_same_objects(compiled):
    text = "ARG A\nFROM arkes:base\nRUN true\nENV A=b\n"
    instructions = parse(Source("test", text)).instructions
    around = Surroundings(family=Family.DEBIAN, overlays=Overlays(()))
    again = compile_file(walk(instructions, {}), around).instructions
    assert [a is b for a, b in zip(again, instructions, strict=True)] == [True] * 4


def test_an_instruction_knows_what_it_is_made_of(compiled):
    result = compiled("FROM arkes:base\nPACKAGES vim\nENV X=y\nREMOVE nano\n")
    run = result.instructions[-1]
    assert isinstance(run, Lowered)
    assert [each.span.text for each in origins(run)] == ["PACKAGES vim", "REMOVE nano"]
    assert run.span.text == "PACKAGES vim"
    assert origins(result.instructions[0]) == (result.instructions[0],)


def test_the_user_of_the_image_below_counts(compiled):
    result = compiled("FROM arkes:base\nPACKAGES vim\n", user_of=lambda base: f"user of {base}")
    assert [write(each) for each in result.instructions[1:]] == [
        "USER root",
        "RUN /usr/lib/system/package_layer vim",
        "USER user of arkes:base",
    ]


ENDS = {
    "the last USER of the last stage": ("FROM a\nUSER x\nUSER y\n", "y"),
    "that of the stage below": ("FROM a AS b\nUSER x\nFROM b\nRUN true\n", "x"),
    "not that of another stage": ("FROM a AS b\nUSER x\nFROM a\n", None),
    "a variable's value": ("FROM a\nARG N=me\nUSER $N\n", "me"),
    "a variable that is unknown": ("FROM a\nUSER $N\n", "$N"),
}


@pytest.mark.parametrize(("text", "user"), ENDS.values(), ids=ENDS.keys())
def test_user_at_end(text, user):
    assert user_at_end(walk(parse(Source("test", text)).instructions, {})) == user


WRONG = {
    "each wrong value of each instruction": (
        "FROM arkes:base\nHOSTNAME a_b\nTIMEZONE Mars/Base\nPACKAGES good Bad ../x\nKEYMAP ../x\n",
        [
            ("setting-value", "a_b"),
            ("setting-value", "Mars/Base"),
            ("package-name", "Bad"),
            ("package-name", "../x"),
            ("setting-value", "../x"),
        ],
    ),
    "an unknown variable": (
        "FROM arkes:base\nHOSTNAME $NAME\n",
        [
            ("unknown-variable", "$NAME"),
        ],
    ),
    "a setting twice in a stage": (
        "FROM arkes:base AS a\nHOSTNAME x\nRUN true\nHOSTNAME y\nFROM a\nHOSTNAME z\n",
        [("setting-duplicate", "HOSTNAME y")],
    ),
    "a kernel parameter twice, however written": (
        "FROM arkes:base\nSYSCTL net.ipv4.ip_forward=1\nSYSCTL net/ipv4/ip_forward=0\n",
        [("setting-duplicate", "net/ipv4/ip_forward=0")],
    ),
    "an overlay that is not there": (
        "FROM arkes:base\nOVERLAY overlay/mine\nOVERLAY mime\n",
        [("overlay-missing", "overlay/mine"), ("overlay-missing", "mime")],
    ),
    "a package installed and removed": (
        "FROM arkes:base\nPACKAGES vim\nREMOVE vim\n",
        [("package-conflict", "vim")],
    ),
    "a package in two versions": (
        "FROM arkes:base\nPACKAGES vim=1 vim=2\n",
        [("package-conflict", "vim=2")],
    ),
    "the same in two segments is fine": (
        "FROM arkes:base\nPACKAGES vim\nRUN true\nREMOVE vim\n",
        [],
    ),
    "a repository without a server": (
        "FROM arkes:base\nREPOSITORY mine --keyfile=a.asc\n",
        [("repository-value", "REPOSITORY mine --keyfile=a.asc")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong(text, expected, compiled):
    found = compiled(text).findings
    assert [(each.code, each.span.text) for each in found] == expected
