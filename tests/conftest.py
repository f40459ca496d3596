"""Make the values of the middle of the pipeline by hand, for tests that need no disk."""

import signal

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.parser import parse
from arkes_build.plan.keys import inputs, key
from arkes_build.plan.state import Record
from arkes_build.project.edges import find_edges, parent_of
from arkes_build.project.identity import Identity
from arkes_build.project.model import Dependency, NodeKind, ResolvedVariant
from arkes_build.project.scope import walk

# A job in the background of a script is started with SIGINT ignored, and so would be every
# program that a test starts and then presses Ctrl-C at. A handler is not inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)

IDENTITY = Identity(
    name="Example OS",
    id="example",
    id_like="debian",
    version="2026.10",
    version_id="2026.10",
    home_url="https://example.org/",
    bug_report_url="https://example.org/bugs",
)


def _node(name, text="FROM scratch\n", **fields):
    """Return a node made of a text; fields of ResolvedVariant may be given too."""
    file = parse(Source(fields.pop("source", f"variants/{name}.Containerfile"), text))
    arguments = {"VARIANT": name.title(), "VARIANT_ID": name, "VERSION_ID": "2026.10"}
    arguments |= fields.pop("arguments", {})
    walked = walk(file.instructions, arguments)
    edges = {edge.node: Dependency(node=edge.node, span=edge.span) for edge in find_edges(walked)}
    known = {
        "kind": NodeKind.VARIANT,
        "display_name": arguments["VARIANT"],
        "family": Family.DEBIAN,
        "arch": Arch.X86_64,
        "snapshot": "2026-10-01",
        "parent": parent_of(walked),
        "dependencies": tuple(edges[name] for name in sorted(edges)),
        "file": file,
        "instructions": file.instructions,
        "identity": IDENTITY,
    }
    return ResolvedVariant(name=name, arguments=arguments, **(known | fields))


def _record(node, parents=None, **fields):
    """Return the record of a node built from results of its parents (default: their names)."""
    known = parents or {each.node: f"result of {each.node}" for each in node.dependencies}
    given = inputs(node, known)
    made = {
        "node": node.name,
        "family": node.family.value,
        "arch": node.arch.value,
        "key": key(given),
        "inputs": given,
        "result": f"result of {node.name}",
        "image": f"image of {node.name}",
        "ref": f"example/x86_64/{node.name}",
        "commit": node.name.encode().hex().ljust(64, "0"),
        "size": 1000,
        "seconds": 10.0,
    }
    return Record(**(made | fields))


@pytest.fixture(scope="session")
def make_node():
    """Return the function that makes a node of a text."""
    return _node


@pytest.fixture(scope="session")
def make_record():
    """Return the function that makes a node's record."""
    return _record
