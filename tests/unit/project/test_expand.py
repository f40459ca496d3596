"""Check which nodes a project makes, and what each of them knows."""

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.project.errors import ProjectError
from arkes_build.project.model import NodeKind

ROOTFS = {"variants/rootfs.Containerfile": "FROM arkes:bootstrap\n"}
BASE = {**ROOTFS, "variants/base.Containerfile": "# x-templates=slim\nFROM arkes:rootfs\n"}
TEMPLATE = "FROM arkes:${BASE_VARIANT_ID}\n"
SLIM = {"templates/slim.Containerfile": TEMPLATE}
NVIDIA = {"templates/nvidia.Containerfile": TEMPLATE}


def variant(name, text):
    return {f"variants/{name}.Containerfile": text}


NODES = {
    "nothing": ({}, {}),
    "no bootstrap when nobody stands on it": (variant("a", "FROM scratch\n"), {"a": None}),
    "a foreign image is no node": (variant("a", "FROM example.org/x:1\n"), {"a": None}),
    "a chain from the bootstrap": (
        {**ROOTFS, **variant("a", "FROM arkes:rootfs\n")},
        {"a": "rootfs", "bootstrap": None, "rootfs": "bootstrap"},
    ),
    "a template on a variant": (
        {**BASE, **SLIM},
        {"base": "rootfs", "base-slim": "base", "bootstrap": None, "rootfs": "bootstrap"},
    ),
    "a template that flattens what it made of its base": (
        {
            **BASE,
            "templates/slim.Containerfile": "FROM arkes:${BASE_VARIANT_ID} AS whole\n"
            "RUN rm -r /usr/share/man\nFROM scratch\nCOPY --from=whole / /\n",
        },
        {"base": "rootfs", "base-slim": None, "bootstrap": None, "rootfs": "bootstrap"},
    ),
    "a template that nobody wants": (
        {**ROOTFS, **SLIM},
        {"bootstrap": None, "rootfs": "bootstrap"},
    ),
    "a chain of templates makes the middle too": (
        {**SLIM, **NVIDIA, **variant("a", "# x-templates=nvidia-slim\nFROM scratch\n")},
        {"a": None, "a-nvidia": "a", "a-nvidia-slim": "a-nvidia"},
    ),
    "a middle that is also named makes one node": (
        {**SLIM, **NVIDIA, **variant("a", "# x-templates=nvidia,nvidia-slim,slim\nFROM scratch\n")},
        {"a": None, "a-nvidia": "a", "a-nvidia-slim": "a-nvidia", "a-slim": "a"},
    ),
    "a variant on a template's node": (
        {**BASE, **SLIM, **variant("a", "# x-depends=base-slim\nFROM arkes:base-slim\n")},
        {
            "a": "base-slim",
            "base": "rootfs",
            "base-slim": "base",
            "bootstrap": None,
            "rootfs": "bootstrap",
        },
    ),
    "a template as a Systemfile": (
        {**variant("a", "# x-templates=t\nFROM scratch\n"), "templates/t.Systemfile": TEMPLATE},
        {"a": None, "a-t": "a"},
    ),
    "rootfs on scratch": (variant("rootfs", "FROM scratch\n"), {"rootfs": None}),
    "the last stage decides the parent": (
        {
            **variant("a", "FROM scratch\n"),
            **variant("b", "FROM arkes:a AS x\nFROM scratch AS y\nFROM x\n"),
            **variant("c", "FROM arkes:a AS x\nFROM scratch\nCOPY --from=x / /\n"),
        },
        {"a": None, "b": "a", "c": None},
    ),
}


@pytest.mark.parametrize(("files", "expected"), NODES.values(), ids=NODES.keys())
def test_nodes_and_parents(files, expected, expanded):
    found = expanded(files)
    assert ({node.name: node.parent for node in found.nodes}, found.left_out) == (expected, ())


def test_nodes_are_sorted_by_name(expanded):
    names = [node.name for node in expanded({**BASE, **SLIM}).nodes]
    assert names == sorted(names)


def test_dependencies_with_their_places(expanded):
    found = expanded(
        {
            **variant("a", "FROM scratch\n"),
            **variant("b", "FROM scratch\n"),
            **variant(
                "c",
                "# x-depends=a,b\nFROM arkes:b\nCOPY --from=arkes:a / /\n"
                "RUN --mount=from=arkes:b,target=/x true\nCOPY --from=example.org/x / /\n",
            ),
        }
    )
    node = next(node for node in found.nodes if node.name == "c")
    assert [(each.node, str(each.span)) for each in node.dependencies] == [
        ("b", "variants/c.Containerfile:2:6"),
        ("a", "variants/c.Containerfile:3:6"),
    ]


