"""The graph is drawn as agreed, and hostile names stay names.

``ARKES_WRITE_GOLDEN=1`` writes the golden drawings anew.
"""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from arkes_build.plan.graph import BuildGraph
from arkes_build.plan.planner import plan
from arkes_build.plan.state import State
from arkes_build.project.model import LeftOut, NodeKind
from arkes_build.ui.drawing import FORMATS, draw
from arkes_build.ui.drawing.layout import GAP, HEIGHT, lay_out
from arkes_build.ui.drawing.sketch import Box, Line, Sketch, sketch_of

GOLDEN = Path(__file__).parents[3] / "golden" / "ui" / "drawing"
ENDINGS = {"text": "txt", "dot": "dot", "mermaid": "mmd", "svg": "svg", "json": "json"}
LEFT_OUT = (
    LeftOut(name="atomic-x76", reason="arch only", span=None),
    LeftOut(name="atomic-x76-slim", reason="atomic-x76 is left out", span=None),
)


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - our own drawing


@pytest.fixture
def graph(make_node):
    template, system = {"kind": NodeKind.TEMPLATE}, {"kind": NodeKind.SYSTEM}
    return BuildGraph.of(
        [
            make_node("bootstrap", kind=NodeKind.BOOTSTRAP),
            make_node("rootfs", "FROM arkes:bootstrap\n"),
            make_node("tools", "FROM arkes:rootfs\n"),
            make_node("base", "FROM arkes:rootfs\n"),
            make_node("base-slim", "FROM arkes:base\n", **template),
            make_node("atomic", "FROM arkes:base\nCOPY --from=arkes:tools /a /b\n"),
            make_node("desk", "FROM arkes:atomic\nCOPY --from=arkes:tools /a /b\n", **system),
        ]
    )


@pytest.fixture
def planned(graph, make_record):
    nodes = [graph.node(name) for name in graph.order()]
    records = {node.name: make_record(node) for node in nodes}
    base = records["base"]
    records["base"] = replace(base, inputs=replace(base.inputs, settings={}))
    commits = {record.ref: record.commit for record in records.values()}
    return plan(graph, (), State(records=records, commits=commits), LEFT_OUT)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("with_plan", [False, True], ids=["as it is", "with a plan"])
def test_the_drawing_is_as_agreed(graph, planned, name, with_plan):
    found = draw(graph, name, left_out=LEFT_OUT, plan=planned if with_plan else None)
    path = GOLDEN / f"{'planned' if with_plan else 'plain'}.{ENDINGS[name]}"
    if "ARKES_WRITE_GOLDEN" in os.environ:
        path.write_text(found)
    else:
        assert found == path.read_text()


def test_another_format_is_an_error(graph):
    with pytest.raises(KeyError):
        draw(graph, "png")


def test_an_empty_graph_can_be_drawn():
    empty = BuildGraph.of([])
    assert draw(empty, "text") == ""
    assert json.loads(draw(empty, "json"))["nodes"] == []
    assert parsed(draw(empty, "svg")).tag.endswith("svg")
    assert draw(empty, "dot").startswith("digraph")


HOSTILE = '</text><script>"x"</script>\n]--> & #lt; `id` \\'


@pytest.fixture
def hostile():
    box = Box(name=HOSTILE, title=HOSTILE, kind="variant", row=0, action="build", note=HOSTILE)
    return Sketch(boxes=(box,), lines=())


def test_hostile_names_stay_text_in_a_picture(hostile):
    from arkes_build.ui.drawing.svg import svg

    root = parsed(svg(hostile))
    assert next(each.text for each in root.iter() if each.tag.endswith("text")) == HOSTILE
    assert not [each for each in root.iter() if "script" in each.tag]


def test_hostile_names_stay_text_in_other_notations(hostile):
    from arkes_build.ui.drawing.notations import dot, mermaid
    from arkes_build.ui.drawing.tree import tree

    label = re.search(r'\("(.*)"\)', mermaid(hostile)).group(1)
    assert not set('"<>`\\') & set(label.replace("<br>", ""))
    assert '\\"x\\"' in dot(hostile)
    assert len(dot(hostile).splitlines()) == 5
    assert len(tree(hostile).splitlines()) == 1


def test_boxes_never_overlap_and_lines_go_from_box_to_box(graph):
    layout = lay_out(sketch_of(graph, None, LEFT_OUT))
    places = [(box.x, box.y) for box in layout.boxes]
    for i, (x, y) in enumerate(places):
        assert all(x != a or abs(y - b) >= HEIGHT + GAP - 1 for a, b in places[:i])
    by_name = {box.box.name: box for box in layout.boxes}
    for line in layout.lines:
        start = re.match(r"M(\S+) (\S+)", line.path).groups()
        needed, needing = by_name[line.line.needed], by_name[line.line.needing]
        assert (float(start[0]), float(start[1])) == (
            needed.x + needed.width,
            needed.y + HEIGHT / 2,
        )
        assert line.path.endswith(f"{needing.x:g} {needing.y + HEIGHT / 2:g}")


def test_a_deep_and_wide_graph_is_drawn_without_recursion():
    boxes = tuple(Box(name=f"n{i}", title="x", kind="variant", row=i) for i in range(1500))
    lines = tuple(Line(needed=f"n{i}", needing=f"n{i + 1}") for i in range(1499))
    from arkes_build.ui.drawing.tree import tree

    sketch = Sketch(boxes=boxes, lines=lines)
    assert len(tree(sketch).splitlines()) == 1500
    assert len(lay_out(sketch).lines) == 1499
