"""Each layer is told with the line that made it."""

import pytest

from arkes_build.engine.protocol import Image, Layer
from arkes_build.pipeline.origins import origins, with_identity
from arkes_build.plan.state import Origin, Record

TEXT = """\
FROM arkes:rootfs
ENV A=b
RUN make
COPY overlay/base/ /
RUN  install
"""
RUN, COPY = "/bin/sh -c make", "/bin/sh -c #(nop) COPY dir:12 in /"


def image(*steps):
    layers = (
        Layer(diff_id=s, chain_id=f"c{at}", path=None, made_by=s) for at, s in enumerate(steps)
    )
    return Image(id="0" * 64, digest="", layers=tuple(layers), config={}, size=0)


def own(at, line, brief):
    return Origin(
        chain_id=f"c{at}", node="base", where=f"variants/base.Containerfile:{line}", brief=brief
    )


@pytest.fixture
def base(make_node):
    return make_node("base", TEXT)


def test_the_steps_of_a_node_in_their_order(base):
    told = origins(base, image("", RUN, COPY, RUN), ())
    assert told == (
        Origin(chain_id="c0"),
        own(1, 3, "RUN make"),
        own(2, 4, "COPY overlay/base/ /"),
        own(3, 5, "RUN install"),
    )


def test_layers_of_a_parent_are_told_by_its_record(base):
    below = Origin(chain_id="c0", node="rootfs", where="variants/rootfs.Containerfile:2")
    parent = Record.__new__(Record)
    object.__setattr__(parent, "origins", (below,))
    assert origins(base, image("x", RUN, COPY, RUN), (parent,))[0] == below


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((RUN, COPY), id="the engine made fewer layers"),
        pytest.param(("", RUN, RUN, COPY), id="the engine made other kinds of layers"),
    ],
)
def test_what_does_not_fit_is_nobodys(base, steps):
    assert {one.where for one in origins(base, image(*steps), ())} == {""}


def test_the_identity_is_the_layer_on_top(base):
    below = (Origin(chain_id="c0"),)
    told = with_identity(base, below, image("a", "b"))
    assert told == (*below, Origin(chain_id="c1", node="base", brief="identity"))
