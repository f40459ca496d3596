"""Have every command end its help with examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


class Command(click.Command):
    """A command that ends its help with examples."""

    def __init__(self, name: str, *, examples: Sequence[tuple[str, str]], **rest: Any) -> None:
        super().__init__(name, **rest)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, never broken."""
        del ctx
        width = max(len(line) for line, _ in self.examples)
        formatter.write("\nExamples:\n")
        for line, meaning in self.examples:
            formatter.write(f"  {line:{width}}  {meaning}\n")
