"""Stages are named in a rendered text as their FROM spells them."""

import pytest

from arkes_build.project.scope import walk
from arkes_build.render.references import Resolver

TEXT = """\
FROM scratch AS Builder
FROM scratch AS other
FROM {base}
COPY --from={copied} /a /b
RUN --mount=type=bind,from={mounted},target=/m true
"""
CASES = {
    "another case": (("BUILDER", "builder", "OTHER"), ("Builder", "Builder", "other")),
    "the same": (("Builder", "other", "Builder"), ("Builder", "other", "Builder")),
    "a number, an image": (("scratch", "0", "example.org/A"), ("scratch", "0", "example.org/A")),
}


@pytest.mark.parametrize(("written", "expected"), CASES.values(), ids=CASES.keys())
def test_a_stage_is_named_as_its_from_spells_it(written, expected, make_node):
    base, copied, mounted = written
    node = make_node("app", TEXT.format(base=base, copied=copied, mounted=mounted))
    walked = walk(node.instructions, node.arguments)
    resolver = Resolver(walked=walked, images={})
    source, copy, run = [resolver.resolve(step)[0] for step in walked.steps[2:]]
    mount = run.flag("mount").split("from=")[1].split(",")[0]
    assert (source.words[0].text, copy.flag("from"), mount) == expected


def test_a_later_stage_is_no_image_of_an_earlier_one(make_node):
    node = make_node("app", "FROM one\nFROM scratch AS One\n")
    walked = walk(node.instructions, node.arguments)
    instruction, _ = Resolver(walked=walked, images={}).resolve(walked.steps[0])
    assert instruction.words[0].text == "one"
