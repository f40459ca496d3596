"""Findings about a project carry the edits that mend them, where there is one right answer."""

import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.project.inspection import inspect

BASE = {
    "variants/base.Containerfile": "FROM scratch\n",
    "variants/web.Containerfile": "FROM arkes:base\n",
    "templates/slim.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
    "templates/small.Containerfile": "FROM arkes:${BASE_VARIANT_ID}\n",
    "overlay/web/etc/motd": "Welcome\n",
}


def findings(root):
    try:
        return inspect(root, family=Family.DEBIAN, arch=Arch.X86_64).findings
    except SourceError as error:
        return error.diagnostics


def mended(root, code):
    """Return the text of the first finding's file after its fix, None when it has none."""
    found = [each for each in findings(root) if each.code == code]
    assert found, "there is such a finding"
    if found[0].fix is None:
        return None
    text = (root / found[0].span.source.name).read_text()
    for edit in sorted(found[0].fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        pytest.param(
            "unknown-variant", "FROM arkes:bse\n", "FROM arkes:base\n", id="the parent's name"
        ),
        pytest.param(
            "unknown-variant",
            "FROM arkes:base\nRUN --mount=type=bind,from=arkes:wep,target=/web true\n",
            "FROM arkes:base\nRUN --mount=type=bind,from=arkes:web,target=/web true\n",
            id="a name inside a mount",
        ),
        pytest.param(
            "unknown-variant",
            "ARG BASE=bse\nFROM arkes:${BASE}\n",
            None,
            id="no name that a variable holds",
        ),
        pytest.param("unknown-variant", "FROM arkes:xyzzy\n", None, id="no name like another"),
        pytest.param(
            "depends-disagree",
            "# x-depends=web\nFROM arkes:base\n",
            "# x-depends=base\nFROM arkes:base\n",
            id="a header follows the instructions",
        ),
        pytest.param(
            "depends-disagree",
            "# hello\n# x-depends=web\nFROM scratch\n",
            "# hello\nFROM scratch\n",
            id="a header goes when nothing is used",
        ),
        pytest.param(
            "unknown-template",
            "# x-templates=slim-smal\nFROM arkes:base\n",
            "# x-templates=slim-small\nFROM arkes:base\n",
            id="a template of a chain",
        ),
        pytest.param(
            "flag-value",
            "FROM arkes:base\nRUN --family=arch,debain true\n",
            "FROM arkes:base\nRUN --family=arch,debian true\n",
            id="a family of several",
        ),
        pytest.param(
            "context-missing",
            "FROM arkes:base\nCOPY overlay/wbe/etc overlay/web/etc /\n",
            "FROM arkes:base\nCOPY overlay/web/etc overlay/web/etc /\n",
            id="a folder of a path",
        ),
        pytest.param(
            "context-missing",
            "FROM arkes:base\nRUN --mount=type=bind,source=overlay/wbe,target=/wbe2 true\n",
            "FROM arkes:base\nRUN --mount=type=bind,source=overlay/web,target=/wbe2 true\n",
            id="a folder of a mount",
        ),
        pytest.param(
            "context-missing",
            "FROM arkes:base\nRUN --mount=type=bind,source=overlay/wbe,target=/wbe true\n",
            None,
            id="no folder that may be one of the image",
        ),
        pytest.param(
            "header-value",
            "# x-families=arch, debain\nFROM arkes:base\n",
            "# x-families=arch, debian\nFROM arkes:base\n",
            id="one value of a list",
        ),
        pytest.param(
            "header-value",
            "# x-clean=true\nFROM arkes:base\n",
            "# x-clean\nFROM arkes:base\n",
            id="a flag that is set",
        ),
        pytest.param(
            "header-value",
            "# x-clean=no\nFROM arkes:base\n",
            "FROM arkes:base\n",
            id="a flag that is unset",
        ),
        pytest.param(
            "header-value",
            "# x-clean=perhaps\nFROM arkes:base\n",
            None,
            id="a flag that says nothing plain",
        ),
    ],
)
def test_a_variant_is_mended(code, text, expected, tmp_path, cases):
    cases.write(
        tmp_path, {"arkes.toml": cases.bootstrap, **BASE, "variants/mine.Containerfile": text}
    )
    assert mended(tmp_path, code) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('[project]\ntitel = "A"\n', '[project]\ntitle = "A"\n', id="a key"),
        pytest.param(
            '[project]\ntitel = "A"\ntitle = "B"\n', None, id="no key that is there already"
        ),
        pytest.param('[project]\n"titel" = "A"\n', None, id="no key in quotes"),
        pytest.param("[project]\nxyzzy = 1\n", None, id="no key like another"),
    ],
)
def test_a_key_is_mended(text, expected, tmp_path, cases):
    cases.write(tmp_path, {"arkes.toml": text})
    assert mended(tmp_path, "config-unknown-key") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "[bootstrap.arch]\ntool = 'pacstrab' # x\n",
            "[bootstrap.arch]\ntool = 'pacstrap' # x\n",
            id="a word",
        ),
        pytest.param("[bootstrap.arch]\ntool = true\n", None, id="no word"),
        pytest.param("[bootstrap.arch]\ntool = 'dnf'\n", None, id="no word like another"),
    ],
)
def test_a_value_is_mended(text, expected, tmp_path, cases):
    cases.write(tmp_path, {"arkes.toml": text})
    assert mended(tmp_path, "config-value") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# hello\nFROM arkes:base\nRUN true\n",
            "# hello\nARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\nRUN true\n",
            id="a parent that is fixed",
        ),
        pytest.param(
            "ARG BASE_VARIANT_ID\nFROM arkes:base\n",
            "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\n",
            id="an argument that is not used",
        ),
        pytest.param(
            "FROM arkes:base AS tools\nFROM arkes:web\n", None, id="nobody chooses a stage"
        ),
    ],
)
def test_a_template_is_mended(text, expected, tmp_path, cases):
    files = {
        "arkes.toml": cases.bootstrap,
        **BASE,
        "templates/slim.Containerfile": text,
        "variants/mine.Containerfile": "# x-templates=slim\nFROM scratch\n",
    }
    cases.write(tmp_path, files)
    assert mended(tmp_path, "template-parent") == expected
