"""`lsp`: the language server, for editors."""

from __future__ import annotations

import os
import sys

import click

from arkes_build.front.command import Command

LEVELS = ("error", "warning", "info", "debug")


def _lsp(log_level: str) -> int:
    import logging

    from arkes_build.lsp.server import serve

    logging.basicConfig(
        stream=sys.stderr,
        level=log_level.upper(),
        format="%(levelname)s %(name)s: %(message)s",
    )
    # Whatever else may print, the protocol has standard output for itself.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stdout:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        return serve(sys.stdin.buffer, stdout)


command = Command(
    "lsp",
    callback=_lsp,
    params=[
        click.Option(
            ["--stdio"],
            is_flag=True,
            expose_value=False,
            help="Speak on standard input and output.",
        ),
        click.Option(
            ["--log-level"],
            type=click.Choice(LEVELS),
            default="warning",
            show_default=True,
            help="What to say on standard error.",
        ),
    ],
    help="""Serve an editor as a language server.

    Speaks the Language Server Protocol on standard input and output until the editor ends
    it; an editor starts it, nobody types this. docs/editors.md says how to set one up.""",
    examples=(
        ("arkes-build lsp", "what an editor starts"),
        ("arkes-build lsp --log-level debug 2>lsp.log", "with everything that is said in a file"),
    ),
)
