"""What bytes are spent on, character by character, as JSON, and as a page."""

import json
import re
from types import SimpleNamespace

import jsonschema
import pytest

from arkes_build.history.sizes import Sizes, Spending
from arkes_build.project.settings import Budget
from arkes_build.ui import schemas
from arkes_build.ui.sizepage import size_page
from arkes_build.ui.sizes import size_lines, size_shape

FILES = {f"/usr/lib/many/{at:02}": 1000 for at in range(60)} | {
    "/usr/lib/libllvm.so": 124_000_000,
    "/usr/lib/firmware/x.bin": 60_000_000,
    "/usr/bin/podman": 40_000_000,
    "/usr/share/doc/<script>alert(1)</script>\udcff": 2_000_000,
    "/usr/bin/link": 0,
}
PACKAGES = {f"/usr/lib/many/{at:02}": f"tiny{at:02}" for at in range(60)} | {
    "/usr/lib/libllvm.so": "libllvm19",
    "/usr/lib/firmware/x.bin": "firmware\x1b[2J<b>&",
    "/usr/bin/podman": "podman",
}
LINES = {
    "/usr/lib/libllvm.so": "variants/atomic.Containerfile:9",
    "/usr/lib/firmware/x.bin": "variants/base.Containerfile:3",
}
BRIEFS = {"variants/atomic.Containerfile:9": "RUN package_layer mesa <i>"}


def spending(**fields):
    known = {
        "name": "atomic",
        "about": SimpleNamespace(checksum="ab" * 32, node="atomic", version="2026.11"),
        "sizes": Sizes(files=FILES, packages=PACKAGES, lines=LINES, briefs=BRIEFS),
        "budget": Budget(image=200 << 20, update=10_000_000),
        "update": 12_000_000,
    }
    return Spending(**(known | fields))


@pytest.mark.parametrize(
    ("columns", "by", "name"),
    [
        pytest.param(None, None, "size-pipe.txt", id="three tables in a pipe"),
        pytest.param(80, "package", "size-80.txt", id="packages on 80 columns"),
    ],
)
def test_sizes_are_tables_with_bars(screen, golden, columns, by, name):
    golden(name, size_lines(spending(), screen(columns), by=by))


def test_verbose_shows_all_rows(screen):
    lines = size_lines(spending(), screen(), by="package", everything=True)
    assert not any("more package" in line for line in lines)
    assert sum("tiny" in line for line in lines) == 60


def test_a_first_release_has_no_update(screen):
    lines = size_lines(spending(update=None), screen())
    assert "  budget of update: 10.00 MB; there is no release before to compare with" in lines


def test_unknown_lines_are_said_to_be(screen):
    sizes = Sizes(files=FILES, packages=PACKAGES, lines={})
    lines = size_lines(spending(sizes=sizes), screen())
    assert "Which line wrote what is not known: its commit, or its layers, do not say." in lines


def test_the_document_keeps_to_its_schema(golden):
    shape = size_shape(spending())
    jsonschema.validate(shape, schemas.schema("size"), jsonschema.Draft202012Validator)
    assert json.loads(json.dumps(shape))["budgets"] == {
        "image": {"allowed": 209_715_200, "used": 226_060_000},
        "update": {"allowed": 10_000_000, "used": 12_000_000},
    }
    assert shape["packages"][0] == {
        "name": "libllvm19",
        "brief": "",
        "files": 1,
        "bytes": 124_000_000,
    }
    for way in ("packages", "lines", "folders"):
        assert sum(one["bytes"] for one in shape[way]) == shape["bytes"]


def test_the_page_stands_alone_and_names_are_only_text():
    page = size_page(spending())
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert re.findall(r"(?:src|href|url\(|@import)", page) == []
    assert page.count("<svg") == page.count("</svg>") == 1
    assert "firmware&lt;b&gt;&amp;" in page
    assert "package_layer mesa &lt;i&gt;" in page
    assert page == size_page(spending())
    page.encode("utf-8")


def test_every_rectangle_is_inside_the_map():
    boxes = re.findall(
        r'x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', size_page(spending())
    )
    assert len(boxes) > 4
    for x, y, wide, high in (map(float, box) for box in boxes):
        assert x + wide <= 1200.2
        assert y + high <= 640.2


def test_an_empty_tree_has_a_page_too():
    page = size_page(spending(sizes=Sizes(files={}, packages={}, lines={})))
    assert "0 B in 0 files" in page
