"""Tell each scenario: what happens to the machine, and what must be true then."""

from __future__ import annotations

import json
import time

from arkes_build.disk.model import RootFs
from scenario.cloud import cloud, cloud_nonsense
from scenario.disks import disk_of
from scenario.going import hotfix, rebase
from scenario.people import polkit
from scenario.troubles import (
    full,
    kernel_lost,
    no_kernel,
    said_wrong,
    story_of,
    systemfile,
)
from scenario.world import BOOT_SECONDS, keep_point

_EDITS = r"""
set -e
echo mine > /etc/scenario-own.conf
echo "# a change of this machine" >> /etc/nanorc 2>/dev/null || echo x > /etc/nanorc
echo "local words" > /etc/scenario-default.conf
rm -f /etc/motd.scenario
mkdir -p /var/lib/scenario /var/home/someone
echo kept > /var/lib/scenario/file
echo kept > /var/home/someone/file
chown 1234:1234 /var/home/someone/file
chmod 600 /var/home/someone/file
sync
"""
_ONE_TRY = """
mkdir -p /run/systemd/system/arkes-boot-sync.service.d
cat > /run/one-try <<END
for f in /efi/loader/entries/*+3.conf; do mv "\\$f" "\\${f%+3.conf}+1.conf"; done
sync
END
printf '[Service]\\nExecStop=/bin/sh /run/one-try\\n' \\
    > /run/systemd/system/arkes-boot-sync.service.d/one-try.conf
systemctl daemon-reload
"""
_SOON = """
mkdir -p /etc/systemd/system/arkes-trial.timer.d
cd /etc/systemd/system/arkes-trial.timer.d
printf '[Timer]\\nOnBootSec=\\nOnBootSec=150s\\n' > soon.conf
"""
_LEFT = (
    "cat /etc/scenario-own.conf /var/lib/scenario/file /var/home/someone/file;"
    " tail -n1 /etc/nanorc; cat /etc/scenario-default.conf; stat -c '%a %u' /var/home/someone/file"
)
LEFT = "mine\nkept\nkept\n# a change of this machine\nlocal words\n600 1234\n"


def first_boot(world, row):
    """First boot: it comes up whole; edits in /etc and files in /var."""
    with world.new("first") as guest:
        verdict = guest.good_boot("base")
        row.seen.append(
            f"verdict after {verdict.uptime:.0f} s of the guest's time, "
            f"kernel {verdict.times.get('kernel', 0):.0f} s, initrd "
            f"{verdict.times.get('initrd', 0):.0f} s, userspace "
            f"{verdict.times.get('userspace', 0):.0f} s"
        )
        entries = guest.run("ls /efi/loader/entries").split()
        guest.must(all("+" not in name for name in entries), f"not blessed: {entries}")
        machine_id = guest.run("cat /etc/machine-id").strip()
        guest.must(len(machine_id) == 32, f"machine-id {machine_id!r}")
        guest.run(_EDITS)
        guest.must(guest.run(_LEFT) == LEFT, "the edits are not there")
        row.seen.append("blessed; edits made")
        keep_point(world, guest, "fresh")


def life(world, row):
    """Upgrade with signature check, reboot, merged /etc, then revert and reboot."""
    with world.start("fresh", "life") as guest:
        _upgrade(world, row, guest)
        guest.must(guest.run(_LEFT) == LEFT, f"merge: {guest.run(_LEFT)}")
        guest.must(guest.run("cat /etc/scenario-late.conf") == "late\n", "the late edit is lost")
        guest.must(guest.run("cat /usr/share/arkes-scenario") == "good\n", "not the new /usr")
        row.seen.append("/etc merged, /var kept")
        entries = guest.run("ls /efi/loader/entries").split()
        guest.must(all("+" not in name for name in entries), f"not blessed: {entries}")
        row.seen.append("new kernel's entry blessed")
        keep_point(world, guest, "upgraded")
        guest.run("os revert")
        guest.reboot()
        guest.good_boot("base")
        guest.must(guest.run(_LEFT) == LEFT, "after the revert edits are lost")
        row.seen.append("reverted and rebooted into the old one")


def _upgrade(world, row, guest):
    """Upgrade step by step; keep the points and the times that power cuts need."""
    times = world.times
    guest.follow("good")
    keep_point(world, guest, "following")
    times["pull"] = guest.timed("os upgrade --download-only")
    keep_point(world, guest, "downloaded")
    times["stage"] = times["prune"] = guest.timed("os upgrade")
    keep_point(world, guest, "staged")
    row.seen.append(f"verified and pulled in {times['pull']:.0f} s, staged in {times['stage']:.0f}")
    guest.run("echo late > /etc/scenario-late.conf")  # merged at shutdown, not when staged
    begin = time.monotonic()
    guest.reboot()
    event = guest.machine.monitor.wait_for_event(["RESET"], timeout=300)
    guest.must(event == "RESET", "it did not reboot")
    times["finish"] = time.monotonic() - begin
    verdict = guest.good_boot("good")
    times["trial"] = time.monotonic() - begin - times["finish"]
    row.seen.append(
        f"shut down in {times['finish']:.0f} s, up again {times['trial']:.0f} s later, "
        f"{verdict.state}"
    )


