# x-timeout=120
"""The machine came up as the system that was meant, and can say so."""

import json


def test_the_deployment_that_runs_is_the_commit_that_was_tested(guest):
    arguments = guest.file("/proc/cmdline").split()
    named = [each.removeprefix("ostree=") for each in arguments if each.startswith("ostree=")]
    assert len(named) == 1, f"{len(named)} ostree= arguments on the kernel's command line"
    deployed = guest.out("readlink", "-f", f"/sysroot{named[0]}")
    assert f"/deploy/{guest.commit}." in deployed, deployed


def test_the_release_names_the_node(guest):
    release = guest.file("/usr/lib/os-release").replace('"', "").splitlines()
    assert f"VARIANT_ID={guest.node}" in release


def test_somebody_could_log_in(guest):
    guest.run("systemctl", "is-active", "getty.target", "systemd-logind.service")


def test_os_status_tells_of_the_booted_deployment(guest):
    status = json.loads(guest.out("os", "status", "--json"))
    booted = [each for each in status["deployments"] if each["booted"]]
    assert [each["commit"] for each in booted] == [guest.commit]


def test_everybody_may_ping_and_nobody_is_led_astray_in_tmp(guest):
    guest.run("runuser", "-u", "nobody", "--", "ping", "-c1", "-W5", "127.0.0.1")
    kept = guest.out("sysctl", "-n", "fs.protected_symlinks", "fs.protected_regular")
    assert kept.split() == ["1", "2"]
