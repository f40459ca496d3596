"""Tell of a disk in a cloud: made larger, told who it is, started again, told nonsense."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager

from scenario.disks import GIB, larger, place, run
from scenario.world import Failed

_SIZE = 12 * GIB
_TRIES = 20
_META = """\
instance-id: box-1
local-hostname: ../../etc/passwd
"""
_USER = """\
#cloud-config
hostname: box
timezone: Europe/Berlin
users:
  - name: ../x
    ssh_authorized_keys: ["{key}"]
  - name: lea
    gecos: Lea
    groups: [sudo, nobody-has-this]
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: ["{key}", "command=\\"id\\" {key}"]
runcmd: [[touch, /var/lib/it-ran]]
"""
_CREDENTIAL = """\
#cloud-config
hostname: late
users:
  - name: ada
    ssh_authorized_keys: ["{key}"]
"""
_WORDS = (
    "users: one has no name that can be one",
    "user lea: 1 of the keys cannot be one",
    "'runcmd' is not understood",
    "the disk CIDATA: user lea",
)
_HOSTILE_WORDS = (
    "user-data: it is longer than 256 KiB",
    "meta-data: it is no YAML",
    "nobody can log in yet; the next boot looks again",
)
_IDENTITY = (
    "cat /etc/machine-id; cd /etc/ssh; sha256sum ssh_host_*_key ssh_host_*_key.pub;"
    " getent passwd lea; stat -c '%a %U' /var/home/lea/.ssh/authorized_keys;"
    " sha256sum /var/home/lea/.ssh/authorized_keys; cat /etc/hostname; readlink /etc/localtime;"
    " sfdisk --dump /dev/vda; cat /var/lib/arkes/first-boot.json"
)
_FIRST_BOOT = "journalctl -b -o cat -u arkes-first-boot"


def cloud(world, row):
    """A disk made larger gets user, key and name from a second one, once."""
    with _keyed(world, "cloud") as (folder, public):
        machine_id = _told_well(world, row, folder, public)
    _unlike_others(world, row, machine_id)


def cloud_nonsense(world, row):
    """Nonsense on that disk keeps nobody from booting; then credentials say who may come in."""
    with _keyed(world, "cloud-nonsense") as (folder, public):
        machine_id = _told_nonsense(world, row, folder, public)
    _unlike_others(world, row, machine_id)


@contextmanager
def _keyed(world, name):
    """Give a folder with a key in it, ``key``, and the key's public half."""
    with place(world, name) as folder:
        key = folder / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lea@home", "-f", key)
        yield folder, key.with_suffix(".pub").read_text().strip()


def _unlike_others(world, row, machine_id):
    """Compare with what machines of the same image had that were told of before."""
    path = world.lab.folder / "machine-ids.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    others = [each for name, each in known.items() if name != row.name]
    if machine_id in others:
        raise Failed(f"two machines of one image have one machine-id, {machine_id}")
    path.write_text(json.dumps({**known, row.name: machine_id}, indent=1))
    row.seen.append(f"a machine-id of its own (of {len(others) + 1} machines)")


def _told_well(world, row, folder, public):
    """Boot with a disk labelled cidata, and once more; return the machine-id."""
    seed = _seed(folder / "seed", _USER.format(key=public), _META)
    port = _free_port()
    with _machine(world, folder / "machine", drives=(seed,), forwards={port: 22}) as guest:
        verdict = guest.good_boot("base")
        row.seen.append(f"verdict after {verdict.uptime:.0f} s of the guest's time")
        said = guest.run(_FIRST_BOOT)
        guest.must(all(word in said for word in _WORDS), f"its words: {said}")
        guest.must(guest.run("ls /var/lib/it-ran 2>&1", code=2), "what came was executed")
        row.seen.append(_grown(guest))
        before = guest.run(_IDENTITY)
        guest.must("box\n../usr/share/zoneinfo/Europe/Berlin\n" in before, before)
        log_in = _client(folder, port)
        who = log_in("lea", "id -un; sudo -n id -un; hostname; cat /etc/machine-id", known=False)
        machine_id = before.partition("\n")[0]
        guest.must(who == f"lea\nroot\nbox\n{machine_id}\n", f"over ssh: {who}")
        _refuses_passwords(folder, port)
        row.seen.append("lea came in with the key, by password nobody; sudo asks nothing")
        guest.reboot()
        guest.good_boot("base")
        after = guest.run(_IDENTITY)
        guest.must(after == before, f"not the same after a reboot: {before}\n{after}")
        unit = guest.run("systemctl show -P ConditionResult -P ActiveState arkes-first-boot")
        guest.must(sorted(unit.split()) == ["inactive", "no"], f"it ran again: {unit}")
        log_in("lea", "true")  # to the same host keys, or it refuses
        row.seen.append("after a reboot all the same, nothing was done again")
        guest.machine.powerdown(timeout=300)
    return machine_id


