"""Tell how a machine goes to other refs, sources and releases, lives with a hotfix, and back."""

from __future__ import annotations

import json

from scenario import trees
from scenario.lab import REF

OTHER = "arkes/x86_64/server"
_KEPT = "cat /etc/scenario-own.conf /var/lib/scenario/file"


def rebase(world, row):
    """Another ref is followed, and the first one again; releases are gone to by their names."""
    _offer_another_ref(world.lab)
    with world.start("fresh", "rebase") as guest:
        guest.follow("server")
        _what_is_refused(guest, row)
        _to_another_ref(guest, row)
        _and_back(guest, row)
        _to_releases_by_name(guest, row)
        _room(guest, row)


def _what_is_refused(guest, row):
    before = guest.state()
    guest.run("os rebase nosuch", code=2)
    guest.run("os deploy 2999.9", code=25)
    unsigned = f"--url {guest.world.lab.url}/unsigned base"
    guest.run(f"os rebase {unsigned}", code=20, timeout=600)
    guest.run("os checkupdates", code=100)
    guest.must(guest.state() == before, "something changed")
    remotes = guest.run("ostree remote list --repo=/ostree/repo").split()
    guest.must(remotes == ["arkes"], f"remotes: {remotes}")
    row.seen.append("an unknown ref and an unsigned source are refused, nothing changed")


def _to_another_ref(guest, row):
    told = json.loads(guest.run("os rebase server --json 2>/dev/null", timeout=600))
    guest.must(told["after"]["commit"] == guest.commit("server"), f"rebase: {told}")
    guest.run("echo late > /etc/scenario-late.conf")
    guest.reboot()
    guest.good_boot("server")
    guest.must(guest.run(_KEPT) == "mine\nkept\n", "edits are lost")
    guest.must(guest.run("cat /etc/scenario-late.conf") == "late\n", "the late edit is lost")
    guest.must(f"arkes:{OTHER}" in guest.run("os status"), "another ref is not followed")
    guest.run("os checkupdates", code=0)
    row.seen.append(f"`os rebase server`, signed by {told['signer']}; rebooted; edits are there")


def _and_back(guest, row):
    told = json.loads(guest.run("os rebase base --json 2>/dev/null", timeout=600))
    guest.must(told["after"]["commit"] == guest.commit("plain"), f"rebase: {told}")
    guest.run("os revert")
    guest.must(f"arkes:{OTHER}" in guest.run("os status"), "a revert does not undo a rebase")
    guest.run("os rebase base", timeout=600)
    guest.reboot()
    guest.good_boot("plain")
    guest.must(f"arkes:{REF}" in guest.run("os status"), "base is not followed again")
    row.seen.append("`os revert` undid a rebase; rebased to base and rebooted")


def _to_releases_by_name(guest, row):
    """By its version from the source's history, by its commit, by its role; never rebooted."""
    version = _version_of(guest.world.lab, "good")
    for name, word in (("good", version), ("base", guest.commit("base")[:12])):
        guest.run(f"os deploy {word}", timeout=600)
        staged = guest.status()["deployments"][0]
        guest.must(staged["commit"] == guest.commit(name), f"deploy {word}: {staged}")
        guest.must(staged["role"] == "staged", f"deploy {word}: {staged}")
        guest.run("os revert")
    guest.run("os deploy previous")
    default = guest.status()["deployments"][0]
    guest.must(default["commit"] == guest.commit("server"), f"deploy previous: {default}")
    guest.run("os rollback")
    row.seen.append("deployed by version, commit and role")


def _room(guest, row):
    """What changed, what it takes, and what nobody needs."""
    changed = json.loads(guest.run("os diff previous running --json", timeout=600))
    guest.must("share/arkes-scenario" in json.dumps(changed), f"diff: {changed}")
    drift = guest.run("os etc-diff")
    guest.must("scenario-own.conf" in drift, f"etc-diff: {drift}")
    before = json.loads(guest.run("os du --json", timeout=600))
    guest.run("os prune --dry-run --json", timeout=600)
    told = json.loads(guest.run("os prune --json 2>/dev/null", timeout=600))
    after = json.loads(guest.run("os du --json", timeout=600))
    guest.run("ostree fsck --repo=/ostree/repo -q", timeout=600)
    row.seen.append(f"diff, etc-diff, du, prune: {_gone(before, after, told)}")


def _gone(before, after, told):
    freed = told.get("bytes", told.get("size"))
    return f"{freed} bytes, {len(before['deployments'])} → {len(after['deployments'])} deployments"


def hotfix(world, row):
    """A hotfix of /usr outlives a reboot, is seen, and ends with the next upgrade."""
    with world.start("fresh", "hotfix") as guest:
        guest.follow("good")
        guest.run("touch /usr/share/hot", code=1)
        guest.run("os unlock --hotfix")
        guest.run("echo hot > /usr/share/hot")
        _is_unlocked(guest, "hotfix")
        guest.run("os unlock", code=25)
        guest.reboot()
        guest.good_boot("base")
        guest.must(guest.run("cat /usr/share/hot") == "hot\n", "the hotfix is gone")
        _is_unlocked(guest, "hotfix")
        both = guest.status()["deployments"]
        guest.must(len(both) == 2, f"nothing to boot without the hotfix: {both}")
        guest.must(both[1]["unlocked"] == "none", f"the other one: {both[1]}")
        row.seen.append("it outlived a reboot; without it can be booted too")
        guest.run("os upgrade", timeout=600)
        guest.reboot()
        guest.good_boot("good")
        guest.run("test -e /usr/share/hot", code=1)
        _is_unlocked(guest, "none")
        row.seen.append("upgraded from it; the new release is without it")
        guest.run("os revert")
        default = guest.status()["deployments"][0]
        guest.must(default["unlocked"] == "hotfix", f"what boots next: {default}")
        row.seen.append("`os revert` leads back to it")


def _is_unlocked(guest, how):
    running = next(one for one in guest.status()["deployments"] if one["booted"])
    guest.must(running["unlocked"] == how, f"unlocked: {running['unlocked']}, not {how}")
    is_said = "hotfix" in guest.run("os status")
    guest.must(is_said or how == "none", "os status does not say it")


def _offer_another_ref(lab):
    """Publish another ref beside base, as another system of the same source would be."""
    lab.need("plain")
    if "server" in lab.releases:
        return
    lab.say("publishing another ref")
    repository = lab._repository()
    repo = repository._repo
    changes = {"usr/share/arkes-scenario": trees.File(data=b"server\n")}
    parent = lab.releases["good"]
    made = trees.commit(repository, parent, changes, ref=OTHER, version="server-1", late=9999)
    lab._sign(repository, made)
    newest = repository.head(REF)
    repo.set_ref_immediate(None, REF, lab.releases["plain"], None)
    lab._publish("server")
    # Views of other releases shall have base alone.
    repo.set_ref_immediate(None, OTHER, None, None)
    repo.set_ref_immediate(None, REF, newest, None)
    lab.done.write_text(json.dumps({**lab.releases, "server": made}, indent=1))


def _version_of(lab, release):
    about = lab._repository()._repo.load_commit(lab.releases[release])[1].get_child_value(0)
    return about.lookup_value("version", None).get_string()
