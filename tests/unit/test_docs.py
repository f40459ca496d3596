"""Keep the pages true: what they name exists, and what exists is on a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```|`[^`\n]*`|^ {4}.*$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def leads_somewhere(page: Path, link: str) -> bool:
    target, _, part = link.partition("#")
    path = page.parent / target if target else page
    if not path.exists():
        return False
    return not part or part in {anchor(heading) for heading in HEADING.findall(path.read_text())}


def test_every_exit_code_is_on_its_page_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", (DOCS / "errors.md").read_text(), re.MULTILINE)
    assert rows == [(str(code.value), code.name) for code in ExitCode]


def test_every_page_is_in_the_index() -> None:
    linked = set(LINK.findall((DOCS / "README.md").read_text()))
    pages = {path.relative_to(DOCS) for path in (*DOCS.glob("*.md"), *DOCS.glob("*/README.md"))} - {
        Path("README.md")
    }
    assert {str(path) for path in pages} - linked == set()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = LINK.findall(without_code(page.read_text()))
    assert [link for link in links if "://" not in link and not leads_somewhere(page, link)] == []


def test_every_changelog_fragment_is_of_a_known_kind_and_says_something() -> None:
    odd = [
        relative(path)
        for path in sorted((ROOT / "changelog.d").iterdir())
        if not FRAGMENT.fullmatch(path.name) or len(path.read_text().split()) < 4
    ]
    assert odd == []


def test_the_licence_is_the_one_that_pyproject_names() -> None:
    assert 'license = "MIT"' in (ROOT / "pyproject.toml").read_text()
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")
