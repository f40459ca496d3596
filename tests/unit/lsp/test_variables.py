"""Variables at a place in a text."""

import pytest

from arkes_build.lsp.documents import read
from arkes_build.lsp.variables import declared_above, variable_at


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("RUN echo $|NAME", "NAME"),
        ("RUN echo |$NAME", "NAME"),
        ("RUN echo ${NA|ME:-x}", "NAME"),
        ("RUN echo $NAME|", "NAME"),
        ("RUN echo \\$NA|ME", None),
        ("RUN ec|ho $NAME", None),
        ("RUN echo $|1", None),
    ],
)
def test_the_variable_at_a_place(text, wanted):
    before, _, after = text.partition("|")
    found = variable_at(before + after, len(before))
    assert (found and found[0]) == wanted


def test_a_variable_of_another_stage_is_not_seen():
    text = "ARG A\nFROM x AS one\nARG B\nFROM y\nARG C\nFROM one\nENV D=1\nRUN true\n"
    file, _ = read("a", text)
    found = declared_above(file, text.index("RUN"))
    assert {name: each.span.line for name, each in found.items()} == {"A": 1, "B": 3, "D": 7}
