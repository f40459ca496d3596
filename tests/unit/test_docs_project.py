"""Hold the page about projects against the model: every key of arkes.toml is on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arkes_build.core.source import Source
from arkes_build.project.config import (
    ArchBootstrap,
    BootstrapTables,
    BudgetTable,
    BuildTable,
    ConfigFile,
    DebianBootstrap,
    ProjectTable,
    RetentionTable,
    Table,
    UpdatesTable,
    parse_config,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "project.md").read_text()
SECTIONS = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]


def section(title: str) -> str:
    """Return the part of the page whose heading names a table, up to the next heading."""
    (found,) = [text for text in SECTIONS if title in text.partition("\n")[0]]
    return re.split(r"^## ", found, flags=re.MULTILINE)[0]


def keys(table: type[Table]) -> list[str]:
    return [field.alias or name for name, field in table.model_fields.items()]


def keys_in_rows(text: str) -> list[str]:
    firsts: Iterable[str] = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return [key for first in firsts for key in re.findall(r"`([^`]+)`", first)]


@pytest.mark.parametrize(
    ("title", "table"),
    [
        pytest.param("[project]", ProjectTable, id="project"),
        pytest.param("[bootstrap.debian]", DebianBootstrap, id="bootstrap.debian"),
        pytest.param("[bootstrap.arch]", ArchBootstrap, id="bootstrap.arch"),
        pytest.param("[build]", BuildTable, id="build"),
        pytest.param("[updates]", UpdatesTable, id="updates"),
        pytest.param("[retention]", RetentionTable, id="retention"),
        pytest.param("[budgets]", BudgetTable, id="budgets"),
    ],
)
def test_every_key_of_a_table_is_on_the_page_in_the_order_of_the_model(
    title: str, table: type[Table]
) -> None:
    assert keys_in_rows(section(title)) == keys(table)


def test_the_page_knows_every_table() -> None:
    titles = "".join(text.partition("\n")[0] for text in SECTIONS)
    families = [f"bootstrap.{key}" for key in keys(BootstrapTables)]
    tables = [key for key in keys(ConfigFile) if key != "bootstrap"] + families
    assert [name for name in tables if f"[{name}]" not in titles] == []


def test_what_the_page_says_to_write_is_read() -> None:
    blocks = re.findall(r"(?:^ {4}\S.*\n)+", PAGE, re.MULTILINE)
    texts = [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in blocks]
    tables = [text for text in texts if text.startswith("[")]
    assert len(tables) == 2
    for text in tables:
        parse_config(Source("arkes.toml", text))
