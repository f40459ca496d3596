"""The page: well-formed, escaped, and alone in the world."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from arkes_build.history.model import Kind, PathChange, Share
from arkes_build.ui.changes import page as module
from arkes_build.ui.changes.page import changes_page

VOID = {"meta", "input", "rect", "br"}


class Reader(HTMLParser):
    """Hold every end tag against its start tag, and keep what could act or fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.scripts, self.attributes, self.text = [], 0, [], []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_hostile_names_are_text(changes):
    reader = read(changes_page(changes))
    assert reader.scripts == 1
    assert changes_page(changes).encode()
    assert "<script>alert(1)</script>" in "".join(reader.text)
    assert "\x1b" not in "".join(reader.text)


def test_nothing_is_fetched_and_no_attribute_acts(changes):
    text = changes_page(changes)
    reader = read(text)
    names = {name for name, _ in reader.attributes}
    assert not {name for name in names if name.startswith("on")}
    assert {value[0] for name, value in reader.attributes if name in {"href", "src"}} == {"#"}
    assert not re.search(r"url\(|@import|https?:", text)


def test_every_link_of_the_page_leads_somewhere(changes):
    reader = read(changes_page(changes))
    ids = {value for name, value in reader.attributes if name == "id"}
    wanted = {value[1:] for name, value in reader.attributes if name == "href"}
    wanted |= {value for name, value in reader.attributes if name == "data-filter"}
    assert wanted
    assert wanted <= ids


def test_equal_trees_make_a_page_too(nothing):
    assert "Nothing is different." in "".join(read(changes_page(nothing)).text)


def test_more_than_a_browser_likes_is_cut(changes, monkeypatch):
    monkeypatch.setattr(module, "MOST_PATHS", 3)
    monkeypatch.setattr(module, "MOST_TILES", 2)
    many = tuple(PathChange(path=f"/usr/f{at}", kind=Kind.ADDED, size=at) for at in range(9))
    shares = tuple(Share(name=f"p{at}", files=1, size=100 - at) for at in range(9))
    text = "".join(read(changes_page(replace(changes, files=many, by_package=shares))).text)
    assert "and 6 more" in text
    assert "7 more: 665 B in 7 files" in text