LEFT_OUT = {
    "a template for another family": (
        {**BASE, "templates/slim.Containerfile": f"# x-families=arch\n{TEMPLATE}"},
        [("base-slim", "template slim is only for arch", "templates/slim.Containerfile:1:14")],
    ),
    "a variant for another architecture": (
        variant("a", "# x-arch=riscv64,aarch64\nFROM scratch\n"),
        [("a", "variant a is only for aarch64, riscv64", "variants/a.Containerfile:1:10")],
    ),
    "all that stands on it goes too, with the chain of reasons": (
        {
            **variant("a", "# x-families=arch\n# x-templates=slim\nFROM scratch\n"),
            **variant("b", "# x-templates=slim\nFROM arkes:a\n"),
            **variant("c", "FROM scratch\nCOPY --from=arkes:b / /\n"),
            **variant("d", "FROM scratch\n"),
            **SLIM,
        },
        [
            ("a", "variant a is only for arch", "variants/a.Containerfile:1:14"),
            ("a-slim", "variant a is only for arch", "variants/a.Containerfile:1:14"),
            ("b", "needs a: variant a is only for arch", "variants/b.Containerfile:2:6"),
            (
                "b-slim",
                "needs b: needs a: variant a is only for arch",
                "templates/slim.Containerfile:1:6",
            ),
            ("c", "needs b: needs a: variant a is only for arch", "variants/c.Containerfile:2:6"),
        ],
    ),
    "the top of a chain stays without its middle": (
        {
            **variant("a", "# x-templates=nvidia-slim,slim\nFROM scratch\n"),
            "templates/nvidia.Containerfile": f"# x-families=arch\n{TEMPLATE}",
            **SLIM,
        },
        [
            ("a-nvidia", "template nvidia is only for arch", "templates/nvidia.Containerfile:1:14"),
            (
                "a-nvidia-slim",
                "template nvidia is only for arch",
                "templates/nvidia.Containerfile:1:14",
            ),
        ],
    ),
}


