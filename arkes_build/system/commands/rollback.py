"""`os rollback`: the other deployment from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.front.ending import orderly
from arkes_build.system.command import HostCommand
from arkes_build.system.going import show

if TYPE_CHECKING:
    from arkes_build.core.errors import ExitCode
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _rollback(host: Host, settings: Settings) -> ExitCode:
    from arkes_build.host.going import rollback

    with orderly():
        return show(rollback(host), settings)


command = HostCommand(
    "rollback",
    callback=_rollback,
    changes=True,
    help="""Boot the deployment before this one from now on.

    It is the one that `os status` calls previous; while something else than the running
    one boots next, it is the running one. So a second rollback goes forth again. It does
    not care what was done before; `os revert` does.""",
    examples=(("sudo os rollback", "to and fro between two deployments"),),
)
