"""Know the commands of `os` by name and summary."""

from __future__ import annotations

from arkes_build.front.group import Program

NAME = "os"

COMMANDS: dict[str, tuple[str, str]] = {
    "status": (
        "status:command",
        "Say what runs here, and what comes next.",
    ),
    "checkupdates": ("checkupdates:command", "Say whether there is a newer release."),
    "upgrade": ("upgrade:command", "Bring this machine to the newest release."),
    "revert": ("revert:command", "Undo the last upgrade."),
    "rollback": ("rollback:command", "Boot the deployment before this one from now on."),
    "deploy": ("deploy:command", "Go to a release by its version, commit or ref."),
    "rebase": ("rebase:command", "Follow another ref from now on."),
    "build": ("build:command", "Build this machine's own Systemfile."),
    "edit": ("edit:command", "Edit this machine's Systemfile, checked before it is saved."),
    "diff": ("diff:command", "Say what changed between two deployments."),
    "etc-diff": ("etc_diff:command", "Say what is different in /etc."),
    "kargs": ("kargs:command", "Show or change the arguments of the kernel."),
    "pin": ("pin:command", "Keep a deployment, whatever comes."),
    "unpin": ("pin:unpin", "Let a pinned deployment go when its time comes."),
    "unlock": ("unlock:command", "Make /usr writable for a trial."),
    "validate": ("validate:command", "Run the checks that this system brings along."),
    "log": ("log:command", "Tell what was done to this machine, and when."),
    "du": ("du:command", "Say what each deployment takes on the disk."),
    "prune": ("prune:command", "Remove the deployments and files that nothing needs any more."),
    "metrics": ("metrics:command", "Write this machine's figures for Prometheus."),
}
"""Name → where the command is (``module:attribute`` under ``system.commands``), its summary."""

HIDDEN: dict[str, str] = {
    "boot": "boot:command",
    "manual": "manual:command",
}
"""What units of the system call, and people need not see."""

EPILOGUE = """\
Examples:
  os status                           what runs here, and what comes next
  sudo os upgrade                     the newest release, ready for the next boot
  sudo os revert                      the last upgrade undone
  os log                              what was done to this machine

Whoever only looks needs no rights. What changes the system is for root: with `sudo`, or
with `pkexec` on a desktop.

Environment:
  NO_COLOR        no colours
  COLUMNS         width of tables
  EDITOR          what `os edit` starts
  ARKES_DEBUG=1   print the traceback of an internal error
"""

PROGRAM = Program(
    name=NAME,
    help="Look after this machine's system: its releases, its boots, its settings.",
    package="arkes_build.system.commands",
    commands=COMMANDS,
    hidden=HIDDEN,
    epilogue=EPILOGUE,
)
