from __future__ import annotations

import pytest

from arkes_build.core.names import Arch, Family, is_name, machine_family


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("base", True),
        ("a", True),
        ("gnome_48", True),
        ("a" * 63, True),
        pytest.param("a" * 64, False, id="64 characters"),
        pytest.param("", False, id="nothing"),
        pytest.param("base-slim", False, id="a dash joins names"),
        pytest.param("Base", False, id="a capital"),
        pytest.param("4base", False, id="a digit first"),
        pytest.param("../x", False, id="a way out of the folder"),
        pytest.param("base\n", False, id="a line end"),
        pytest.param("a b", False, id="a space"),
        pytest.param("ä", False, id="a letter outside ASCII"),
    ],
)
def test_what_may_be_a_name(text: str, answer: bool) -> None:
    assert is_name(text) is answer


@pytest.mark.parametrize(
    ("fields", "family"),
    [
        pytest.param({"ID": "debian"}, Family.DEBIAN, id="debian"),
        pytest.param({"ID": "arch"}, Family.ARCH, id="arch"),
        pytest.param({"ID": "manjaro", "ID_LIKE": "arch"}, Family.ARCH, id="like arch"),
        pytest.param({"ID": "fedora"}, Family.DEBIAN, id="neither counts as debian"),
        pytest.param({}, Family.DEBIAN, id="no os-release at all"),
        pytest.param({"ID": "archaic"}, Family.DEBIAN, id="a word that only begins so"),
    ],
)
def test_a_machine_has_a_family(fields: dict[str, str], family: Family) -> None:
    assert machine_family(fields) is family


def test_every_architecture_has_a_name_for_containers() -> None:
    assert {arch.value: arch.oci for arch in Arch} == {
        "x86_64": "amd64",
        "aarch64": "arm64",
        "riscv64": "riscv64",
    }
