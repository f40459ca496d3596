"""Draw the page of a published repository, and let nothing in it be more than text."""

import os
from html.parser import HTMLParser
from pathlib import Path

import pytest

from arkes_build.delivery.publishing.page import html
from arkes_build.delivery.publishing.published import (
    Download,
    Published,
    PublishedRef,
    PublishedRelease,
    Removed,
)

GOLDEN = Path(__file__).parents[3] / "golden" / "delivery" / "index.html"
NEW, OLD, OLDER = "a1" * 32, "b2" * 32, "c3" * 32


def release(commit, version="2026.11", timestamp=1_793_491_200):
    return PublishedRelease(commit=commit, version=version, timestamp=timestamp)


def ref(name, *releases, downloads=()):
    return PublishedRef(
        ref=f"arkes/x86_64/{name}", before="", releases=releases, downloads=downloads
    )


def published(*refs, url="https://example.org/os", is_signed=True, project="arkes"):
    return Published(
        path="/srv/www",
        project=project,
        url=url,
        is_signed=is_signed,
        refs=refs,
        objects=0,
        object_bytes=0,
        deltas=0,
        useless=0,
        removed=Removed(),
    )


TWO = published(
    ref(
        "atomic",
        release(NEW),
        release(OLD, "2026.10", 1_790_812_800),
        release(OLDER, "2026.9", 1_788_220_800),
        downloads=(
            Download(before=OLD, delta=312_000, objects=950_000),
            Download(before=OLDER, delta=0, objects=5_120_000),
            Download(before="", delta=412_000_000, objects=690_000_000),
        ),
    ),
    ref("base", release(OLD), downloads=(Download(before="", delta=0, objects=1000),)),
)


def test_the_page_is_as_it_was():
    made = html(TWO, boms=frozenset({f"{NEW}.cdx.json", f"{NEW}.spdx.json"}))
    if os.environ.get("ARKES_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(made)
    assert made == GOLDEN.read_text()


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>alert(1)</script>", id="a script"),
        pytest.param('"><img src=x onerror=alert(1)>', id="the end of an attribute"),
        pytest.param("</title></style><b>", id="the end of what stands around it"),
        pytest.param("&lt;b&gt;", id="what was escaped before"),
    ],
)
def test_what_a_commit_says_is_text(text):
    plain = html(published(ref("x", release("a" * 64, "1"))))
    odd = html(
        published(ref(f"x{text}", release("a" * 64, text)), url=f"https://e/{text}", project=text)
    )
    tags = [tag for tag, _about in parsed(odd)]
    assert tags == [tag for tag, _about in parsed(plain)]


def parsed(text):
    reader = Tags()
    reader.feed(text)
    return reader.found


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("url", ["", "https://example.org/os"])
def test_nothing_is_loaded_from_elsewhere(url, is_signed):
    text = html(published(*TWO.refs, url=url, is_signed=is_signed))
    links = [about for _tag, about in parsed(text) if "src" in about or "href" in about]
    assert not [one for one in links if "://" in one.get("src", one.get("href", ""))]
    assert "default-src 'none'" in text


def test_there_may_be_nothing():
    assert "There is none yet." in html(published())


def test_a_time_that_no_calendar_has():
    assert "an unknown day" in html(published(ref("x", release("a" * 64, "1", 1 << 62))))
