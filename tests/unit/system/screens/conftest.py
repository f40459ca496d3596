"""Screens of some widths, golden files, and a clock in UTC."""

import io
import os
import time
from pathlib import Path

import pytest

from arkes_build.ui.screen import Screen

GOLDEN = Path(__file__).parents[3] / "golden" / "system"


@pytest.fixture
def golden():
    """Return a check against a golden file; ``ARKES_WRITE_GOLDEN=1`` writes it anew."""

    def check(name, lines):
        text = "".join(f"{line}\n" for line in lines)
        path = GOLDEN / name
        if os.environ.get("ARKES_WRITE_GOLDEN") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert text == path.read_text()

    return check


@pytest.fixture
def make_screen():
    def make(width=None, *, colour=False):
        return Screen(stream=io.StringIO(), moves=False, colour=colour, width=width)

    return make


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
