"""Check what can be said of declarations in a file that is being written."""

import pytest

from arkes_build.core.names import Family
from arkes_build.project.declare import alone

CASES = {
    "wrong values": (
        "HOSTNAME a_b\nENABLE x.servce\nKARGS 'a b'\nSYSCTL vm..x=1",
        ["1:10 setting-value", "2:8 unit-name", "3:7 setting-value", "4:8 setting-value"],
    ),
    "a setting twice": ("HOSTNAME a\nHOSTNAME b", ["2:1 setting-duplicate"]),
    "a setting in two stages": ("HOSTNAME a\nFROM arkes:base\nHOSTNAME b", []),
    "what a family decides is the compiler's": ("PACKAGES Vim\nREMOVE a/b\nAUR -x", []),
    "a variable that is not known yet": ("HOSTNAME $NAME", []),
    "instructions that cannot be read": (
        "HOSTNAME\nKARGS 'a\nTIMEZONE Berlin",
        ["3:10 setting-value"],
    ),
}


@pytest.mark.parametrize("family", Family, ids=lambda family: family.value)
@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_alone(text, expected, family, judged):
    found = judged(alone.check, text, family=family)
    assert [" ".join(line.split()[:2]) for line in found] == expected
