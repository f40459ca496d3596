"""`os build`: build this machine's own Systemfile, and deploy nothing."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ExitCode
from arkes_build.front import printing
from arkes_build.front.ending import orderly
from arkes_build.system.command import HostCommand
from arkes_build.ui.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from arkes_build.core.events import Sink
    from arkes_build.host.building import Built
    from arkes_build.host.machine import Host
    from arkes_build.pipeline.ground import Ground
    from arkes_build.plan.actions import Action
    from arkes_build.system.command import Settings
    from arkes_build.ui.documents.building import MachineBuildDocument


def _build(host: Host, settings: Settings, *, plan: bool) -> ExitCode:
    from arkes_build.host.building import base_of, plan_machine

    if plan:
        _show(settings, *plan_machine(host, base_of(host)))
        return ExitCode.OK
    built = _run(host, settings)
    if settings.as_json:
        from arkes_build.ui.shapes import line

        printing.print_lines([line(built_shape(built))])
    elif not settings.quiet:
        printing.print_lines(built_lines(built))
    return ExitCode.OK


def _run(host: Host, settings: Settings) -> Built:
    from arkes_build.host.building import base_of, build_machine
    from arkes_build.host.lock import held

    with (
        orderly(),
        held(host, doing="build"),
        host.sysroot().changing(),
        _listener(settings) as sink,
    ):
        return build_machine(host, base_of(host), sink)


def _listener(settings: Settings) -> AbstractContextManager[Sink]:
    screen = screen_of(sys.stdout)
    if settings.as_json:
        from arkes_build.ui.jsonlines import JsonLines

        return JsonLines(screen.stream)
    if settings.quiet:
        from arkes_build.core.events import silent

        return nullcontext(silent)
    if screen.moves:
        from arkes_build.ui.live import LiveView

        return LiveView(screen)
    from arkes_build.ui.plain import Plain

    return Plain(screen)


def _show(settings: Settings, action: Action, ground: Ground) -> None:
    if settings.as_json:
        printing.print_shape(plan_shape(action, ground))
    elif not settings.quiet:
        printing.print_lines(plan_lines(action, ground))


def built_lines(built: Built) -> list[str]:
    """Return what people are told of a build."""
    from arkes_build.ui.text import duration, safe

    version, base = safe(built.version), safe(built.base_version)
    if not built.is_new:
        return [f"Nothing to build: {version} is this Systemfile on {base} ({built.commit[:12]})."]
    return [
        f"Built {version} on {base} in {duration(built.seconds)}: {built.ref} {built.commit[:12]}",
        "Nothing is deployed yet: `sudo os upgrade` brings it to the next boot.",
    ]


def built_shape(built: Built) -> MachineBuildDocument:
    """Return a build as JSON."""
    from arkes_build.ui.shapes import SCHEMA

    return {
        "schema": SCHEMA,
        "type": "machine-build",
        "action": "build" if built.is_new else "reuse",
        "reasons": [],
        "base": built.base,
        "base_version": built.base_version,
        "ref": built.ref,
        "commit": built.commit,
        "version": built.version,
        "key": built.key,
        "seconds": built.seconds,
    }


def plan_lines(action: Action, ground: Ground) -> list[str]:
    """Return what people are told of a plan."""
    from arkes_build.ui.text import safe

    on = f"{safe(ground.version)} ({ground.commit[:12]})"
    reasons = [
        f"{safe(each.where)}: {safe(each.text)}" if each.where else safe(each.text)
        for each in action.reasons
    ]
    if action.type.value == "reuse":
        return [f"Nothing to build on {on}: {reasons[0]}."]
    return [f"To be built on {on}:", *(f"  {reason}" for reason in reasons)]


def plan_shape(action: Action, ground: Ground) -> MachineBuildDocument:
    """Return a plan as JSON."""
    from arkes_build.host.building import LOCAL
    from arkes_build.ui.shapes import SCHEMA

    return {
        "schema": SCHEMA,
        "type": "machine-build",
        "action": "reuse" if action.type.value == "reuse" else "build",
        "reasons": [{"text": each.text, "where": each.where} for each in action.reasons],
        "base": ground.commit,
        "base_version": ground.version,
        "ref": f"{LOCAL}/{ground.arch.value}/{action.node}",
        "commit": "",
        "version": "",
        "key": action.key or "",
        "seconds": 0.0,
    }


def _changes(parameters: Mapping[str, Any]) -> bool:
    return not parameters["plan"]


command = HostCommand(
    "build",
    callback=_build,
    changes=_changes,
    params=[
        click.Option(
            ["--plan"], is_flag=True, help="Say whether something would be built, and why."
        )
    ],
    help="""Build this machine's own Systemfile, and deploy nothing.

    /etc/system/Systemfile is built on the release that this machine boots next. What
    comes out is a release of the machine's own in its repository; `os upgrade` brings it
    to the next boot. When nothing changed, nothing is built.""",
    examples=(
        ("sudo os build", "see whether the Systemfile builds"),
        ("os build --plan", "what would be built, and why"),
        ("sudo os build --json", "for programs: one JSON object a line"),
    ),
)
