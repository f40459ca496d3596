"""Write bills of materials of real commits, and hold them against the formats' own schemas."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from arkes_build.history.commits import History
from arkes_build.history.sbom import write
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.repository import Repository

pytestmark = pytest.mark.engine

SPDX = json.loads((files("lib4sbom") / "schemas/spdx/2.3-schema.json").read_text())
STATUS = """\
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc (2.41-12)
Version: 2.41-12+b1
Maintainer: GNU Libc Maintainers <debian-glibc@example.org>
Homepage: https://example.org/libc
Description: GNU C Library
Depends: libstdc++6

Package: libstdc++6
Status: install ok installed
Architecture: amd64
Version: 1:14.2.0-19
Maintainer: no address
Homepage: javascript:alert(1)
Depends: libc6
"""
HOSTILE = """\
Package: \x1b[31m../../x y"<>
Status: install ok installed
Architecture: a&b?c#d
Version: %00/@1?
Maintainer: <<>> <not an address>
Homepage: https://example.org/ with a blank
Source: ?? (#)

Package: x-y
Status: install ok installed
Architecture: a&b?c#d
Version: 1

Package: x y
Status: install ok installed
Architecture: a&b?c#d
Version: 1
"""
LOCAL = "usr/lib/sysimage/pacman/local"
DESC = "%NAME%\n{0}\n\n%VERSION%\n{1}\n\n%ARCH%\nx86_64\n\n%LICENSE%\n{2}\n\n%DEPENDS%\n{3}\n"
TREES = {
    "debian": {
        "usr/lib/sysimage/dpkg/status": STATUS,
        "usr/etc/debian_version": "13.2\n",
        "usr/lib/os-release": 'NAME="Ex ample"\nHOME_URL="https://example.org/"\n',
        "usr/share/doc/libc6/copyright": "Format: https://example.org/copyright-format/1.0\n\n"
        "Files: *\nLicense: LGPL-2.1+ and Odd, or Expat\n",
        "usr/share/doc/libstdc++6/copyright": "Format: https://example.org/copyright-format/1.0\n"
        "License: Very odd\n",
    },
    "arch": {
        f"{LOCAL}/zlib-1-1/desc": DESC.format("zlib", "1:1.3-1", "Zlib", "glibc"),
        f"{LOCAL}/glibc-1-1/desc": DESC.format("glibc", "2.40-1", "GPL2", "nobody"),
    },
    "hostile": {"usr/lib/sysimage/dpkg/status": HOSTILE, "usr/lib/os-release": "NAME=\x00\n=\n"},
    "nothing": {"usr/share/empty": ""},
}


@pytest.fixture(params=sorted(TREES))
def release(request, tmp_path):
    """Return a history and the one commit in it."""
    layer = tmp_path / "layer"
    for name, text in TREES[request.param].items():
        path = layer / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return commit(tmp_path / "repo", layer)


def commit(repo: Path, layer: Path) -> tuple[History, str]:
    repository = Repository.open(repo)
    (made,) = repository.commit_layers([LayerDiff(chain_id="1" * 64, path=layer)])
    about = NodeMetadata(node="base", version="1.0", key="a" * 64, image="sha256:" + "b" * 64)
    done = repository.commit_node("test/x86_64/base", made, about, epoch=1_700_000_000)
    return History(repo), done.checksum


def test_cyclonedx_keeps_to_its_schema(release):
    text = write(*release, "cyclonedx").decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    value = json.loads(text)
    refs = [one["bom-ref"] for one in value.get("components", [])]
    assert len(refs) == len(set(refs))
    assert {one["ref"] for one in value["dependencies"]} == {
        *refs,
        value["metadata"]["component"]["bom-ref"],
    }


def test_spdx_keeps_to_its_schema_and_to_its_rules(release):
    value = json.loads(write(*release, "spdx"))
    validator = jsonschema.validators.validator_for(SPDX)(SPDX)
    assert [error.message for error in validator.iter_errors(value)] == []
    document = JsonLikeDictParser().parse(value)
    assert [m.validation_message for m in validate_full_spdx_document(document)] == []


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_the_same_commit_gives_the_same_bytes(release, form):
    history, commit = release
    code = (
        "import sys; from pathlib import Path; from arkes_build.history.commits import History\n"
        "from arkes_build.history.sbom import write\n"
        "sys.stdout.buffer.write(write(History(Path(sys.argv[1])), *sys.argv[2:]))"
    )
    argv = [sys.executable, "-c", code, str(history.path), commit, form]
    env = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parents[2])}
    other = subprocess.run(argv, env=env, check=True, capture_output=True, cwd="/").stdout
    assert other == write(history, commit, form)


@pytest.mark.parametrize("release", ["debian"], indirect=True)
def test_cyclonedx_says_it_all(release):
    value = json.loads(write(*release, "cyclonedx"))
    libc, cxx = value["components"]
    url = "pkg:deb/debian/libc6@2.41-12%2Bb1?arch=amd64&distro=debian-13"
    other = "pkg:deb/debian/libstdc%2B%2B6@1:14.2.0-19?arch=amd64&distro=debian-13"
    assert libc == {
        "bom-ref": url,
        "description": "GNU C Library",
        "externalReferences": [{"type": "website", "url": "https://example.org/libc"}],
        "licenses": [{"expression": "(LGPL-2.1-or-later AND LicenseRef-Odd) OR MIT"}],
        "name": "libc6",
        "pedigree": {
            "ancestors": [
                {
                    "bom-ref": f"source of {url}",
                    "name": "glibc",
                    "purl": "pkg:deb/debian/glibc@2.41-12?arch=source&distro=debian-13",
                    "type": "library",
                    "version": "2.41-12",
                }
            ]
        },
        "purl": url,
        "supplier": {
            "contact": [{"email": "debian-glibc@example.org", "name": "GNU Libc Maintainers"}],
            "name": "GNU Libc Maintainers",
        },
        "type": "library",
        "version": "2.41-12+b1",
    }
    assert (cxx["purl"], cxx["licenses"]) == (other, [{"license": {"name": "Very-odd"}}])
    assert "externalReferences" not in cxx
    root = value["metadata"]["component"]
    assert (root["type"], root["name"], root["version"], root["publisher"]) == (
        "operating-system",
        "base",
        "1.0",
        "Ex ample",
    )
    assert {one["name"]: one["value"] for one in root["properties"]} == {
        "arkes:commit": release[1],
        "arkes:image": "sha256:" + "b" * 64,
        "arkes:key": "a" * 64,
        "arkes:node": "base",
        "arkes:refs": "test/x86_64/base",
    }
    assert value["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    needs = {one["ref"]: one.get("dependsOn", []) for one in value["dependencies"]}
    assert needs == {url: [other], other: [url], root["bom-ref"]: [url, other]}


@pytest.mark.parametrize("release", ["arch"], indirect=True)
def test_spdx_says_it_all(release):
    value = json.loads(write(*release, "spdx"))
    told = {
        one["SPDXID"]: (one["name"], one["versionInfo"], one["licenseDeclared"])
        for one in value["packages"]
    }
    assert told == {
        "SPDXRef-System": ("base", "1.0", "NOASSERTION"),
        "SPDXRef-Package-glibc-x86-64": ("glibc", "2.40-1", "GPL-2.0-only"),
        "SPDXRef-Package-zlib-x86-64": ("zlib", "1:1.3-1", "Zlib"),
        "SPDXRef-Source-glibc-2.40-1": ("glibc", "2.40-1", "NOASSERTION"),
        "SPDXRef-Source-zlib-1-1.3-1": ("zlib", "1:1.3-1", "NOASSERTION"),
    }
    urls = [one["externalRefs"][0]["referenceLocator"] for one in value["packages"][1:]]
    assert sorted(urls) == [
        "pkg:alpm/arch/glibc@2.40-1?arch=source",
        "pkg:alpm/arch/glibc@2.40-1?arch=x86_64",
        "pkg:alpm/arch/zlib@1:1.3-1?arch=source",
        "pkg:alpm/arch/zlib@1:1.3-1?arch=x86_64",
    ]
    relations = [
        (one["spdxElementId"], one["relationshipType"], one["relatedSpdxElement"])
        for one in value["relationships"]
    ]
    assert (
        "SPDXRef-Package-zlib-x86-64",
        "DEPENDS_ON",
        "SPDXRef-Package-glibc-x86-64",
    ) in relations
    assert [kind for _one, kind, _other in relations if kind == "CONTAINS"] == ["CONTAINS"] * 2
