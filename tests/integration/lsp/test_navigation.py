"""Where names lead to, who uses them, and how a stage gets another name."""

from __future__ import annotations

import pytest

WEB = "variants/web.Systemfile"
STAGES = """\
FROM arkes:base AS Build
RUN true
FROM BUILD AS again
COPY --from=build /a /b
RUN --mount=type=bind,from=build,target=/c true
FROM scratch
COPY --from=0 /a /b
COPY --from=again /a /b
"""
CASES = [
    pytest.param(WEB, "FROM arkes:ba|se\n", [("variants/base.Containerfile", 0, 0)], id="a node"),
    pytest.param(
        WEB,
        "FROM arkes:base-sl|im\n",
        [("templates/slim.Containerfile", 0, 0)],
        id="a node that a template makes",
    ),
    pytest.param(
        WEB,
        "# x-templates=sl|im\nFROM arkes:base\n",
        [("templates/slim.Containerfile", 0, 0)],
        id="a template",
    ),
    pytest.param(
        WEB,
        "# x-depends=ba|se\nFROM arkes:base\n",
        [("variants/base.Containerfile", 0, 0)],
        id="a dependency in a header",
    ),
    pytest.param(
        WEB,
        "FROM arkes:base\nOVERLAY si|te\n",
        [("overlay/site/usr/share/site/index.html", 0, 0)],
        id="an overlay",
    ),
    pytest.param(
        WEB, "FROM a AS one\nFROM b\nCOPY --from=on|e /x /y\n", [(WEB, 0, 10)], id="a stage"
    ),
    pytest.param(
        WEB, "ARG A=1\nFROM b\nARG A\nRUN echo $|A\n", [(WEB, 2, 4)], id="the nearest ARG"
    ),
    pytest.param(WEB, "ARG A=1\nFROM b:${A|}\nENV A=2\n", [(WEB, 0, 4)], id="the ARG above a FROM"),
    pytest.param(
        WEB,
        "FROM a AS one\nENV A=1\nFROM x\nENV A=2\nFROM one\nRUN echo ${A|}\n",
        [(WEB, 1, 4)],
        id="the ENV of the stage below",
    ),
    pytest.param(
        WEB,
        "FROM arkes:base\nCOPY nginx/site|.conf /etc/\n",
        [("nginx/site.conf", 0, 0)],
        id="a file of the context",
    ),
    pytest.param(
        WEB,
        "FROM arkes:base\nCOPY ngi|nx/ /etc/\n",
        [("nginx/site.conf", 0, 0)],
        id="a folder of the context",
    ),
    pytest.param(
        "templates/slim.Containerfile",
        "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VAR|IANT_ID}\n",
        [("variants/base.Containerfile", 0, 0)],
        id="what a template is applied to",
    ),
    pytest.param(WEB, "FROM arkes:base\nRUN tr|ue\n", [], id="a command leads nowhere"),
    pytest.param(WEB, "FROM arkes:no|body\n", [], id="nor does an unknown node"),
    pytest.param(WEB, "FROM b\nCOPY ../../etc/pas|swd /\n", [], id="nor what is outside"),
]


def shown(project, locations):
    return [
        (
            place["uri"].removeprefix(project.as_uri() + "/"),
            place["range"]["start"]["line"],
            place["range"]["start"]["character"],
        )
        for place in locations
    ]


@pytest.mark.parametrize(("name", "text", "wanted"), CASES)
def test_definition(shared, name, text, wanted):
    editor, project = shared
    uri = editor.open_file(project, name)
    editor.type(uri, 2, text)
    assert shown(project, editor.about("definition", uri, text)) == wanted


def test_a_skipped_rule_leads_to_its_page(shared):
    editor, project = shared
    uri = editor.open_file(project, WEB)
    text = "FROM scratch\n# check=skip=var-con|tent why\nRUN true\n"
    editor.type(uri, 2, text)
    (place,) = editor.about("definition", uri, text)
    assert place["uri"].endswith("/rules/var-content.md")


