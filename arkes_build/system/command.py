"""Give every command of `os` this machine, and the options that all of them share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from arkes_build.front.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from arkes_build.host.machine import Host

_TYPED = "arkes.typed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was said on the command line besides the names."""

    as_json: bool = False
    quiet: bool = False


def shared_parameters() -> list[click.Parameter]:
    """Return the options that every command takes."""
    return [
        click.Option(["--json", "as_json"], is_flag=True, help="Speak JSON, errors included."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Say only what went wrong."),
    ]


def make_host() -> Host:
    """Return this machine; the tests put a folder in the place of this function."""
    from arkes_build.host.machine import Host

    return Host()


class HostCommand(Command):
    """A command on this machine: it gets ``host`` and ``settings`` beside its own parameters.

    With ``changes`` only root may call it; a function is asked whether these parameters
    mean a change (`os kargs` alone only shows). With ``anywhere`` it also works where no
    deployment runs. Both are looked at first, so that nobody hears of them half-way.
    """

    def __init__(
        self,
        name: str,
        *,
        changes: bool | Callable[[Mapping[str, Any]], bool] = False,
        anywhere: bool = False,
        params: Sequence[click.Parameter] = (),
        **rest: Any,
    ) -> None:
        super().__init__(name, params=[*params, *shared_parameters()], **rest)
        self.changes = changes
        self.anywhere = anywhere

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the arguments, and remember them as they were typed."""
        ctx.meta[_TYPED] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command's function with ``host``, ``settings`` and its own parameters."""
        taken = {field.name: ctx.params.pop(field.name) for field in fields(Settings)}
        host = make_host()
        if not self.anywhere:
            host.must_be_deployed()
        if self.changes(ctx.params) if callable(self.changes) else self.changes:
            host.need_root(ctx.command_path, ctx.meta[_TYPED])
        ctx.params |= {"host": host, "settings": Settings(**taken)}
        return super().invoke(ctx)
