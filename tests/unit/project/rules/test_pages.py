"""Keep the rules' pages true: what they show is found, and what they advise is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from arkes_build.core.diagnostics import Severity
from arkes_build.project.rules.catalogue import RULES

ROOT = Path(__file__).parents[4]
PAGES = sorted(set((ROOT / "docs/rules").glob("*.md")) - {ROOT / "docs/rules/README.md"})


def not_unicode(root):
    (root / "variants/example.Systemfile").write_bytes(b"FROM arkes:base\nLABEL drink=caf\xe9\n")


def nul_bytes(root):
    text = "FROM arkes:base\nRUN true\n"
    (root / "variants/example.Systemfile").write_bytes(text.encode("utf-16-le"))


def large_file(root):
    lines = "# a list that belongs into a file of its own\n" * 30_000
    (root / "variants/example.Systemfile").write_text(f"FROM arkes:base\n{lines}")


def long_line(root):
    packages = " ".join(f"package-{number}" for number in range(6_000))
    (root / "variants/example.Systemfile").write_text(f"FROM arkes:base\nRUN echo {packages}\n")


def many_instructions(root):
    lines = "".join(f"RUN echo {number}\n" for number in range(10_001))
    (root / "variants/example.Systemfile").write_text(f"FROM arkes:base\n{lines}")


def many_heredocs(root):
    marks = " ".join(f"<<F{number}" for number in range(101))
    bodies = "".join(f"text\nF{number}\n" for number in range(101))
    text = f"FROM arkes:base\nCOPY {marks} /usr/share/notes/\n{bodies}"
    (root / "variants/example.Systemfile").write_text(text)


def link_outside(root):
    link = root / "overlay/web/etc/motd"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../../README.md")


def link_inside(root):
    link = root / "overlay/web/etc/motd"
    link.parent.mkdir(parents=True)
    link.symlink_to("/usr/share/web/motd")


def link_misspelt(root):
    link = root / "overlay/web/usr/share/web/default.conf"
    link.symlink_to("sites.conf")


def link_spelt(root):
    link = root / "overlay/web/usr/share/web/default.conf"
    link.symlink_to("site.conf")


def named_pipe(root):
    pipe = root / "overlay/web/usr/lib/web/web.pipe"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)


def latin1_name(root):
    folder = root / "overlay/web/usr/share/menus"
    folder.mkdir(parents=True)
    with open(os.fsencode(folder) + b"/caf\xe9.txt", "w") as file:  # noqa: PTH123 - bytes
        file.write("espresso\n")


def folder_for_a_file(root):
    (root / "variants/example.Systemfile").mkdir()


MAKERS = {
    maker.__name__.replace("_", "-"): maker
    for maker in (
        not_unicode,
        nul_bytes,
        large_file,
        long_line,
        many_instructions,
        many_heredocs,
        link_outside,
        link_inside,
        link_misspelt,
        link_spelt,
        named_pipe,
        latin1_name,
        folder_for_a_file,
    )
}
"""Name in ``<!-- made by: NAME -->`` → what makes the files that no fence can show."""


def codes(findings):
    return {each.code for each in findings}


def errors(findings):
    return {each.code for each in findings if each.severity is Severity.ERROR}


def told(findings):
    return [f"{each.span}: {each.code}: {each.message}" for each in findings]


@pytest.fixture
def page(request, rule_pages):
    return rule_pages.read(request.param)


@pytest.fixture(scope="module", autouse=True)
def memory(tmp_path_factory):
    """Let the product remember one arkes.toml for all pages, out of the user's home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem, indirect=True)


@every_page
def test_the_head_says_what_the_rule_is(page):
    rule = RULES.get(page.code)
    assert rule is not None, "no rule in the catalogue has this page"
    assert (page.title, page.severity) == (rule.title, rule.severity.value)
    assert len(page.prose.split()) >= 15, "the page says why it matters and what to do"


@every_page
def test_the_bad_example_has_the_finding(page, rule_pages, tmp_path):
    made = rule_pages.make(tmp_path, page.bad, MAKERS)
    found = made.findings()
    own = [each for each in found if each.code == page.code]
    assert own, told(found)
    assert any(each.fix for each in own) == page.mends, "'can mend it' stands for a fix"
    if not page.mends:
        return
    mended = made.mend(page.code)
    assert page.code not in codes(mended) or not all(each.fix for each in own), told(mended)
    assert errors(mended) <= errors(found), told(mended)


@every_page
def test_the_good_example_is_good(page, rule_pages, tmp_path):
    found = rule_pages.make(tmp_path, page.good, MAKERS).findings()
    assert page.code not in codes(found), told(found)
    assert errors(found) == set(), told(found)


def test_no_page_is_a_copy_of_another(rule_pages):
    pages = [rule_pages.read(path) for path in PAGES]
    for part in ("title", "prose"):
        texts = [getattr(page, part) for page in pages]
        assert sorted(texts) == sorted(set(texts))
    shown = [(sorted(page.bad.files.items()), page.bad.maker) for page in pages]
    assert [each for each in shown if shown.count(each) > 1] == []


def test_every_rule_has_a_page():
    assert sorted(RULES.keys() - {path.stem for path in PAGES}) == []
