"""A changed key is explained down to the line."""

from dataclasses import replace

import pytest

from arkes_build.plan.changes import changes
from arkes_build.plan.keys import inputs
from arkes_build.project.model import ContextFile

FILE = ContextFile(path="overlay/base/etc/hosts", type="file", mode=0o644, digest="aa")
LINK = ContextFile(path="overlay/base/etc/mtab", type="link", mode=0o777, target="../proc/mounts")
TEXT = "FROM arkes:rootfs\n\nRUN one\nRUN two\nCOPY overlay/base/ /\n"


@pytest.fixture
def said(make_node):
    def compare(*, text=TEXT, results=None, **fields):
        old = inputs(make_node("base", TEXT, files=(FILE, LINK)), {"rootfs": "r"})
        node = make_node("base", text, **{"files": (FILE, LINK), **fields})
        new = inputs(node, {"rootfs": "r", "tool": "t", **(results or {})})
        return [f"{r.where}: {r.text}" if r.where else r.text for r in changes(old, new)]

    return compare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TEXT, [], id="nothing"),
        pytest.param(
            TEXT.replace("two", "three"),
            ["variants/base.Containerfile:4: RUN three changed"],
            id="a command changed",
        ),
        pytest.param(
            TEXT.replace("RUN two", "USER a\nRUN two"),
            ["variants/base.Containerfile:4: USER a added"],
            id="an instruction came",
        ),
        pytest.param(
            TEXT.replace("RUN one\n", ""),
            ["variants/base.Containerfile:3: RUN one removed"],
            id="an instruction went",
        ),
        pytest.param(
            TEXT.replace("RUN one", "ENV A=1"),
            [
                "variants/base.Containerfile:3: ENV A=1 added",
                "variants/base.Containerfile:3: RUN one removed",
            ],
            id="another instruction instead",
        ),
        pytest.param(
            TEXT.replace("COPY", "COPY --from=arkes:tool /x /y\nCOPY"),
            [
                "variants/base.Containerfile:5: COPY --from=arkes:tool /x /y added",
                "parent tool: added",
            ],
            id="a parent came",
        ),
    ],
)
def test_instructions_are_named_with_their_line(said, text, expected):
    assert said(text=text) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((replace(FILE, digest="bb"), LINK), ["overlay/base/etc/hosts: content changed"]),
        ((replace(FILE, mode=0o600), LINK), ["overlay/base/etc/hosts: mode: 0644 → 0600"]),
        (
            (FILE, replace(LINK, target="/x")),
            ["overlay/base/etc/mtab: link target: ../proc/mounts → /x"],
        ),
        (
            (replace(FILE, xattrs=(("user.a", "1"),)), LINK),
            ["overlay/base/etc/hosts: xattr user.a added"],
        ),
        ((FILE, replace(LINK, type="dir", target="")), ["overlay/base/etc/mtab: type: link → dir"]),
        ((FILE,), ["overlay/base/etc/mtab: removed"]),
        ((FILE, LINK, replace(FILE, path="z")), ["z: added"]),
    ],
    ids=["content", "mode", "link", "xattr", "type", "removed", "added"],
)
def test_files_are_named_with_what_changed(said, files, expected):
    assert said(files=files) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"arguments": {"VERSION_ID": "2026.11"}}, [
            "argument VERSION_ID: 2026.10 → 2026.11",
            "os-release VERSION_ID: none → 2026.10",
        ]),
        ({"snapshot": "2026-10-02"}, ["snapshot: 2026-10-01 → 2026-10-02"]),
        ({"results": {"rootfs": "other"}}, ["parent rootfs: content changed"]),
        ({"arguments": {"EXTRA": "x" * 99}}, [f"argument EXTRA: none → {'x' * 59}…"]),
    ],
    ids=["argument", "snapshot", "parent", "long value"],
)  # fmt: skip
def test_settings_and_parents_are_named(said, fields, expected):
    assert said(**fields) == expected


def test_a_hundred_thousand_instructions_with_one_change_are_compared_fast(make_node):
    text = "FROM scratch\n" + "RUN true\n" * 3000
    old = inputs(make_node("base", text), {})
    long = replace(old, instructions=old.instructions * 33)
    new = replace(long, instructions=(*long.instructions[:50000], *long.instructions[50001:]))
    assert [r.text for r in changes(long, new)] == ["RUN true removed"]
