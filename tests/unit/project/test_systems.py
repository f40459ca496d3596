"""Check Systemfiles as leaves of a project's graph."""

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.project.expand import expand
from arkes_build.project.loader import load_project, load_systemfile

PROJECT = {
    "p/arkes.toml": "",
    "p/variants/base.Containerfile": "FROM scratch\n",
    "p/templates/slim.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
}


@pytest.fixture
def with_systems(tmp_path, cases):
    """Return a function that expands a project with Systemfiles: path → text."""

    def make(systems, files=None):
        cases.write(tmp_path, {**PROJECT, **systems, **(files or {})})
        project = load_project(tmp_path / "p").project
        parts = [load_systemfile(tmp_path / path, project)[0] for path in systems]
        return expand(project, family=Family.DEBIAN, arch=Arch.X86_64, systems=parts)

    return make


def test_a_leaf_reads_its_own_folder(with_systems):
    text = "# x-templates=slim\nFROM arkes:base\nCOPY motd /etc/motd\n"
    found = with_systems({"box/Systemfile": text}, {"box/motd": "m"})
    assert {n.name: (n.kind.value, n.parent, [f.path for f in n.files]) for n in found.nodes} == {
        "base": ("variant", None, []),
        "box": ("system", "base", ["motd"]),
        "box-slim": ("template", "box", []),
    }


def test_a_leaf_cannot_have_a_variants_name(with_systems):
    with pytest.raises(SourceError) as caught:
        with_systems({"base/Systemfile": "FROM arkes:base\n"})
    (finding,) = caught.value.diagnostics
    assert finding.message == "the name 'base' is taken by a variant of the project"


def test_two_leaves_of_one_name(with_systems):
    with pytest.raises(SourceError) as caught:
        with_systems({"a/box/Systemfile": "FROM scratch\n", "b/box/Systemfile": "FROM scratch\n"})
    (finding,) = caught.value.diagnostics
    assert finding.message == "the name 'box' is taken by a system of the project"


def test_a_variant_named_by_its_file_is_no_second_node(with_systems):
    found = with_systems({"p/variants/base.Containerfile": "FROM scratch\n"})
    assert [node.name for node in found.nodes] == ["base"]


def test_templates_of_a_machine_make_a_chain(with_systems):
    files = {"p/templates/big.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n"}
    text = "FROM arkes:base\nARG NAME=big\nTEMPLATE slim\nTEMPLATE ${NAME}\n"
    found = with_systems({"box/Systemfile": text}, files)
    parents = {node.name: node.parent for node in found.nodes}
    assert parents == {"base": None, "box": "base", "box-slim": "box", "box-slim-big": "box-slim"}
    assert found.tops == {"box": "box-slim-big"}
    assert [i.keyword for n in found.nodes if n.name == "box" for i in n.instructions] == [
        "FROM",
        "ARG",
    ]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("TEMPLATE slmi", "unknown-template"),
        ("TEMPLATE slim slim", "template-twice"),
        ("TEMPLATE $WHICH", "unknown-variable"),
    ],
)
def test_templates_that_cannot_be_applied(lines, code, with_systems):
    with pytest.raises(SourceError) as caught:
        with_systems({"box/Systemfile": f"FROM arkes:base\n{lines}\n"})
    assert {finding.code for finding in caught.value.diagnostics} == {code}


def test_a_template_for_one_family(with_systems):
    text = "FROM arkes:base\nTEMPLATE --family=arch slim\n"
    found = with_systems({"box/Systemfile": text})
    assert ([node.name for node in found.nodes], found.tops) == (["base", "box"], {})


def test_overlays_come_from_beside_the_file_and_then_from_the_project(with_systems, tmp_path):
    files = {
        "box/overlay/both/etc/own": "own",
        "p/overlay/both/etc/theirs": "theirs",
        "p/overlay/shared/etc/motd": "shared",
    }
    text = "FROM arkes:base\nOVERLAY shared\nOVERLAY both\n"
    found = with_systems({"box/Systemfile": text}, files)
    (box,) = [node for node in found.nodes if node.name == "box"]
    assert {file.path: file.root for file in box.files if file.type == "file"} == {
        "overlay/both/etc/own": None,
        "overlay/shared/etc/motd": tmp_path / "p",
    }


def test_a_copy_of_an_overlay_reads_beside_the_file_only(with_systems):
    with pytest.raises(SourceError) as caught:
        with_systems(
            {"box/Systemfile": "FROM arkes:base\nCOPY overlay/shared/ /\n"},
            {"p/overlay/shared/etc/motd": "shared"},
        )
    assert [finding.code for finding in caught.value.diagnostics] == ["context-missing"]
