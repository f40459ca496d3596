"""Inspecting a project says everything at once: reading, expanding, rules, skips."""

import pytest

from arkes_build.core.diagnostics import Severity
from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.project import inspection
from arkes_build.project.inspection import inspect, inspect_file, survey
from arkes_build.project.loader import load_what_can_be
from arkes_build.project.rules import catalogue
from arkes_build.project.rules.rule import Rule
from arkes_build.project.rules.subjects import STAND_IN

NOISY = Rule(code="a-noise", title="It is loud.", severity=Severity.WARNING)
WIDE = Rule(code="a-wide-noise", title="It is loud here.", severity=Severity.WARNING)
TABLE = '[bootstrap.{}]\ntool = "files"\nfiles = ["/bin/sh"]\n'
BOTH = "".join(TABLE.format(family.value) for family in Family)
ROOTFS = {"arkes.toml": BOTH, "variants/rootfs.Containerfile": "FROM arkes:bootstrap\n"}


@pytest.fixture
def seen(monkeypatch):
    """Put two rules in place of all, and return what they looked at."""
    looked = []

    def alone(subject):
        looked.append((subject.part.name, "alone", subject.family.value))
        for each in subject.instructions:
            if "loud" in each.text:
                yield NOISY.finding("loud", each.span, remedy="")

    def wide(subject):
        looked.append((subject.part.name, "wide", subject.family.value))
        for each in subject.instructions:
            if "loud" in each.text and subject.family is Family.ARCH:
                yield WIDE.finding("loud", each.span, remedy="")

    rules = {**catalogue.RULES, NOISY.code: NOISY, WIDE.code: WIDE}
    monkeypatch.setattr(catalogue, "RULES", rules)
    monkeypatch.setattr(catalogue, "ALONE", (alone,))
    monkeypatch.setattr(catalogue, "WIDER", ())
    monkeypatch.setattr(catalogue, "BY_FAMILY", (wide,))
    monkeypatch.setattr(catalogue, "OF_ONE_FILE", frozenset({NOISY.code}))
    return looked


def codes(found):
    return [(str(f.span), f.code) for f in found.findings]


@pytest.fixture
def write(cases, tmp_path):
    return lambda files: cases.write(tmp_path, {**ROOTFS, **files})


def test_what_two_families_have_in_common_is_looked_at_once(write, seen):
    root = write({"variants/a.Containerfile": "FROM arkes:rootfs\nRUN loud\n"})
    found = survey(root, arch=Arch.X86_64)
    place = "variants/a.Containerfile:2:1"
    assert codes(found) == [(place, "a-noise"), (place, "a-wide-noise")]
    assert sorted(entry for entry in seen if entry[0] == "a") == [
        ("a", "alone", "arch"),
        ("a", "wide", "arch"),
        ("a", "wide", "debian"),
    ]


def test_a_family_sees_only_what_counts_there(write, seen):
    text = "FROM arkes:rootfs\nRUN --family=debian loud\n"
    root = write({"variants/a.Containerfile": text})
    assert codes(inspect(root, family=Family.ARCH, arch=Arch.X86_64)) == []
    assert codes(inspect(root, family=Family.DEBIAN, arch=Arch.X86_64)) == [
        ("variants/a.Containerfile:2:1", "a-noise")
    ]


def test_a_part_for_another_family_is_not_looked_at(write, seen):
    root = write({"variants/a.Containerfile": "# x-families=debian\nFROM arkes:rootfs\n"})
    inspect(root, family=Family.ARCH, arch=Arch.X86_64)
    assert [entry for entry in seen if entry[0] == "a"] == []


def test_a_template_stands_on_a_stand_in(write, monkeypatch):
    bases = []
    monkeypatch.setattr(catalogue, "ALONE", (lambda s: bases.append(s.walked.standing.base) or (),))
    root = write({"templates/slim.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n"})
    inspect(root, family=Family.ARCH, arch=Arch.X86_64)
    assert f"arkes:{STAND_IN}" in bases


def test_rules_look_also_when_the_expansion_fails(write, seen):
    root = write({"variants/a.Containerfile": "FROM arkes:nobody\nRUN loud\n"})
    found = survey(root, arch=Arch.X86_64)
    assert {code for _, code in codes(found)} == {"unknown-variant", "a-noise", "a-wide-noise"}
    assert set(found.expansions.values()) == {None}


