"""`os deploy`: to a release by its version, commit or ref."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from arkes_build.front.ending import orderly
from arkes_build.system.command import HostCommand
from arkes_build.system.going import listener, progress, show
from arkes_build.system.suggesting import suggest_deployments

if TYPE_CHECKING:
    from arkes_build.core.errors import ExitCode
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _deploy(host: Host, settings: Settings, release: str, *, again: bool) -> ExitCode:
    from arkes_build.host.deploying import deploy

    with orderly(), progress(settings) as say:
        gone = deploy(host, release, again=again, on_progress=say, sink=listener(say))
    return show(gone, settings)


command = HostCommand(
    "deploy",
    callback=_deploy,
    changes=True,
    params=[
        click.Argument(["release"], metavar="RELEASE", shell_complete=suggest_deployments),
        click.Option(["--again"], is_flag=True, help="Take it although it fell on this machine."),
    ],
    help="""Go to a release by its version, commit or ref.

    A deployment that is here is chosen for the next boot, and nothing is fetched. Else
    RELEASE is looked for in the machine's repository (a commit or its beginning, four
    digits at least), then at the source: among its refs, and in the history of the ref
    that this machine follows. What is fetched is verified first. The machine goes on to
    follow what it followed, so the next upgrade leads back to the newest; `os rebase`
    changes that, and `os pin` keeps a deployment.""",
    examples=(
        ("sudo os deploy 2026.11.20", "to an earlier release of what is followed"),
        ("sudo os deploy 4f3c2a1b9d00", "by its commit"),
        ("sudo os deploy previous", "the deployment of that role in `os status`"),
    ),
)
