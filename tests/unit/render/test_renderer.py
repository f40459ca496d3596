"""A node becomes one readable text, byte for byte the same each time.

Each golden file holds a node's file, the rendered text for an engine with here-documents,
for one without them, and the files beside it. ``ARKES_WRITE_GOLDEN=1`` writes all but the
first anew.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from arkes_build.core.names import Family
from arkes_build.plan import keys
from arkes_build.project.declare.compiler import Surroundings, compile_file
from arkes_build.project.model import Bootstrap
from arkes_build.project.overlays import Overlays
from arkes_build.project.scope import walk
from arkes_build.render import template
from arkes_build.render.errors import RenderError, UnknownVariable, UnreadableVariable
from arkes_build.render.model import Capabilities
from arkes_build.render.renderer import RENDERER_VERSION, render, render_identity

GOLDEN = Path(__file__).parents[2] / "golden" / "render"
CASES = sorted(path.stem for path in GOLDEN.glob("*.txt"))
KEY = "0123456789abcdef" * 4
IMAGES = {"base": "ba" * 32, "tools": "sha256:" + "70" * 32, "base-slim": "51" * 32}
OLD = Capabilities(heredocs=False)


@pytest.fixture
def rendered(make_node):
    def make(text, capabilities=OLD, name="app", **options):
        fields = options.pop("fields", {})
        node = make_node(name, text, **{"display_name": "My App", **fields})
        known = {"key": KEY, "parents": IMAGES, **options}
        return render(node, capabilities=capabilities, **known)

    return make


def sections(text):
    found = {}
    for line in text.splitlines(keepends=True):
        if line.startswith("--- "):
            found[line[4:-1]] = ""
        else:
            found[list(found)[-1]] += line
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_as_agreed(rendered, case):
    path = GOLDEN / f"{case}.txt"
    (title, source), *expected = sections(path.read_text()).items()
    arguments = {"BASE_VARIANT_ID": "base-slim"} if "BASE_VARIANT_ID" in source else {}
    new = rendered(source, Capabilities(), fields={"arguments": arguments})
    old = rendered(source, OLD, fields={"arguments": arguments})
    found = {"rendered": body(new.text), "for an engine without here-documents": body(old.text)}
    found |= {f"file {name}": data.decode() for name, data in sorted(old.inline.items())
              if "os-release" not in name}  # fmt: skip
    if "ARKES_WRITE_GOLDEN" in os.environ:
        parts = {title: source, **found}
        path.write_text("".join(f"--- {name}\n{text}" for name, text in parts.items()))
    else:
        assert found == dict(expected)


def body(text):
    return text.partition("\n# Identity")[0]


IDENTITY = """\
# Identity: everything above is what other nodes build on.
FROM arkes_system
ARG PACKAGES="" MIRRORLIST=""
COPY --chown=0:0 --chmod=0644 .arkes/os-release /usr/lib/os-release
LABEL \\
    os-release.NAME="Example OS" \\
    os-release.ID="example" \\
    os-release.ID_LIKE="debian" \\
    os-release.PRETTY_NAME="Example OS 2026.10 My App" \\
    os-release.VERSION="2026.10" \\
    os-release.VERSION_ID="2026.10" \\
    os-release.VARIANT="My App" \\
    os-release.VARIANT_ID="app" \\
    os-release.BUILD_ID="0123456789abcdef" \\
    os-release.HOME_URL="https://example.org/" \\
    os-release.BUG_REPORT_URL="https://example.org/bugs" \\
    org.opencontainers.image.title="Example OS 2026.10 My App" \\
    org.opencontainers.image.version="2026.10" \\
    org.opencontainers.image.vendor="Example OS" \\
    org.opencontainers.image.url="https://example.org/" \\
    org.opencontainers.image.base.name="arkes:base" \\
    hash="0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \\
    arkes.node="app" \\
    arkes.family="debian" \\
    arkes.arch="x86_64" \\
    packages="${PACKAGES}" \\
    mirrorlist="${MIRRORLIST}"
