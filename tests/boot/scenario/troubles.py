"""Tell what a machine refuses, lacks or loses, and that it goes on all the same."""

from __future__ import annotations

from scenario.kinds import KINDS

_FILL = """
set -e
fallocate -l $(($(stat -f -c '%a*%S' /var) - 50000000)) /var/filler
cat /dev/zero > /var/filler-too 2>/dev/null || true
"""
"""Take all room, byte by byte in the end: a part of it only root may have."""
_FILL_LATER = (
    "for i in $(seq 3000); do ls -d /ostree/repo/tmp/staging-*/??/ >/dev/null 2>&1 && break; "
    f"sleep 0.05; done; test $i -lt 3000\n{_FILL}"
)
"""The same when the first objects of a release have come."""

_BAD_SYSTEMFILE = """
mkdir -p /etc/system
printf 'FROM arkes:base\\nRUN echo no lamp here >&2; false\\n' > /etc/system/Systemfile
"""


def said_wrong(said):
    """Return what was printed from the line on that says what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    first = next((n for n, line in enumerate(lines) if line.lower().startswith("error")), 0)
    return " / ".join(lines[first : first + 4])


def story_of(name):
    """Return what a release does."""
    return next(kind.story for kind in KINDS if kind.name == name)


def full(world, row):
    """The disk is full, or fills up during an upgrade: nothing changes; with room it goes on."""
    with world.start("fresh", "full") as guest:
        before = guest.state()
        guest.follow("good")
        guest.run(_FILL)
        said = guest.run("os upgrade", code=16, timeout=600)
        row.seen.append(f"full: exit 16: {said_wrong(said)[:300]}")
        guest.run("rm /var/filler*")
        filling = guest.machine.guest.start(_FILL_LATER, timeout=300)
        said = guest.run("os upgrade", code=16, timeout=600)
        filled = guest.machine.guest.result(filling, timeout=60)
        guest.must(filled.exit == 0, f"the disk was not filled meanwhile: {filled}")
        row.seen.append(f"fills up while it is pulled: exit 16: {said_wrong(said)[:300]}")
        guest.run("rm /var/filler*")
        guest.must(guest.state() == before, "something changed")
        guest.run("ostree fsck --repo=/ostree/repo -q", timeout=600)
        guest.run("os upgrade", timeout=600)
        row.seen.append("nothing changed, repository sound; with room it goes on")


def no_kernel(name, why):
    """Return the story of a release without a usable kernel, refused because of ``why``."""

    def story(world, row):
        with world.start("fresh", name) as guest:
            before = guest.state()
            guest.follow(name)
            said = guest.run("os upgrade", code=25, timeout=600)
            row.seen.append(f"exit 25: {said_wrong(said)[:300]}")
            guest.must(why in said, f"it does not say {why!r}: {said[-600:]}")
            guest.must(guest.state() == before, f"changed: {before} {guest.state()}")
            guest.run("os status")
            guest.run("ostree fsck --repo=/ostree/repo -q", timeout=600)
            row.seen.append("nothing changed, repository sound")

    story.__doc__ = f"A release that {story_of(name)} is refused."
    return story


def kernel_lost(world, row):
    """A kernel vanishes from its deployment, then from the ESP: the machine boots each time."""
    with world.start("upgraded", "kernel-lost") as guest:
        tree = f"/sysroot/ostree/deploy/arkes/deploy/{guest.commit('good')}.?"
        losing = (
            f"mount -o remount,rw /sysroot; chattr -i {tree}; rm {tree}/usr/lib/modules/*/vmlinuz"
        )
        guest.run(["unshare", "-m", "sh", "-c", losing])
        said = guest.run("os boot sync")
        guest.must("not offered: " in said, f"it is not named: {said}")
        row.seen.append(said.strip()[:120])
        guest.reboot()
        guest.good_boot("good")
        row.seen.append("still booted from the ESP's copy")
        entry = f"/efi/loader/entries/arkes-{guest.commit('good')[:12]}-?.conf"
        guest.run(f"rm /efi/$(sed -n 's/^linux *//p' {entry}); sync")
        guest.reboot()
        guest.good_boot("base")
        row.seen.append("without that, the release before came up by itself")
        said = guest.run("os status")
        row.seen.append("os status: " + " / ".join(said.split("\n"))[:300])


def systemfile(world, row):
    """A Systemfile that fails to build leaves the machine as it was."""
    with world.start("fresh", "systemfile") as guest:
        before = guest.state()
        guest.follow("good")
        guest.run(_BAD_SYSTEMFILE)
        said = guest.run("os upgrade", code=13, timeout=1500)
        row.seen.append(f"exit 13: {said_wrong(said)[:400]}")
        guest.must("no lamp here" in said, f"the step's words are missing: {said[-600:]}")
        guest.must("Systemfile:2" in said, f"its line is not named: {said[-600:]}")
        guest.must(guest.state() == before, "something changed")
        guest.run("ostree fsck --repo=/ostree/repo -q", timeout=600)
        row.seen.append("nothing changed, repository sound")