def test_a_file_with_errors_is_looked_at_by_itself(write, seen):
    text = "FROM arkes:rootfs\nRUN loud\nCOPY a\n# check=skip=a-noise known\nRUN loud\n"
    root = write({"variants/a.Containerfile": text})
    place = "variants/a.Containerfile"
    assert codes(survey(root, arch=Arch.X86_64)) == [
        (f"{place}:2:1", "a-noise"),
        (f"{place}:3:1", "arguments"),
    ]


def test_declarations_beside_errors_are_judged_where_they_have_none_of_their_own(write, tmp_path):
    write({"machine/overlay/mine/etc/x": ""})
    file = tmp_path / "machine/Systemfile"
    file.write_text(
        "FROM arkes:rootfs\nOVERLAY mine\nOVERLAY theirs\nPACKAGES vim b!\n"
        'PACKAGES "open\nENABEL x\nAUR --family=debian y\n'
    )
    found = survey(tmp_path, arch=Arch.X86_64, systemfiles=[file])
    assert [(each.span.line, each.code) for each in found.findings] == [
        (3, "overlay-missing"),
        (4, "package-name"),
        (5, "quote-unclosed"),
        (6, "instruction-unknown"),
        (7, "aur-family"),
    ]


def test_one_check_says_no_more_of_a_file_than_people_read(write, seen):
    root = write({"variants/a.Containerfile": "FROM arkes:rootfs\n" + "RUN loud\n" * 900})
    found = survey(root, families=(Family.DEBIAN,), arch=Arch.X86_64)
    assert len(found.findings) == inspection.MOST_FINDINGS


def test_a_skip_for_one_family_is_used_when_that_family_is_looked_at(write, seen):
    text = "FROM arkes:rootfs\n# check=skip=a-wide-noise,a-noise known\nRUN loud\n"
    root = write({"variants/a.Containerfile": text})
    assert codes(survey(root, arch=Arch.X86_64)) == []
    assert codes(inspect(root, family=Family.DEBIAN, arch=Arch.X86_64)) == []


def test_a_skip_that_no_family_needs_is_reported(write, seen):
    text = "FROM arkes:rootfs\n# check=skip=a-wide-noise,a-noise known\nRUN quiet\n"
    root = write({"variants/a.Containerfile": text})
    place = "variants/a.Containerfile:2"
    unused = [(f"{place}:14", "skip-unused"), (f"{place}:27", "skip-unused")]
    assert codes(survey(root, arch=Arch.X86_64)) == unused
    assert codes(inspect(root, family=Family.DEBIAN, arch=Arch.X86_64)) == unused[1:]


def test_a_skip_of_an_instruction_for_elsewhere_is_not_judged(write, seen):
    text = "FROM arkes:rootfs\n# check=skip=a-noise known\nRUN --arch=riscv64 quiet\n"
    root = write({"variants/a.Containerfile": text})
    assert codes(survey(root, arch=Arch.X86_64)) == []


def test_one_file_by_itself(write, seen):
    root = write({})
    project = load_what_can_be(root).project
    text = "# x-name\nFROM arkes:x\nRUN --family=arch loud\n# check=skip=a-wide-noise y\nRUN loud\n"
    found = inspect_file(Source("variants/x.Containerfile", text), project, arch=Arch.X86_64)
    assert [(f.span.line, f.code) for f in found] == [
        (1, "header-empty"),
        (3, "a-noise"),
        (5, "a-noise"),
    ]


@pytest.mark.parametrize("text", ["", "#", "FROM", "FROM a AS", "RUN <<E", "# check=skip=,"])
def test_one_file_of_any_text_raises_nothing(write, text):
    project = load_what_can_be(write({})).project
    inspect_file(Source("variants/x.Containerfile", text), project, arch=Arch.X86_64)


def test_a_file_that_is_no_text_has_its_own_finding_only(write, seen):
    root = write({"variants/a.Containerfile": b"FROM a\nRUN loud\nRUN \xff\n"})
    assert codes(survey(root, arch=Arch.X86_64)) == [("variants/a.Containerfile:3:5", "not-utf8")]


def test_all_codes_of_half_read_files_are_rules():
    assert sorted(inspection._HALF_READ - set(catalogue.RULES)) == []