"""

OS_RELEASE = """\
NAME="Example OS"
ID=example
ID_LIKE=debian
PRETTY_NAME="Example OS 2026.10 My App"
VERSION="2026.10"
VERSION_ID="2026.10"
VARIANT="My App"
VARIANT_ID=app
BUILD_ID=0123456789abcdef
HOME_URL="https://example.org/"
BUG_REPORT_URL="https://example.org/bugs"
"""


def test_the_last_stage_is_one_layer_with_os_release_and_labels(rendered):
    made = rendered("FROM arkes:base\n")
    assert made.text == f"{made.own}\n{IDENTITY}"
    assert made.own.endswith("\n# arkes:base\nFROM sha256:" + IMAGES["base"] + " AS arkes_system\n")
    assert made.arguments == {}
    assert made.inline == {".arkes/os-release": OS_RELEASE.encode()}


def test_the_last_stage_alone_stands_on_what_was_built(make_node):
    node = make_node("app", "FROM arkes:base\n", display_name="My App")
    made = render_identity(
        node,
        key=KEY,
        image="ab" * 32,
        packages=("a=1", "p=$(id)"),
        mirrors=("https://example.org/debian",),
    )
    assert made.text == IDENTITY.replace("FROM arkes_system", "FROM sha256:" + "ab" * 32)
    assert made.arguments == {
        "PACKAGES": "a=1 p=$(id)",
        "MIRRORLIST": "https://example.org/debian",
    }
    assert (made.files, made.inline) == ((), {".arkes/os-release": OS_RELEASE.encode()})


def test_the_same_node_has_the_same_text(rendered):
    text = "FROM arkes:base\nRUN <<E\nx\nE\n"
    assert rendered(text) == rendered(text)


def test_before_anything_was_built_nodes_keep_their_names(rendered):
    made = rendered("FROM arkes:base\nARG HASH\n", parents={}, key=None)
    assert "\nFROM arkes:base AS arkes_system\n" in made.text
    assert f'ARG HASH="{"0" * 64}"' in made.text


def test_an_engine_without_cache_mounts_gets_none(rendered):
    made = rendered("FROM arkes:base\nRUN make\n", Capabilities(cache_mounts=False))
    assert "\nRUN make\n" in made.text


def test_the_bootstrap_has_no_containerfile_but_says_so(make_node):
    made = Bootstrap(tool="mmdebstrap", suite="stable")
    node = make_node("bootstrap", bootstrap=made, file=None, instructions=())
    assert render(node, key=KEY, parents={}, capabilities=OLD).text == (
        "# bootstrap for debian/x86_64 has no Containerfile:\n"
        "# it is made by mmdebstrap from stable, as arkes.toml says.\n"
    )


def test_a_comment_goes_with_the_instruction_below_it(make_node):
    node = make_node("app", "# top\nFROM scratch\n# gone\nRUN one\n# kept\nRUN two\n")
    lowered = replace(node, instructions=(node.instructions[0], node.instructions[2]))
    text = body(render(lowered, key=KEY, parents={}, capabilities=Capabilities()).text)
    assert "# top\nFROM scratch AS arkes_system\n" in text
    assert "# kept\nRUN" in text
    assert "gone" not in text


HOSTILE = "a \"b\" $(id) `id` ${HOME} \\ 'c'"


def test_hostile_values_are_quoted_in_every_language(rendered, make_node):
    identity = replace(make_node("x").identity, name=HOSTILE)
    made = rendered(
        "FROM arkes:base\nARG VARIANT\n",
        fields={"identity": identity, "arguments": {"VARIANT": HOSTILE}},
    )
    quoted = '"a \\"b\\" \\$(id) `id` \\${HOME} \\\\ \'c\'"'
    assert f"ARG VARIANT={quoted}\n" in made.text
    assert f"os-release.NAME={quoted} " in made.text
    first = made.inline[".arkes/os-release"].decode().splitlines()[0]
    assert first == 'NAME="a \\"b\\" \\$(id) \\`id\\` \\${HOME} \\\\ \'c\'"'


@pytest.mark.parametrize("value", ["two\nlines", "nul\x00", "esc\x1b[31m"])
def test_a_value_of_several_lines_is_refused(rendered, value):
    with pytest.raises(RenderError, match="has a control character in it"):
        rendered("FROM arkes:base\n", fields={"display_name": value})
    with pytest.raises(RenderError, match="the argument VARIANT has a control character"):
        rendered("FROM arkes:base\nARG VARIANT\n", fields={"arguments": {"VARIANT": value}})


def test_a_file_name_cannot_break_out_of_the_comment(rendered):
    made = rendered("FROM arkes:base\n", fields={"source": "a\nRUN evil"})
    assert made.text.startswith("# app for debian/x86_64, from a?RUN evil\n")


def test_an_image_that_is_no_id_is_refused(rendered):
    with pytest.raises(RenderError, match="which is no image ID"):
        rendered("FROM arkes:base\n", parents={"base": "latest"})


def test_variables_that_only_the_image_knows_are_an_error_with_their_place(rendered):
    text = "FROM arkes:base\nARG A=1\nCOPY <<EOF /x\n$A $PATH\nEOF\n"
    with pytest.raises(UnknownVariable) as caught:
        rendered(text)
    error = caught.value
    assert error.brief == "the value of $PATH in the here-document EOF is not known here"
    assert str(error.where).startswith("variants/app.Containerfile:3:")
    assert "COPY <<EOF /x\n$A $PATH\nEOF\n" in rendered(text, Capabilities()).text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("COPY <<EOF /x\n${}\nEOF\n", UnreadableVariable),
        ("COPY --from=arkes:tools <<EOF /x /y/\na\nEOF\n", RenderError),
    ],
    ids=["a broken variable", "a document beside --from"],
)
def test_what_cannot_be_lowered_is_an_error(rendered, text, error):
    with pytest.raises(error):
        rendered("FROM arkes:base\n" + text)


def test_a_name_that_a_template_does_not_get_is_an_error():
    with pytest.raises(UndefinedError):
        template.fill("os-release.j2")
    with pytest.raises(UndefinedError):
        template.environment().from_string("{{ missing }}").render()


def test_templates_cannot_reach_the_machine():
    with pytest.raises(SecurityError):
        template.environment().from_string("{{ ''.__class__.__mro__ }}").render()
    for name in ("range", "cycler", "lipsum", "joiner", "namespace", "dict"):
        with pytest.raises(UndefinedError):
            template.environment().from_string(f"{{{{ {name}() }}}}").render()


def test_the_renderers_version_is_part_of_every_key(make_node):
    assert RENDERER_VERSION == keys.RENDERER
    assert keys.inputs(make_node("x"), {}).settings["renderer"] == RENDERER_VERSION


def test_comments_of_declarations_stand_above_what_they_became(make_node):
    text = (
        "FROM scratch\nUSER me\n# tools\nPACKAGES vim\n# not wanted\nREMOVE nano\n"
        "\n# on\nENABLE a\n"
    )
    node = make_node("app", text)
    around = Surroundings(family=Family.DEBIAN, overlays=Overlays(()))
    compiled = compile_file(walk(node.instructions, {}), around).instructions
    plain = make_node("app", text, instructions=compiled)
    own = render(plain, key=KEY, parents={}, capabilities=Capabilities(cache_mounts=False)).own
    assert own.partition("USER me\n")[2] == (
        "\n# tools\n# not wanted\nUSER root\n"
        "RUN /usr/lib/system/package_layer vim --rm nano\n\n"
        "# on\nRUN /usr/lib/system/set_units --enable a.service\nUSER me\n"
    )