def _told_nonsense(world, row, folder, public):
    """Boot with a hostile disk, then with credentials too; return the machine-id."""
    seed = _seed(folder / "seed", "#cloud-config\n" + "users: [*x]\n" * 300_000, "{[}: \t\x01")
    with _machine(world, folder / "machine", drives=(seed,)) as guest:
        guest.good_boot("base")
        said = guest.run(_FIRST_BOOT)
        guest.must(all(word in said for word in _HOSTILE_WORDS), f"its words: {said}")
        guest.must("Nobody can log in" in guest.run("cat /run/issue.d/*"), "the console is silent")
        guest.run("test ! -e /var/lib/arkes/first-boot.json")
        keys = guest.run("ls /etc/ssh").split()
        guest.must("ssh_host_ed25519_key" not in keys, "host keys although nobody asked for them")
        machine_id = guest.run("cat /etc/machine-id").strip()
        guest.machine.powerdown(timeout=300)
    row.seen.append("a giant user-data and a broken meta-data: booted, and said so")
    port = _free_port()
    credentials = {
        "arkes.user-data": _CREDENTIAL.format(key=public),
        "ssh.authorized_keys.root": f"{public}\n",
    }
    how = {"drives": (seed,), "forwards": {port: 22}, "credentials": credentials}
    with world.own(folder / "machine/disk.qcow2", **how) as guest:
        guest.good_boot("base")
        guest.must(guest.run("cat /etc/machine-id").strip() == machine_id, "a new machine-id")
        log_in = _client(folder, port)
        who = log_in("ada", "id -un; hostname", known=False) + log_in("root", "id -un")
        guest.must(who == "ada\nlate\nroot\n", f"over ssh: {who}")
        record = json.loads(guest.run("cat /var/lib/arkes/first-boot.json"))
        guest.must(record["source"] == "credentials", f"{record}")
        row.seen.append("then credentials: ada and root came in with the key")
        guest.machine.powerdown(timeout=300)
    return machine_id


def _seed(folder, user_data, meta_data):
    """Make a NoCloud disk in a new folder, as docs/disk.md says."""
    folder.mkdir()
    (folder / "user-data").write_text(user_data)
    (folder / "meta-data").write_text(meta_data)
    image = folder / "seed.img"
    with image.open("xb") as stream:
        stream.truncate(8 << 20)
    run("mkfs.vfat", "-n", "CIDATA", image)
    run("mcopy", "-i", image, folder / "user-data", folder / "meta-data", "::")
    return image


def _machine(world, folder, **how):
    folder.mkdir()
    return world.own(larger(world.lab.disk, "qcow2", folder / "disk.qcow2", _SIZE), **how)


def _grown(guest):
    """Check that table, partition and file system have the larger disk; say so."""
    guest.run("sfdisk --verify /dev/vda 2>&1 | grep -q 'No errors detected'")
    part = int(guest.run("lsblk -bdno SIZE /dev/vda2"))
    room = int(guest.run("df -B1 --output=size /var | tail -n1"))
    guest.must(part > _SIZE - GIB and room > 0.9 * part, f"{part} bytes, of them {room}")
    return f"root grew to {part / GIB:.1f} GiB"


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _client(folder, port):
    """Return what logs in from the host; ``known=False`` takes the host keys as they are."""
    known_hosts = folder / f"known-{port}"

    def log_in(user, command, *, known=True):
        argv = ["ssh", "-F", "none", "-i", folder / "key", "-p", port, "-o", "BatchMode=yes"]
        argv += ["-o", f"UserKnownHostsFile={known_hosts}", "-o", "IdentitiesOnly=yes"]
        argv += ["-o", f"StrictHostKeyChecking={'yes' if known else 'accept-new'}"]
        argv += ["-o", "ConnectTimeout=30", "-o", "LogLevel=ERROR", f"{user}@127.0.0.1", command]
        for left in range(_TRIES, -1, -1):  # the server may just be about to start
            try:
                return run(*argv)
            except Failed:
                if not left:
                    raise
                time.sleep(2)
        return ""

    return log_in


def _refuses_passwords(folder, port):
    said = run(
        "ssh", "-F", "none", "-p", port, "-o", "BatchMode=yes", "-o", "PubkeyAuthentication=no",
        "-o", f"UserKnownHostsFile={folder}/known-{port}", "lea@127.0.0.1", "true", code=255,
    )  # fmt: skip
    if "(publickey)" not in said:
        raise Failed(f"the server takes more than keys: {said}")
