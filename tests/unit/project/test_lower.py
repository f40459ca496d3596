"""Check what counts where."""

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.project.lower import check_conditions, lower

FILE = """\
FROM arkes:base
RUN --family=debian apt
RUN --family=arch pacman
RUN --arch=x86_64 --family=debian,arch both
RUN --arch=aarch64,riscv64 others
COPY --family=arch --from=x a b
ONBUILD RUN --family=arch child
ONBUILD RUN --family=debian child
RUN --mount=type=cache,target=/x plain
"""


def shown(instruction):
    flags = [f"--{flag.name}={flag.value}" for flag in instruction.flags]
    inner = [shown(instruction.inner)] if instruction.inner else [instruction.text]
    return " ".join([instruction.keyword, *flags, *inner])


TABLE = {
    "debian on x86_64": (
        Family.DEBIAN,
        Arch.X86_64,
        ["FROM arkes:base", "RUN apt", "RUN both", "ONBUILD RUN child"],
    ),
    "arch on x86_64": (
        Family.ARCH,
        Arch.X86_64,
        ["FROM arkes:base", "RUN pacman", "RUN both", "COPY --from=x a b", "ONBUILD RUN child"],
    ),
    "debian on riscv64": (
        Family.DEBIAN,
        Arch.RISCV64,
        ["FROM arkes:base", "RUN apt", "RUN others", "ONBUILD RUN child"],
    ),
}


@pytest.mark.parametrize(("family", "arch", "expected"), TABLE.values(), ids=TABLE.keys())
def test_lower(family, arch, expected, parsed):
    lowered = lower(parsed(FILE).instructions, family=family, arch=arch)
    assert [shown(each) for each in lowered] == [
        *expected,
        "RUN --mount=type=cache,target=/x plain",
    ]


def test_what_needs_no_change_stays_the_same_object(parsed):
    (only,) = parsed("FROM x\n").instructions
    assert lower([only], family=Family.ARCH, arch=Arch.X86_64)[0] is only


def test_lowering_again_changes_nothing(parsed):
    once = lower(parsed(FILE).instructions, family=Family.ARCH, arch=Arch.X86_64)
    assert lower(once, family=Family.ARCH, arch=Arch.X86_64) == once


def test_right_flags_have_no_findings(parsed):
    assert list(check_conditions(parsed(FILE).instructions)) == []


def test_flags_of_a_repository_may_stand_behind_its_name(parsed):
    text = "FROM x\nREPOSITORY mine --server=https://example.org/a --family=arch\n"
    instructions = parsed(text).instructions
    (_, only) = lower(instructions, family=Family.ARCH, arch=Arch.X86_64)
    assert shown(only) == "REPOSITORY --server=https://example.org/a mine"
    assert [f.span.text for f in only.flags] == ["--server=https://example.org/a"]
    assert len(lower(instructions, family=Family.DEBIAN, arch=Arch.X86_64)) == 1


def test_wrong_flags_behind_a_name_are_found(parsed):
    text = "FROM x\nREPOSITORY mine --sever=https://example.org/a --family=debain\n"
    found = [(f.code, f.span.text) for f in check_conditions(parsed(text).instructions)]
    assert found == [
        ("flag-unknown", "--sever=https://example.org/a"),
        ("flag-value", "--family=debain"),
    ]
