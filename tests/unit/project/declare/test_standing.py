"""Check what stands where it cannot: AUR for debian, TEMPLATE outside a machine's file."""

import pytest

from arkes_build.core.names import Family
from arkes_build.project.model import NodeKind

BOTH = '[bootstrap.debian]\ntool = "files"\nfiles = ["/bin/sh"]\n[bootstrap.arch]\n'
BASE = {"arkes.toml": BOTH, "variants/rootfs.Containerfile": "FROM arkes:bootstrap\n"}
SLIM = {"templates/slim.Containerfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\n"}

CASES = {
    "an AUR without --family": ("FROM arkes:rootfs\nAUR yay\n", []),
    "an AUR for arch": ("FROM arkes:rootfs\nAUR --family=arch yay\n", []),
    "an AUR for debian": ("FROM arkes:rootfs\nAUR --family=debian yay\n", ["--family=debian"]),
    "an AUR for both by name": (
        "FROM arkes:rootfs\nAUR --family=arch,debian yay\n",
        ["--family=arch,debian"],
    ),
    "a TEMPLATE in a variant": ("FROM arkes:rootfs\nTEMPLATE slim\n", ["TEMPLATE slim"]),
    "a TEMPLATE behind ONBUILD": (
        "FROM arkes:rootfs\nONBUILD TEMPLATE slim\n",
        ["TEMPLATE slim", "ONBUILD TEMPLATE slim"],
    ),
}


@pytest.mark.parametrize("family", [Family.DEBIAN, Family.ARCH], ids=lambda family: family.value)
@pytest.mark.parametrize(("text", "spans"), CASES.values(), ids=CASES.keys())
def test_standing(text, spans, family, tmp_path, cases):
    cases.write(tmp_path, {**BASE, **SLIM, "variants/web.Systemfile": text})
    found = cases.findings(tmp_path, family)
    assert sorted(each.span.text for each in found) == sorted(spans)


def test_an_aur_in_a_file_for_debian_only(tmp_path, cases):
    text = "# x-families=debian\nFROM arkes:rootfs\nAUR yay\n"
    cases.write(tmp_path, {**BASE, "variants/web.Systemfile": text})
    found = [(each.code, each.span.text) for each in cases.findings(tmp_path, Family.DEBIAN)]
    assert found == [("aur-family", "AUR yay")]


def test_errors_of_the_other_family_are_told_as_well(tmp_path, cases):
    text = "FROM arkes:rootfs\nPACKAGES --family=arch a/b\nPACKAGES --family=debian c/d\n"
    cases.write(tmp_path, {**BASE, "variants/web.Systemfile": text})
    found = cases.findings(tmp_path, Family.DEBIAN)
    assert [each.span.text for each in found] == ["a/b", "c/d"]


def test_a_template_may_declare(expanded):
    slim = {"templates/slim.Systemfile": SLIM["templates/slim.Containerfile"] + "REMOVE nano\n"}
    web = {"variants/web.Systemfile": "# x-templates=slim\nFROM arkes:rootfs\n"}
    nodes = {each.name: each for each in expanded({**BASE, **slim, **web}).nodes}
    assert nodes["web-slim"].kind is NodeKind.TEMPLATE
    assert nodes["web-slim"].instructions[-1].text == "/usr/lib/system/package_layer --rm nano"
