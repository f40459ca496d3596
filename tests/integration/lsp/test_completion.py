"""What is offered where one writes; ``|`` is the cursor."""

from __future__ import annotations

import pytest

CASES = [
    pytest.param("FR|", {"FROM", "RUN", "PACKAGES"}, id="instructions"),
    pytest.param("FROM arkes:base\nonbuild co|", {"COPY"}, id="instructions behind ONBUILD"),
    pytest.param("FROM arkes:|", {"arkes:base", "arkes:base-slim", "arkes:web"}, id="nodes"),
    pytest.param("FROM arkes:base |", {"AS"}, id="the AS of a stage"),
    pytest.param("FROM arkes:base AS one\nFROM o|", {"one", "scratch"}, id="stages behind FROM"),
    pytest.param(
        "FROM arkes:base AS one\nFROM scratch\nCOPY --from=|",
        {"one", "arkes:base"},
        id="stages and nodes behind --from",
    ),
    pytest.param("FROM arkes:base\nCOPY --|", {"--from=", "--link", "--family="}, id="flags"),
    pytest.param("FROM arkes:base\nRUN --family=|", {"arch", "debian"}, id="families"),
    pytest.param("FROM arkes:base\nRUN --arch=x86_64,|", {"aarch64"}, id="a second architecture"),
    pytest.param("FROM arkes:base\nRUN --mount=type=|", {"bind", "cache"}, id="kinds of mounts"),
    pytest.param("FROM arkes:base\nRUN --mount=|", {"type=", "target="}, id="options of mounts"),
    pytest.param(
        "FROM scratch AS one\nFROM arkes:base\nRUN --mount=type=bind,from=|",
        {"one", "arkes:web"},
        id="what a mount comes from",
    ),
    pytest.param("FROM arkes:base\nCOPY |", {"nginx/", "overlay/", "variants/"}, id="the context"),
    pytest.param("FROM arkes:base\nCOPY nginx/s|", {"nginx/site.conf"}, id="a file below"),
    pytest.param("FROM arkes:base\nOVERLAY |", {"base", "site"}, id="overlays"),
    pytest.param("FROM arkes:base\nTEMPLATE |", {"slim"}, id="templates"),
    pytest.param("FROM arkes:base\nENABLE |", {"hello.service"}, id="units of overlays"),
    pytest.param("FROM arkes:base\nENABLE a.service \\\n  |", {"hello.service"}, id="a long line"),
    pytest.param("FROM arkes:base\nTIMEZONE Europe/|", {"Europe/Berlin"}, id="time zones"),
    pytest.param("FROM arkes:base\nARG |", {"HASH", "VARIANT_ID"}, id="supplied arguments"),
    pytest.param("ARG A\nFROM scratch\nENV B=1 C=${|", {"A}", "B}"}, id="variables in braces"),
    pytest.param("FROM scratch\nARG A\nRUN echo $|", {"A"}, id="variables of a command"),
    pytest.param("FROM arkes:base\nRUN /etc/|", {"/etc/motd"}, id="files that overlays bring"),
    pytest.param("# |\nFROM arkes:base", {"x-name=", "x-clean", "check=skip="}, id="headers"),
    pytest.param("# x-templates=|\nFROM arkes:base", {"slim"}, id="templates of a header"),
    pytest.param("# x-depends=base,|\nFROM scratch", {"rootfs"}, id="nodes of a header"),
    pytest.param("# x-families=|\nFROM scratch", {"arch", "debian"}, id="families of a header"),
    pytest.param(
        "FROM arkes:base\n# check=skip=|\nRUN true", {"var-content", "stage-unused"}, id="rules"
    ),
    pytest.param("# escape=`\nFROM scratch\nENABLE a `\n  |", {"hello.service"}, id="a backtick"),
    pytest.param("FROM scratch\r\nCOPY nginx/|\r\n", {"nginx/site.conf"}, id="CR LF"),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_it_offers(shared, text, wanted):
    editor, project = shared
    uri = editor.open_file(project, "variants/web.Systemfile")
    assert wanted - set(editor.offered(uri, text)) == set()


NOTHING = [
    pytest.param("FROM arkes:base\nRUN <<EOT\n|\nEOT\n", id="in a here-document"),
    pytest.param("FROM arkes:base\nCOPY ../|", id="outside the context"),
    pytest.param("FROM arkes:base\nCOPY --from=web |", id="files of another image"),
    pytest.param("FROM arkes:base\nMAINTAINER |", id="free text"),
    pytest.param("FROM arkes:base\n# words to people |", id="words to people"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_it_offers_nothing(shared, text):
    editor, project = shared
    uri = editor.open_file(project, "variants/web.Systemfile")
    assert editor.offered(uri, text) == {}


def test_an_item_explains_itself_and_replaces_what_was_typed(shared):
    editor, project = shared
    uri = editor.open_file(project, "variants/web.Systemfile")
    item = editor.offered(uri, "FROM arkes:base\nPACK|")["PACKAGES"]
    assert item["detail"] == "PACKAGES name[=version]…"
    assert item["documentation"]["value"].startswith("Installs packages.")
    assert item["textEdit"] == {
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}},
        "newText": "PACKAGES ",
    }


def test_a_containerfile_is_offered_no_declarative_instruction(shared):
    editor, project = shared
    uri = editor.open_file(project, "variants/base.Containerfile")
    offered = editor.offered(uri, "FROM arkes:rootfs\n|")
    assert "RUN" in offered
    assert "PACKAGES" not in offered


def test_a_template_is_offered_what_it_stands_on(shared):
    editor, project = shared
    uri = editor.open_file(project, "templates/slim.Containerfile")
    assert "arkes:${BASE_VARIANT_ID}" in editor.offered(uri, "ARG BASE_VARIANT_ID\nFROM |")


def test_astral_characters_count_two_in_the_place_that_is_replaced(shared):
    editor, project = shared
    uri = editor.open_file(project, "variants/web.Systemfile")
    offered = editor.offered(uri, "FROM scratch\nARG 𝒜=1 A\nENV X=𝒜𝒜$|")
    place = offered["A"]["textEdit"]["range"]
    assert place["start"] == place["end"] == {"line": 2, "character": 11}
