"""Suggest to a shell which deployments there are, quietly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.core.errors import ArkesError

if TYPE_CHECKING:
    import click


def suggest_deployments(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[Any]:
    """Return the roles and versions that begin so; none on any trouble."""
    from click.shell_completion import CompletionItem

    from arkes_build.host.naming import words_for
    from arkes_build.system import command

    try:
        found = words_for(command.make_host().sysroot().deployments())
    except (ArkesError, OSError):
        found = ()
    return [CompletionItem(word) for word in found if word.startswith(incomplete)]
