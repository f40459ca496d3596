# x-timeout=420
"""What comes with the image is locked, and what the machine owns stays over a reboot."""

OWNED = ("home", "opt", "usr/local/bin", "srv", "root", "mnt", "etc", "var/lib", "var/cache")
LINKS = {
    "/home": "var/home",
    "/root": "var/roothome",
    "/opt": "var/opt",
    "/srv": "var/srv",
    "/mnt": "var/mnt",
    "/usr/local": "../var/usrlocal",
    "/ostree": "sysroot/ostree",
    "/bin": "usr/bin",
    "/lib": "usr/lib",
}


def test_the_top_of_the_tree_leads_into_var(guest):
    found = {link: guest.out("readlink", link) for link in LINKS}
    assert found == LINKS


def test_nothing_can_be_written_into_usr_even_by_root(guest):
    for place in (
        "/usr/bin/kept-probe",
        "/usr/lib/kept-probe",
        "/bin/kept-probe",
        "/kept-probe",
        "/sysroot/kept-probe",
    ):
        tried = guest.run("touch", place, check=False)
        assert tried.exit, f"{place} was written"
        assert "Read-only" in tried.err or "not permitted" in tried.err, tried.err


def test_an_empty_var_was_filled_on_the_first_boot(guest):
    wanted = ("home", "log", "tmp", "cache", "opt", "lib", "spool", "roothome", "usrlocal/bin")
    assert [name for name in wanted if not guest.exists(f"/var/{name}")] == []
    modes = guest.out("stat", "--dereference", "--format", "%a %n", "/tmp", "/var/tmp", "/root")
    assert modes.splitlines() == ["1777 /tmp", "1777 /var/tmp", "700 /root"]


def test_each_account_of_the_image_is_there(guest):
    missing = guest.shell(
        "systemd-sysusers --dry-run 2>&1 | grep -i '^would create\\|^creating' || true"
    ).out
    assert missing == ""


def test_what_the_machine_owns_outlives_a_reboot(guest):
    for folder in OWNED:
        guest.put(f"/{folder}/kept-probe", f"{folder}\n")
    guest.put("/tmp/kept-probe", "gone\n")
    boots = len(guest.out("journalctl", "--list-boots", "--no-pager").splitlines())
    guest.reboot()
    kept = {folder: guest.file(f"/{folder}/kept-probe").strip() for folder in OWNED}
    guest.run("rm", "--", *(f"/{folder}/kept-probe" for folder in OWNED))
    assert kept == {folder: folder for folder in OWNED}
    assert not guest.exists("/tmp/kept-probe")
    # The journal of the boot before is there as well.
    after = guest.out("journalctl", "--list-boots", "--no-pager").splitlines()
    assert len(after) == boots + 1


def test_the_second_boot_was_as_good_as_the_first(guest):
    assert guest.verdict.is_good, guest.verdict
    assert guest.run("systemctl", "list-units", "--failed", "--plain", "--no-legend").out == ""
