"""What is told about the thing at ``|``."""

from __future__ import annotations

import pytest

WEB = "variants/web.Systemfile"
CASES = [
    pytest.param(WEB, "FR|OM arkes:base\n", ["FROM [--platform=…]", "Begins a stage"], id="FROM"),
    pytest.param(
        WEB, "FROM arkes:base\nCOPY --chm|od=0644 a b\n", ["`--chmod`: The mode"], id="a flag"
    ),
    pytest.param(
        WEB,
        "FROM arkes:ba|se\n",
        ["**Base System** (`arkes:base`)", "`rootfs` → `bootstrap`", "For arch, debian."],
        id="what a node brings",
    ),
    pytest.param(WEB, "# x-na|me=Web\nFROM scratch\n", ["`# x-name`: The name"], id="a header"),
    pytest.param(
        WEB,
        "FROM scratch\n# check=skip=var-con|tent why not\nRUN true\n",
        ["# var-content", "## Bad", "## Good"],
        id="the page of a skipped rule",
    ),
    pytest.param(
        WEB,
        "FROM arkes:base\nOVERLAY si|te\n",
        ["Brings 1 files", "/usr/share/site/index.html"],
        id="what an overlay brings",
    ),
    pytest.param(
        WEB,
        "ARG A=1\nFROM scratch\nARG A\nENV B=$A-2\nLABEL c=${|B}\n",
        ["`B`", "Declared by ENV in line 4.", "`1-2`"],
        id="the value of a variable",
    ),
    pytest.param(
        WEB, "FROM scratch\nARG VARI|ANT\n", ["name for people", "`Web`"], id="a supplied argument"
    ),
    pytest.param(
        "templates/slim.Containerfile",
        "ARG BASE_VARIANT_ID\nFROM arkes:${BASE|_VARIANT_ID}\n",
        ["the node right below", "`base`"],
        id="what a template is applied to",
    ),
    pytest.param(
        WEB, "FROM scratch\nARG HA|SH\n", ["key", "not known before"], id="what nobody knows yet"
    ),
    pytest.param(
        WEB,
        "FROM arkes:base\nENABLE hello.ser|vice\n",
        ["`hello.service` comes from `overlay/base`."],
        id="where a unit comes from",
    ),
    pytest.param(
        WEB, "FROM scratch AS one\nFROM o|ne\n", ["Stage `one`, line 1"], id="a stage's name"
    ),
    pytest.param(
        WEB, "# x-templates=sl|im\nFROM arkes:base\n", ["Template `slim`"], id="a template"
    ),
]


@pytest.mark.parametrize(("name", "text", "wanted"), CASES)
def test_it_tells(shared, name, text, wanted):
    editor, project = shared
    uri = editor.open_file(project, name)
    editor.type(uri, 2, text)
    told = editor.about("hover", uri, text)["contents"]
    assert told["kind"] == "markdown"
    assert [part for part in wanted if part not in told["value"]] == []


@pytest.mark.parametrize("text", ["FROM scratch\nRUN |true\n", "|\nFROM scratch\n", "NOTHING|\n"])
def test_it_tells_nothing(shared, text):
    editor, project = shared
    uri = editor.open_file(project, WEB)
    editor.type(uri, 2, text)
    assert editor.about("hover", uri, text) is None
