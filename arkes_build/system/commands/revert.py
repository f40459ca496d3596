"""`os revert`: the last upgrade undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.front.ending import orderly
from arkes_build.system.command import HostCommand
from arkes_build.system.going import show

if TYPE_CHECKING:
    from arkes_build.core.errors import ExitCode
    from arkes_build.host.machine import Host
    from arkes_build.system.command import Settings


def _revert(host: Host, settings: Settings) -> ExitCode:
    from arkes_build.host.going import revert

    with orderly():
        return show(revert(host), settings)


command = HostCommand(
    "revert",
    callback=_revert,
    changes=True,
    help="""Undo the last upgrade.

    Whatever made the newest deployment (upgrade, deploy, rebase, kargs) is undone:
    a staged one is given up, else the one before it boots next. After the previous entry
    was booted by hand, that one stays. What was undone once is not undone again: to go
    forth again there is `os rollback`. /var stays as it is, and /etc is that of the
    deployment that boots.""",
    examples=(("sudo os revert", "then reboot, unless it says that none is needed"),),
)
