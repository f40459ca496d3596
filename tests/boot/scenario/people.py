"""Tell what people may do who are not root: look at all of it, and change what they are let."""

from __future__ import annotations

_PEOPLE = """
set -e
groupadd -f operators
useradd -m -s /bin/bash carol
useradd -m -s /bin/bash -G operators olga
useradd -m -s /bin/bash -G sudo dora
printf 'carol:c\\nolga:o\\ndora:d\\n' | chpasswd
cat > /etc/polkit-1/rules.d/50-operators.rules <<END
polkit.addRule(function (action, subject) {
    if (action.id == "org.arkes.os.prune" && subject.active && subject.isInGroup("operators"))
        return polkit.Result.YES;
});
END
chown root:polkitd /etc/polkit-1/rules.d/50-operators.rules
"""
_LOOKING = (
    "status", "status --json", "checkupdates", "upgrade --plan", "log", "du", "etc-diff", "kargs",
    "metrics", "prune --dry-run", "validate --list", "diff --help",
)  # fmt: skip
_CHANGING = (
    "upgrade", "build", "revert", "rollback", "deploy 1", "rebase base", "pin", "unpin 1",
    "unlock", "unlock --hotfix", "prune", "kargs --append quiet", "validate",
)  # fmt: skip
_TYPING = """
import os, pty, sys, time

password, argv = sys.argv[1], sys.argv[2:]
pid, tty = pty.fork()
if not pid:
    os.execvp(argv[0], argv)
said, has_typed = b"", False
while True:
    try:
        data = os.read(tty, 4096)
    except OSError:
        break
    if not data:
        break
    said += data
    if not has_typed and b"assword" in said:
        time.sleep(0.5)
        os.write(tty, password.encode() + b"\\n")
        has_typed = True
sys.stdout.write(said.decode("utf-8", "replace"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
"""Run a program at a terminal of its own, and type a password when it is asked for."""
_NOT_LET = 127
"""What pkexec(1) ends with when somebody is not authorized."""


def polkit(world, row):
    """Everybody looks, only root changes; polkit lets an administrator, and whom a rule names."""
    with world.start("fresh", "polkit") as guest:
        guest.follow("good")
        guest.run(_PEOPLE)
        guest.machine.guest.put(_TYPING.encode(), "/run/typing.py")
        before = guest.state()
        for words in _LOOKING:
            _as(guest, "carol", f"os {words}", code=100 if words == "checkupdates" else 0)
        row.seen.append(f"{len(_LOOKING)} questions are answered to anybody")
        for words in _CHANGING:
            said = _as(guest, "carol", f"os {words}", code=26)
            guest.must("needs root" in said and "pkexec os" in said, f"the words: {said}")
        row.seen.append(f"{len(_CHANGING)} changes: exit 26, with the line to type")
        _pkexec(guest, row)
        guest.must(guest.state() == before, "something changed")
        said = _typing(guest, "dora", "d", "pkexec os upgrade")
        guest.must("reboot" in said.lower(), f"no upgrade: {said}")
        guest.must(guest.status()["deployments"][0]["commit"] == guest.commit("good"), said)
        row.seen.append("an administrator's password: `pkexec os upgrade` staged a release")


def _pkexec(guest, row):
    said = _as(guest, "carol", "pkexec os revert", code=_NOT_LET)
    row.seen.append(f"without a terminal: {said.strip().splitlines()[-1][:80]}")
    _as(guest, "olga", "pkexec os prune", code=0)
    _as(guest, "olga", "pkexec os revert", code=_NOT_LET)
    _as(guest, "carol", "pkexec os prune", code=_NOT_LET)
    row.seen.append("a rule lets a group prune, and nothing else, and nobody else")
    said = _typing(guest, "dora", "wrong", "pkexec os upgrade", code=_NOT_LET)
    guest.must("to upgrade the system" in said, f"not what it is for: {said}")
    row.seen.append("a wrong password changes nothing")


def _as(guest, user, command, *, code):
    """Run a command in a session of somebody's own."""
    return guest.run(["runuser", "-l", user, "-c", command], code=code, timeout=600)


def _typing(guest, user, password, command, *, code=0):
    return _as(guest, user, f"python3 /run/typing.py {password} {command}", code=code)