def test_all_uses_of_a_stage(shared):
    editor, project = shared
    uri = editor.open_file(project, WEB, STAGES)
    at = STAGES.replace("from=build ", "from=bui|ld ")
    found = editor.about("references", uri, at, context={"includeDeclaration": True})
    assert [line for _, line, _ in shown(project, found)] == [0, 2, 3, 4]
    found = editor.about("references", uri, at, context={"includeDeclaration": False})
    assert [line for _, line, _ in shown(project, found)] == [2, 3, 4]


def test_all_uses_of_a_node_in_all_files(shared):
    editor, project = shared
    uri = editor.open_file(project, WEB)
    found = editor.about("references", uri, "# |", context={"includeDeclaration": True})
    assert shown(project, found) == [(WEB, 0, 0)]
    text = (project / WEB).read_text().replace("FROM arkes:base\n", "FROM arkes:ba|se\n")
    found = editor.about("references", uri, text, context={"includeDeclaration": True})
    assert shown(project, found) == [
        ("variants/base.Containerfile", 0, 0),
        (WEB, 1, 11),
        (WEB, 5, 11),
    ]


def test_a_stage_gets_another_name_everywhere(shared):
    editor, project = shared
    uri = editor.open_file(project, WEB, STAGES)
    at = STAGES.replace("AS Build", "AS Bui|ld")
    assert editor.about("prepareRename", uri, at)["placeholder"] == "Build"
    edit = editor.about("rename", uri, at, newName="compile")
    changes = edit["changes"][uri]
    assert {change["newText"] for change in changes} == {"compile"}
    assert [change["range"]["start"] for change in changes] == [
        {"line": 0, "character": 19},
        {"line": 2, "character": 5},
        {"line": 3, "character": 12},
        {"line": 4, "character": 27},
    ]


REFUSED = [
    pytest.param("Compile", "cannot be a stage's name", id="capital letters"),
    pytest.param("a b", "cannot be a stage's name", id="a blank"),
    pytest.param("1st", "cannot be a stage's name", id="a digit first"),
    pytest.param("", "cannot be a stage's name", id="nothing"),
    pytest.param("again", "is taken", id="another stage's name"),
    pytest.param("scratch", "is taken", id="a reserved name"),
]


@pytest.mark.parametrize(("name", "why"), REFUSED)
def test_a_bad_name_is_refused(shared, refused, name, why):
    editor, project = shared
    uri = editor.open_file(project, WEB, STAGES)
    at = STAGES.replace("AS Build", "AS Bui|ld")
    with pytest.raises(refused, match=why):
        editor.about("rename", uri, at, newName=name)


def test_nothing_but_stages_is_renamed(shared, refused):
    editor, project = shared
    uri = editor.open_file(project, WEB, STAGES)
    for at in ("FROM arkes:ba|se", STAGES.replace("from=0", "from=|0")):
        assert editor.about("prepareRename", uri, at) is None
        with pytest.raises(refused, match="only stages"):
            editor.about("rename", uri, at, newName="other")


def test_the_outline_nests_instructions_in_stages(shared):
    editor, project = shared
    text = "ARG A=1\nFROM arkes:base AS one\nRUN true\nENV B=2\nFROM scratch\n"
    uri = editor.open_file(project, WEB, text)
    document = {"uri": uri}
    found = editor.ask("textDocument/documentSymbol", textDocument=document)
    names = [(s["name"], [c["name"] for c in s.get("children") or []]) for s in found]
    assert names == [("ARG A=1", []), ("one", ["RUN true", "ENV B=2"]), ("FROM scratch", [])]
    assert found[1]["detail"] == "arkes:base"
    assert found[1]["range"]["end"] == {"line": 3, "character": 7}


def test_what_can_be_folded(shared):
    editor, project = shared
    text = "# one\n# two\nFROM scratch\nRUN a \\\n  b\nRUN <<EOT\nc\nd\nEOT\n"
    uri = editor.open_file(project, WEB, text)
    found = editor.ask("textDocument/foldingRange", textDocument={"uri": uri})
    lines = [(f["startLine"], f["endLine"], f.get("kind")) for f in found]
    assert lines == [(0, 1, "comment"), (2, 8, None), (3, 4, None), (5, 7, None), (5, 8, None)]
