"""Hold the example project to what its README says."""

from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.project.expand import expand
from arkes_build.project.loader import load_project

TINY = Path(__file__).parents[3] / "examples/tiny"


@pytest.mark.parametrize("family", Family)
def test_nodes_on_both_families(family):
    loaded = load_project(TINY)
    found = expand(loaded.project, family=family, arch=Arch.X86_64)
    assert loaded.warnings == found.left_out == ()
    assert {node.name: (node.parent, node.display_name) for node in found.nodes} == {
        "base": ("rootfs", "Base"),
        "base-slim": ("base", "Base (Slim)"),
        "bootstrap": (None, "Bootstrap"),
        "hello": ("base", "Hello"),
        "hello-tools": ("hello", "Hello (Tools)"),
        "hello-tools-slim": ("hello-tools", "Hello (Tools, Slim)"),
        "rootfs": ("bootstrap", "Root file system"),
    }


def test_the_readme_draws_every_node():
    text = (TINY / "README.md").read_text()
    nodes = expand(load_project(TINY).project, family=Family.DEBIAN, arch=Arch.X86_64).nodes
    assert [node.name for node in nodes if node.name not in text] == []
