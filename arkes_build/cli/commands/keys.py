"""`keys`: make a key to sign with, list keys, export one, sign what was not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from arkes_build.cli import front
from arkes_build.cli.settings import ProjectCommand
from arkes_build.core.errors import ExitCode
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from arkes_build.cli.settings import Settings
    from arkes_build.pipeline.keys import NewKey

_ALGORITHMS = ("ed25519", "rsa4096")


def _keys(
    settings: Settings,
    action: str,
    names: tuple[str, ...],
    *,
    name: str | None,
    algorithm: str,
    expires: str,
    replace: bool,
) -> ExitCode:
    if action in ("new", "list") and names:
        raise click.UsageError(f"`keys {action}` takes no name here (a new key's is --name)")
    if action == "new":
        _new(settings, name=name, algorithm=algorithm, expires=expires, replace=replace)
    elif action == "sign":
        _sign(settings, names)
    elif action == "export":
        _export(names)
    else:
        _list(settings)
    return ExitCode.OK


def _new(
    settings: Settings, *, name: str | None, algorithm: str, expires: str, replace: bool
) -> None:
    from arkes_build.pipeline.keys import list_keys, new_key
    from arkes_build.ui.trust import keys_shape

    options = settings.options()
    made = new_key(options, name=name, algorithm=algorithm, expires=expires, replace=replace)
    if settings.as_json:
        known = list_keys(options)
        front.print_shape(keys_shape(known, only=made.key.fingerprint))
    elif not settings.quiet:
        front.print_lines(_advice(made))


def _advice(made: NewKey) -> list[str]:
    from arkes_build.ui.text import safe

    lines = [
        f"A new key, {made.key.algorithm}: {made.key.fingerprint}",
        f"  secret half  {safe(str(made.home))}",
        f"  public half  {safe(str(made.keyring))}",
        "",
        "From now on builds sign with it. `arkes-build keys sign` signs what was built before.",
        "Back up the folder of the secret half: without it no machine takes another update.",
        "Commit the public half. For CI, keep that folder as a secret, restore it with mode",
        "0700, and let ARKES_KEYS name it.",
    ]
    if not made.is_copied:
        lines += [
            "",
            "No variant copies the public half into its tree, so machines would not trust the",
            "key: write `COPY overlay/rootfs/ /` into variants/rootfs.Containerfile.",
        ]
    return lines


def _list(settings: Settings) -> None:
    from arkes_build.pipeline.keys import list_keys
    from arkes_build.ui.trust import keys_lines, keys_shape

    known = list_keys(settings.options())
    if settings.as_json:
        front.print_shape(keys_shape(known))
    else:
        front.print_lines(keys_lines(known, screen_of(sys.stdout)))


def _sign(settings: Settings, names: tuple[str, ...]) -> None:
    from arkes_build.pipeline.keys import list_keys, sign
    from arkes_build.ui.trust import keys_shape, signed_lines

    options = settings.options()
    signed = sign(options, names, front.notices(settings))
    if settings.as_json:
        front.print_shape(keys_shape(list_keys(options), signed))
    elif not settings.quiet:
        front.print_lines(signed_lines(signed) or ["Nothing was built yet."])


def _export(names: tuple[str, ...]) -> None:
    from arkes_build.pipeline.keys import export_key

    if len(names) != 1:
        raise click.UsageError("`keys export` takes the fingerprint of one key, or its end")
    sys.stdout.buffer.write(export_key(names[0]))
    sys.stdout.buffer.flush()


command = ProjectCommand(
    "keys",
    callback=_keys,
    params=[
        click.Argument(
            ["action"],
            type=click.Choice(["new", "list", "sign", "export"]),
            metavar="new|list|sign|export",
        ),
        click.Argument(["names"], metavar="[NAME...]", nargs=-1),
        click.Option(
            ["--name"], metavar="NAME", help="Name of the keyring (default: the project's name)."
        ),
        click.Option(
            ["--algorithm"],
            type=click.Choice(_ALGORITHMS),
            default=_ALGORITHMS[0],
            help="Kind of the new key (default: ed25519).",
        ),
        click.Option(
            ["--expires"],
            default="never",
            metavar="WHEN",
            help="never (default), a date (2030-12-31), or a time from now on: 90d, 8w, 18m, 2y.",
        ),
        click.Option(
            ["--replace"],
            is_flag=True,
            help="Put the new key in the place of the one in that keyring.",
        ),
    ],
    help="""Make and list signing keys, and sign with them.

    "new" makes a key. Its secret half is kept in $ARKES_KEYS (default:
    ~/.local/share/arkes/keys), its public half becomes a keyring in
    overlay/rootfs/usr/share/ostree/trusted.gpg.d, from where machines get it. Builds sign
    with every key whose public half is there, so a second --name is a rotation. "list" says
    which keys there are, "sign" signs commits that were made before a key was (NAME: a
    node, a ref, a commit), "export" writes the public half of one to standard output.""",
    examples=(
        ("arkes-build keys new", "the first key of a project"),
        ("arkes-build keys new --name tiny-2027", "a second one beside it, to change over"),
        ("arkes-build keys list --json | jq '.keys[].fingerprint'", "for a program"),
        ("arkes-build keys sign base", "sign what was built before the key was made"),
    ),
)
