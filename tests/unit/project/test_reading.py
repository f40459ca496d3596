"""Check that a project is read in one go, and that nothing hides anything else."""

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.project.errors import ProjectError
from arkes_build.project.model import NodeKind
from arkes_build.project.reading import read_project

PROJECT = {
    "arkes.toml": "",
    "variants/base.Containerfile": "# x-nmae=Base\nFROM scratch\n",
    "templates/slim.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
}


@pytest.fixture
def read(tmp_path, cases):
    """Return a function that reads the project, with more files, and some Systemfiles."""

    def make(files=None, *systemfiles):
        cases.write(tmp_path, {**PROJECT, **(files or {})})
        paths = [tmp_path / path for path in systemfiles]
        return read_project(tmp_path, family=Family.DEBIAN, arch=Arch.X86_64, systemfiles=paths)

    return make


def test_a_project_with_a_systemfile_and_a_file_of_its_own(read, tmp_path):
    files = {"box/Systemfile": "# x-nmae=Box\nFROM arkes:base\n"}
    reading = read(files, "box", "variants/base.Containerfile")
    assert [node.name for node in reading.expansion.nodes] == ["base", "box"]
    assert {
        str(path.relative_to(tmp_path)): (part.name, part.kind)
        for path, part in reading.systems.items()
    } == {
        "box": ("box", NodeKind.SYSTEM),
        "variants/base.Containerfile": ("base", NodeKind.VARIANT),
    }
    assert [warning.span.source.name for warning in reading.warnings] == [
        "variants/base.Containerfile",
        f"{tmp_path}/box/Systemfile",
    ]


def test_the_same_systemfile_twice_is_one_node(read):
    reading = read({"box/Systemfile": "FROM arkes:base\n"}, "box", "box/Systemfile")
    assert [node.name for node in reading.expansion.nodes] == ["base", "box"]


def test_everything_that_is_wrong_is_said_at_once(read):
    files = {
        "variants/broken.Containerfile": "RUNN true\n",
        "templates/torn.Containerfile": "FROM x\nCOPY\n",
        "variants/user.Containerfile": (
            "# x-templates=torn-slim\nFROM arkes:broken\n"
            "COPY --from=arkes:base-torn / /\nCOPY --from=arkes:nobody / /\n"
        ),
        "box/Systemfile": "FROM arkes:base\nCOPY nothing /\n",
        "bad/Systemfile": "FROM\n",
    }
    with pytest.raises(SourceError) as caught:
        read(files, "box", "bad")
    assert sorted(finding.message for finding in caught.value.diagnostics) == [
        "COPY needs at least 2 arguments",
        "FROM needs an argument",
        "there is no 'nothing' in the build context",
        "there is no node arkes:nobody",
        "unknown header 'x-nmae'",
        "unknown instruction 'RUNN'",
    ]


def test_a_chain_too_long_for_a_tag(read):
    long = "t" * 60
    files = {
        f"templates/{long}.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
        f"templates/{long}2.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
        "variants/longer.Containerfile": f"# x-templates={long}-{long}2\nFROM scratch\n",
    }
    with pytest.raises(SourceError) as caught:
        read(files)
    assert [finding.message for finding in caught.value.diagnostics] == [
        "unknown header 'x-nmae'",
        "the chain makes a node's name of 129 characters",
    ]


def test_a_systemfile_that_is_not_there(read):
    with pytest.raises(ProjectError, match="no such file or directory"):
        read({}, "nowhere")