@pytest.mark.parametrize(("files", "expected"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_left_out(files, expected, expanded):
    found = expanded(files)
    assert [(each.name, each.reason, str(each.span)) for each in found.left_out] == expected
    assert not {node.name for node in found.nodes} & {each.name for each in found.left_out}


def test_what_a_left_out_file_reads_is_not_looked_for(expanded):
    text = "# x-families=arch\nFROM --family=arch arkes:nobody\nCOPY nothing /\n"
    assert expanded(variant("a", text)).nodes == ()


def test_edges_of_another_family_count_for_the_header_only(expanded):
    text = "# x-depends=a,b\nFROM arkes:a\nCOPY --family=arch --from=arkes:b / /\n"
    files = {
        **variant("a", "FROM scratch\n"),
        **variant("b", "FROM scratch\n"),
        **variant("c", text),
    }
    for family, needed in ((Family.DEBIAN, ["a"]), (Family.ARCH, ["a", "b"])):
        node = next(n for n in expanded(files, family=family).nodes if n.name == "c")
        assert [each.node for each in node.dependencies] == needed
        assert all(flag.name != "family" for i in node.instructions for flag in i.flags)


ARGUMENTS = {
    "the node's name when nothing is said": ("FROM scratch\n", "my_os", "my_os"),
    "x-name": ("# x-name=My OS\nFROM scratch\n", "My OS", "my_os"),
    "the file's own arguments": (
        'FROM scratch\nARG VARIANT="Own" VARIANT_ID="own"\n',
        "Own",
        "own",
    ),
    "x-name wins over the file's own VARIANT": (
        '# x-name=My OS\nFROM scratch\nARG VARIANT="Own" VARIANT_ID="own"\n',
        "My OS",
        "own",
    ),
    "arguments above the first FROM": ("ARG VARIANT=Own\nFROM scratch\n", "Own", "my_os"),
    "the last stage's arguments win": (
        "ARG VARIANT=Above\nFROM scratch\nARG VARIANT=Own\n",
        "Own",
        "my_os",
    ),
    "a declaration without a value says nothing": ("FROM scratch\nARG VARIANT\n", "my_os", "my_os"),
    "a default made of another": ('FROM scratch\nARG A=x\nARG VARIANT="$A y"\n', "x y", "my_os"),
}


@pytest.mark.parametrize(("text", "name", "own_id"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_arguments_of_a_variant(text, name, own_id, expanded):
    (node,) = expanded(variant("my_os", text)).nodes
    assert (node.display_name, node.arguments) == (
        name,
        {"VARIANT": name, "VARIANT_ID": own_id, "VERSION_ID": "0"},
    )


def test_arguments_of_a_chain(expanded):
    files = {
        **variant("a", '# x-templates=nvidia-slim\nFROM scratch\nARG VARIANT="A" VARIANT_ID=own\n'),
        "templates/nvidia.Containerfile": f"# x-name=NVIDIA\n{TEMPLATE}",
        "templates/slim.Containerfile": f"{TEMPLATE}ARG VARIANT=Slim VARIANT_ID=ignored\n",
        "arkes.toml": '[project]\nversion = "2.0 Beta"\n',
    }
    node = expanded(files).nodes[-1]
    assert node.name == "a-nvidia-slim"
    assert node.arguments == {
        "VARIANT": "A (NVIDIA, Slim)",
        "VARIANT_ID": "a-nvidia-slim",
        "VERSION_ID": "2.0-beta",
        "BASE_VARIANT_ID": "a-nvidia",
    }


def test_flags_of_the_matrix_go_up_the_chain(expanded):
    files = {
        **variant("a", "# x-templates=nvidia-slim\n# x-clean\nFROM scratch\n"),
        **NVIDIA,
        "templates/slim.Containerfile": f"# x-no-iso\n{TEMPLATE}",
    }
    found = {node.name: (node.clean, node.no_iso) for node in expanded(files).nodes}
    assert found == {"a": (True, False), "a-nvidia": (True, False), "a-nvidia-slim": (True, True)}


def test_the_bootstrap(expanded):
    config = (
        '[bootstrap.debian]\nsuite = "bookworm"\nsnapshot = "20251101T000000Z"\n'
        'packages = ["apt"]\ncomponents = ["main"]\nmirrors = ["https://example.org/{snapshot}"]\n'
    )
    found = expanded({**ROOTFS, "arkes.toml": config})
    node = found.nodes[0]
    made = node.bootstrap
    assert (node.name, node.kind, node.file, node.parent, node.dependencies) == (
        "bootstrap",
        NodeKind.BOOTSTRAP,
        None,
        None,
        (),
    )
    assert (made.tool, made.suite, made.components, made.snapshot, made.packages, made.mirrors) == (
        "mmdebstrap",
        "bookworm",
        ("main",),
        "20251101T000000Z",
        ("apt",),
        ("https://example.org/{snapshot}",),
    )
    assert {node.snapshot for node in found.nodes} == {"bookworm 20251101T000000Z"}


def test_the_files_of_a_bootstrap(expanded):
    found = expanded(ROOTFS).nodes[0].bootstrap.files
    assert [(file.path, file.type, file.mode) for file in found] == [("bin/sh", "file", 0o755)]


def test_a_host_file_that_is_missing(expanded):
    config = '[bootstrap.debian]\ntool = "files"\nfiles = ["/nowhere/busybox"]\n'
    with pytest.raises(ProjectError, match="/nowhere/busybox of this machine, but it is not there"):
        expanded({**ROOTFS, "arkes.toml": config})


def test_a_context_file_of_each_node(expanded):
    files = {
        **variant("a", "# x-templates=slim\nFROM scratch\nCOPY overlay/a /\n"),
        "templates/slim.Containerfile": f"{TEMPLATE}ARG VARIANT_ID\nCOPY overlay/$VARIANT_ID /\n",
        "overlay/a/x": "x",
        "overlay/a-slim/y": "y",
    }
    found = {node.name: [file.path for file in node.files] for node in expanded(files).nodes}
    assert found == {
        "a": ["overlay/a", "overlay/a/x"],
        "a-slim": ["overlay/a-slim", "overlay/a-slim/y"],
    }


def test_a_store_inside_the_project_is_never_copied(expanded):
    files = {
        **variant("a", "FROM scratch\nCOPY . /\n"),
        "arkes.toml": '[build]\nstore = "./out/store/"\n',
        "out/store/repo/x": "x",
        "out/y": "y",
        ".arkes/x": "x",
    }
    (node,) = expanded(files).nodes
    assert [file.path for file in node.files] == [
        "arkes.toml",
        "out",
        "out/y",
        "variants",
        "variants/a.Containerfile",
    ]


def test_architecture_in_a_path(expanded):
    files = {
        **variant("a", "FROM scratch\nARG TARGETARCH\nCOPY bin-$TARGETARCH /\n"),
        "bin-arm64": "x",
    }
    (node,) = expanded(files, arch=Arch.AARCH64).nodes
    assert [file.path for file in node.files] == ["bin-arm64"]