def fall(name, why, *, one_try=False, setting="true"):
    """Return the story of a release that falls back by itself."""

    def story(world, row):
        with world.start("fresh", f"fall-{name}") as guest:
            guest.follow(name)
            guest.run("os upgrade", timeout=600)
            guest.run(setting)
            if one_try:
                guest.run(_ONE_TRY)
            begin = time.monotonic()
            before = len(guest.machine.monitor.events)
            guest.reboot()
            verdict = None
            while verdict is None or not verdict.deployment.startswith(guest.commit("base")):
                left = BOOT_SECONDS * 2.5 - (time.monotonic() - begin)
                verdict = guest.verdict(timeout=left)
            guest.machine.monitor.command("query-status")
            resets = guest.machine.monitor.events[before:].count("RESET")
            row.seen.append(f"fell back after {time.monotonic() - begin:.0f} s, {resets} resets")
            guest.must(verdict.is_good, f"the old system is not well: {verdict}")
            fallen = guest.run("cat /var/lib/arkes/fallen/*.json")
            guest.must(guest.commit(name) in fallen, f"nothing recorded: {fallen}")
            row.seen.append("reason: " + _reason(fallen))
            guest.must(why in fallen, f"the reason does not say {why!r}: {fallen}")
            guest.must(guest.commit(name)[:7] in guest.run("os status"), "status is silent")
            said = guest.run("os upgrade", code=27)
            row.seen.append(f"not taken again: {said_wrong(said)[:80]}")
            deployments = guest.run("ls /ostree/deploy/arkes/deploy")
            guest.must(guest.commit(name) not in deployments, "it is still deployed")
            guest.must(guest.run(_LEFT) == LEFT, "edits are lost")

    story.__doc__ = f"A release that {story_of(name)} falls back by itself."
    return story


def refused(view, code, words):
    """Return the story of an offer that is refused and changes nothing."""

    def story(world, row):
        with world.start("fresh", f"refused-{view}") as guest:
            before = guest.state()
            guest.follow(view)
            said = guest.run("os upgrade", code=code, timeout=600)
            row.seen.append(f"exit {code}: {said_wrong(said)[:100]}")
            guest.must(any(word in said for word in words), f"the words are not clear: {said}")
            guest.must(guest.state() == before, "something changed")
            guest.run("ostree fsck --repo=/ostree/repo -q", timeout=600)
            row.seen.append("nothing changed, repository sound")

    return story


def tampered(world, row):
    """An update somebody changed on its way is refused."""
    refused("tampered", 20, ("corrupt", "damaged", "not what", "checksum", "verif"))(world, row)


def unsigned(world, row):
    """An update without signatures is refused."""
    refused("unsigned", 20, ("sign",))(world, row)


def offline(world, row):
    """Without a network, and without the server's answer, nothing changes."""
    with world.start("fresh", "offline") as guest:
        before = guest.state()
        guest.machine.link(up=False)
        said = guest.run("os upgrade", code=None, timeout=600)
        guest.must(guest.run("os upgrade >/dev/null 2>&1; echo $?", timeout=600) != "0\n", said)
        row.seen.append(f"unplugged: {said_wrong(said)[:100]}")
        guest.machine.link(up=True)
        guest.follow("nothing-is-here")
        said = guest.run('os upgrade; echo "exit $?"', timeout=600)
        guest.must("exit 0" not in said, f"an update from nowhere: {said}")
        row.seen.append(f"404: {said_wrong(said)[:100]}")
        guest.must(guest.state() == before, "something changed")


def twice(world, row):
    """`os` run twice at once: the second says who is at it."""
    with world.start("fresh", "twice") as guest:
        guest.follow("good")
        first = guest.machine.guest.start("os upgrade", timeout=600)
        guest.run("for i in $(seq 300); do test -s /run/arkes/os.lock && break; sleep 0.1; done")
        said = guest.run("os upgrade", code=19)
        row.seen.append(f"exit 19: {said_wrong(said)[:100]}")
        guest.run("os status")
        done = guest.machine.guest.result(first, timeout=600)
        guest.must(done.exit == 0, f"the first failed: {done}")
        row.seen.append("status answered meanwhile, the first one finished")


def _reason(text):
    return str(json.loads(text[: text.rindex("}") + 1]).get("reason", ""))[:100]


STORIES = {
    "first-boot": first_boot,
    "life": life,
    "fall-health": fall("health", "lamp"),
    "fall-init": fall("init", ""),
    "fall-hang": fall("hang", "", one_try=True, setting=_SOON),
    "fall-frozen": fall("frozen", "", one_try=True),
    "fall-decayed": fall("decayed", "", one_try=True),
    "fall-panic": fall("panic", ""),
    "tampered": tampered,
    "unsigned": unsigned,
    "offline": offline,
    "twice": twice,
    "full": full,
    "headless": no_kernel("headless", "no kernel is in /usr/lib/modules"),
    "garbage": no_kernel("garbage", "is no EFI program"),
    "kernel-lost": kernel_lost,
    "systemfile": systemfile,
    "disk-xfs": disk_of(RootFs.XFS),
    "disk-btrfs": disk_of(RootFs.BTRFS),
    "cloud": cloud,
    "cloud-nonsense": cloud_nonsense,
    "rebase": rebase,
    "hotfix": hotfix,
    "polkit": polkit,
}
_OWN = ("first-boot", "disk-xfs", "disk-btrfs", "cloud", "cloud-nonsense")
"""These begin with a machine of their own."""
NEEDS = {name: "fresh" for name in STORIES if name not in _OWN} | {"kernel-lost": "upgraded"}
