"""The table of instructions."""

import pytest

from arkes_build.language.keywords import DECLARATIVE, EVERYWHERE, KEYWORDS


def test_the_declarative_instructions_are_apart():
    assert len(KEYWORDS) == 34
    assert len(DECLARATIVE) == 16
    assert {"PACKAGES", "OVERLAY", "TEMPLATE"} <= DECLARATIVE
    assert not {"RUN", "FROM", "MAINTAINER"} & DECLARATIVE


@pytest.mark.parametrize("name", sorted(KEYWORDS))
def test_an_entry_makes_sense(name):
    entry = KEYWORDS[name]
    assert entry.usage.startswith(name)
    assert not entry.valued & entry.bare
    assert not (entry.valued | entry.bare) & EVERYWHERE
    assert entry.most is None or entry.most >= entry.least
