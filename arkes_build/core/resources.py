"""Find the data files that ship with the product."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def grammar(name: str) -> Path:
    """Return the path of a grammar file.

    Looks in the installed package first, in the repository's root second, because an
    editable install has no copy inside the package.
    """
    inside = _PACKAGE / "grammar" / name
    return inside if inside.exists() else _PACKAGE.parent / "grammar" / name


def rule_page(code: str) -> Path | None:
    """Return the path of the page that explains a rule, None when there is none."""
    for folder in (_PACKAGE / "rules", _PACKAGE.parent / "docs" / "rules"):
        page = folder / f"{code}.md"
        if page.is_file():
            return page
    return None
