"""A run that has nothing to do costs little: no engine, no binding, no heavy library."""

import os
import subprocess
import sys

import pytest

from arkes_build.pipeline.blueprint import read, ref_of
from arkes_build.pipeline.options import Options
from arkes_build.plan.keys import inputs, key
from arkes_build.plan.state import Record
from arkes_build.store.store import Store

SCRIPT = """\
import sys
from arkes_build.cli.main import main
code = main(sys.argv[1:])
heavy = {"rich", "pydantic", "networkx", "jinja2", "lark", "podman", "gi"}
sys.exit(" ".join(sorted(heavy & set(sys.modules))) or code)
"""

FILES = {
    "arkes.toml": '[project]\nname = "quick"\n',
    "variants/rootfs.Containerfile": "# syntax=docker/dockerfile:1.4\nFROM scratch\n"
    "COPY --chmod=1 a /\n",
    "variants/base.Containerfile": "# x-name=Base\n# x-depends=rootfs\n# x-templates=slim\n"
    'FROM arkes:rootfs\nARG VARIANT="B" HASH\nENV A="b $VARIANT" C=\'d\'\n'
    "RUN --mount=type=cache,target=/c --family=debian,arch make \\\n  all\n",
    "templates/slim.Containerfile": "ARG BASE_VARIANT_ID\nFROM arkes:${BASE_VARIANT_ID}\nRUN b\n",
    "a": "a\n",
}
COMMIT = "0" * 64


@pytest.fixture
def built(tmp_path):
    """Write a project, and the store of a run that has built all of it."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    blueprint = read(Options(project=tmp_path))
    store = Store.open(tmp_path / ".arkes", family=blueprint.family, arch=blueprint.arch)
    write(store.path / f"repo/objects/{COMMIT[:2]}/{COMMIT[2:]}.commit", "")
    for name in blueprint.graph.order():
        node = blueprint.graph.node(name)
        given = inputs(node, {each: f"result of {each}" for each in blueprint.graph.order()})
        ref = ref_of(blueprint.project, node)
        write(store.path / "repo/refs/heads" / ref, COMMIT)
        record = Record(
            node=name,
            family=blueprint.family.value,
            arch=blueprint.arch.value,
            key=key(given),
            inputs=given,
            result=f"result of {name}",
            image="1" * 64,
            ref=ref,
            commit=COMMIT,
            size=1,
            seconds=1.0,
        )
        store.save(record)
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def run(*arguments, cache):
    """Return the first line and the complaints of one run as a program."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.partition("\n")[0], done.stderr


@pytest.mark.parametrize("command", ["all", "plan"])
def test_nothing_to_do_needs_nothing_heavy(built, tmp_path_factory, command):
    cache = tmp_path_factory.mktemp("cache")
    first, *others = [run(command, "--project", str(built), cache=cache) for _ in range(2)]
    assert first[1] == "pydantic\n"
    assert {complaints for _, complaints in others} == {""}
    if command == "all":
        assert {head for head, _ in others} == {"Nothing to do: all 3 nodes are up to date."}
