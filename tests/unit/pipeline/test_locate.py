"""Check that a failed step leads back to what people wrote, compiled or not."""

import pytest

from arkes_build.core.names import Family
from arkes_build.language.writer import write
from arkes_build.pipeline.locate import locate
from arkes_build.project.declare.compiler import Surroundings, compile_file
from arkes_build.project.overlays import Overlays
from arkes_build.project.scope import walk

TEXT = """\
FROM arkes:base
PACKAGES nginx \\
    logrotate=3.21
ENV A=b
REMOVE nano
PACKAGES vim-nox
RUN true
RUN /usr/lib/system/package_layer by-hand
SHELL ["/bin/bash", "-c"]
PACKAGES htop
ENABLE nginx
"""

CASES = {
    "a package of a merged layer": ("package_layer nginx", "vim-nox", "6:10 vim-nox"),
    "a package with a version": ("package_layer nginx", "logrotate", "3:5 logrotate"),
    "a package to remove": ("package_layer nginx", "nano", "5:8 nano"),
    "one that a variable or an alias hides": ("package_layer nginx", "libx", "2:1 PACKAGES"),
    "no word": ("package_layer nginx", "", "2:1 PACKAGES"),
    "a call by hand": ("package_layer by-hand", "by-hand", "8:35 by-hand"),
    "the exec form": ('"htop"', "htop", "10:10 htop"),
    "a unit": ("set_units", "nginx.service", "11:1 ENABLE"),
}


@pytest.mark.parametrize(("part", "word", "place"), CASES.values(), ids=CASES.keys())
def test_locate(part, word, place, make_node):
    written = make_node("web", TEXT)
    around = Surroundings(family=Family.DEBIAN, overlays=Overlays(()))
    compiled = compile_file(walk(written.instructions, {}), around).instructions
    node = make_node("web", TEXT, instructions=compiled)
    step = next(" ".join(write(i).split()) for i in compiled if part in write(i))
    span = locate(node, step.replace(" \\ ", " "), word=word)
    assert f"{span.line}:{span.column} {span.text.split()[0]}" == place
