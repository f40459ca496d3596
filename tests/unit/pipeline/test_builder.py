"""One node is built, committed and recorded; the engine and the repository are stand-ins."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from arkes_build.core.events import silent
from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.engine.errors import BuildStepFailed, Step
from arkes_build.engine.fake import FakeEngine
from arkes_build.pipeline.builder import Builder, Order
from arkes_build.plan.keys import inputs, key
from arkes_build.project.config import parse_config
from arkes_build.project.known import Known
from arkes_build.project.model import Project
from arkes_build.store.index import read_index
from arkes_build.store.model import Commit, LayerCommit
from arkes_build.store.store import Store

TEXT = "FROM scratch\nRUN make\n"


class Repository:
    """Take whatever layers there are, and find the same packages in each."""

    path = Path("repo")

    def __init__(self, packages):
        self.found = packages
        self.about = []

    def commit_layers(self, layers, *, note):
        return tuple(
            LayerCommit(chain_id=one.chain_id, commit="c" * 64, content=one.chain_id, is_new=True)
            for one in layers
        )

    def commit_node(self, ref, layer, metadata, *, epoch, **_rest):
        self.about.append((metadata.key, metadata.packages))
        return Commit(
            ref=ref,
            checksum="d" * 64,
            content=layer.content,
            parent=None,
            version=metadata.version,
            timestamp=epoch,
            kernel=None,
            is_unchanged=False,
        )

    def packages(self, commit):
        return self.found

    def package_files(self, commit):
        return ()

    def mirrors(self, commit):
        return ()

    def known(self, commit, packages):
        return Known(
            units=frozenset({f"{commit[:1]}.service"}),
            packages=dict(package.split("=") for package in packages),
        )


@pytest.fixture
def bench(tmp_path, make_node):
    """Return what makes one node with the given engine, packages and earlier record."""
    node = make_node("base", TEXT)
    given = inputs(node, {})
    config = parse_config(Source("arkes.toml", '[project]\nname = "example"\n'))
    project = Project(root=tmp_path, config=config, variants={}, templates={})
    store = Store.open(tmp_path / "store", family=Family.DEBIAN, arch=Arch.X86_64)

    def make(engine, packages=(), **options):
        repository = Repository(packages)
        builder = Builder(project, engine=engine, store=store, repository=repository, sink=silent)
        order = Order(node=node, key=key(given), inputs=given, parents={}, **options)
        record, _is_new = builder.make(order)
        return SimpleNamespace(record=record, about=repository.about, store=store, builder=builder)

    return make


def test_what_people_wrote_is_built_first_and_then_given_its_identity(bench):
    engine = FakeEngine()
    made = bench(engine, ("a=1", "b=2"), no_cache=True)
    own, identity = engine.requests
    assert "\nFROM scratch AS arkes_system\n" in own.rendered.text
    assert own.rendered.text.endswith(" make\n")
    assert (own.tag, own.no_cache, own.keeps_steps, own.arguments) == ("", True, True, {})
    body = FakeEngine().build(own, silent)
    assert f"\nFROM sha256:{body.id}\n" in identity.rendered.text
    assert identity.arguments == {"PACKAGES": "a=1 b=2", "MIRRORLIST": ""}
    assert (identity.tag, identity.no_cache, identity.keeps_steps) == (
        "localhost/example:base",
        False,
        False,
    )
    assert made.about == [(made.record.key, ("a=1", "b=2"))]
    assert made.store.state(["base"]).records == {"base": made.record}


def test_both_calls_share_a_log_that_begins_anew(bench):
    logs = []

    class Engine(FakeEngine):
        def build(self, request, sink):
            logs.append(request.log.read_text() if request.log.exists() else None)
            with request.log.open("a") as log:
                log.write("built\n")
            return super().build(request, sink)

    for _ in range(2):
        bench(Engine(), ("a=1",))
    assert logs == [None, "built\n"] * 2


def test_what_checks_may_know_of_a_node_is_written_down_beside_its_record(bench):
    made = bench(FakeEngine(), ("a=1", "b=2"))
    known = Known(units=frozenset({"d.service"}), packages={"a": "1", "b": "2"})
    assert read_index(made.store.path, "base") == known
    # A store from before there was an index gets it for the nodes that it has.
    file = made.store.path / "index/base.json"
    file.unlink()
    made.builder.index_what_is_not([made.record])
    assert read_index(made.store.path, "base") == known
    file.write_text("as it is")
    made.builder.index_what_is_not([made.record])
    assert file.read_text() == "as it is"


def test_a_record_names_the_layers_of_its_image(bench):
    engine = FakeEngine()
    record = bench(engine).record
    image = engine.build(engine.requests[-1], silent)
    assert record.image == image.id
    assert record.layers == tuple(layer.chain_id for layer in image.layers)


def test_a_failed_step_is_led_back_to_its_line_and_leaves_no_record(bench, tmp_path):
    step = Step(stage=1, index=2, text="RUN make")
    failure = BuildStepFailed("base", step=step, tail=["no"], log=tmp_path / "log", code=2)
    with pytest.raises(BuildStepFailed) as caught:
        bench(FakeEngine(failures={"base": failure}))
    assert str(caught.value.where) == "variants/base.Containerfile:2:1"
    assert not (tmp_path / "store/records").exists()
