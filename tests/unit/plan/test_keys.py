"""A key follows from what a node means, and from nothing else."""

from dataclasses import replace

import pytest

from arkes_build.core.names import Family
from arkes_build.plan.keys import brief, inputs, key
from arkes_build.project.declare.compiler import Surroundings, compile_file
from arkes_build.project.model import Bootstrap, ContextFile
from arkes_build.project.overlays import Overlays
from arkes_build.project.scope import walk

TEXT = """\
# x-name=Base
FROM arkes:rootfs
ARG VERSION_ID
RUN make  all && \\
    make install
COPY overlay/base/ /
"""
FILE = ContextFile(path="overlay/base/etc/hosts", type="file", mode=0o644, digest="aa")


@pytest.fixture
def base(make_node):
    def make(text=TEXT, **fields):
        return make_node("base", text, **{"files": (FILE,), **fields})

    return make


def key_of(node, result="r"):
    return key(inputs(node, {each.node: result for each in node.dependencies}))


def test_a_key_is_a_digest_of_named_inputs(base):
    given = inputs(base(), {"rootfs": "r"})
    assert len(key(given)) == 64
    assert given.settings == {
        "node": "base",
        "family": "debian",
        "architecture": "x86_64",
        "snapshot": "2026-10-01",
        "renderer": "1",
        "argument VARIANT": "Base",
        "argument VARIANT_ID": "base",
        "argument VERSION_ID": "2026.10",
        "os-release NAME": "Example OS",
        "os-release ID": "example",
        "os-release ID_LIKE": "debian",
        "os-release VERSION": "2026.10",
        "os-release HOME_URL": "https://example.org/",
        "os-release BUG_REPORT_URL": "https://example.org/bugs",
    }
    assert [(each.where, each.brief) for each in given.instructions] == [
        ("variants/base.Containerfile:2", "FROM arkes:rootfs"),
        ("variants/base.Containerfile:3", "ARG VERSION_ID"),
        ("variants/base.Containerfile:4", "RUN make all && make install"),
        ("variants/base.Containerfile:6", "COPY overlay/base/ /"),
    ]
    assert given.file_details == {
        "overlay/base/etc/hosts": {"type": "file", "mode": "0644", "content": "aa"}
    }
    assert given.parents == {"rootfs": "r"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT.replace("RUN", "# why\nRUN"), id="a comment"),
        pytest.param(TEXT.replace("\n    make", "\n\t\t  make"), id="indentation"),
        pytest.param(TEXT.replace("all && \\\n    make", "all && make"), id="a continuation"),
        pytest.param(TEXT.replace("\\\n", "\\\n  # inside\n"), id="a comment inside"),
        pytest.param(TEXT.replace("make  all", "make all"), id="white space that means nothing"),
        pytest.param(TEXT.replace("RUN", "run"), id="the case of a keyword"),
        pytest.param("\n\n" + TEXT, id="blank lines"),
        pytest.param(TEXT.replace("# x-name=Base\n", ""), id="a header with no effect here"),
    ],
)
def test_the_way_a_file_is_written_leaves_the_key_alone(base, text):
    assert key_of(base(text)) == key_of(base())


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"files": (replace(FILE, size=9),)}, id="a file's recorded size"),
        pytest.param({"clean": True, "no_iso": True}, id="flags for CI"),
        pytest.param({"source": "elsewhere/base.Containerfile"}, id="the file's own place"),
        pytest.param({"arguments": {"HASH": "x"}}, id="HASH"),
        pytest.param(
            {"arguments": {"VERSION_ID": "2026.10", "VARIANT_ID": "base", "VARIANT": "Base"}},
            id="the order of arguments",
        ),
    ],
)
def test_what_does_not_reach_the_image_leaves_the_key_alone(base, fields):
    assert key_of(base(**fields)) == key_of(base())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT.replace("make install", "make  check"), id="a command"),
        pytest.param(TEXT.replace("make  all", "make 'a  b'"), id="white space in quotes"),
        pytest.param(TEXT + "USER 1000\n", id="an instruction more"),
        pytest.param(TEXT.replace("ARG VERSION_ID\n", ""), id="an instruction less"),
        pytest.param(TEXT.replace("ARG VERSION_ID\nRUN", "RUN").replace(
            "COPY", "ARG VERSION_ID\nCOPY"), id="another order"),
        pytest.param(TEXT.replace("COPY", "COPY --chmod=0700"), id="a flag"),
    ],
)  # fmt: skip
def test_another_meaning_has_another_key(base, text):
    assert key_of(base(text)) != key_of(base())


@pytest.mark.parametrize(
    "change",
    [
        {"path": "overlay/base/etc/host"},
        {"mode": 0o600},
        {"digest": "bb"},
        {"type": "link", "target": "x"},
        {"xattrs": (("user.a", "1"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_about_a_file_is_in_the_key(base, change):
    assert key_of(base(files=(replace(FILE, **change),))) != key_of(base())


def test_a_parents_result_is_in_the_key(base):
    assert key_of(base(), "r") != key_of(base(), "s")
    with pytest.raises(KeyError):
        inputs(base(), {})


def test_mirrors_of_the_bootstrap_are_no_input(make_node):
    def boot(**fields):
        made = Bootstrap(tool="mmdebstrap", packages=("b", "a"), suite="stable", **fields)
        return make_node("bootstrap", bootstrap=made, file=None, instructions=())

    here = key_of(boot())
    assert key_of(boot(mirrors=("https://example.org/debian",))) == here
    assert key_of(boot(components=("main",))) != here
    assert key_of(boot(snapshot="2026-10-02")) != here
    assert key_of(boot(files=(FILE,))) != here


def test_brief_is_one_short_line(make_node):
    (_, run) = make_node(
        "base", "FROM scratch\nRUN --network=none echo \x1b[31m \\\n  " + "x" * 90
    ).instructions
    assert brief(run) == "RUN --network=none echo [31m xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"


def test_what_was_compiled_is_told_as_it_was_written(make_node):
    text = "FROM scratch\nUSER me\nPACKAGES vim\nREMOVE nano\n"
    around = Surroundings(family=Family.DEBIAN, overlays=Overlays(()))
    node = make_node("base", text)
    compiled = compile_file(walk(node.instructions, {}), around).instructions
    assert [brief(each) for each in compiled] == [
        "FROM scratch",
        "USER me",
        "USER root",
        "PACKAGES vim; REMOVE nano",
        "USER me",
    ]
    by_hand = "FROM scratch\nUSER me\nUSER root\nRUN {} vim --rm nano\nUSER me\n"
    same = make_node("base", by_hand.format("/usr/lib/system/package_layer"))
    assert key_of(make_node("base", text, instructions=compiled)) == key_of(same)


def test_an_image_of_elsewhere_is_in_the_key(base):
    assert key_of(base(images={"a": "1"})) != key_of(base(images={"a": "2"}))
