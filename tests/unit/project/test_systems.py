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
