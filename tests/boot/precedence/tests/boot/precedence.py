# x-timeout=120
"""Overlay files win over a Systemfile's settings, and those over what base has."""


def test_what_the_overlay_says_comes_first(guest):
    assert guest.out("hostname") == "said-by-the-overlay"
    assert guest.out("sysctl", "-n", "kernel.pid_max") == "2000000"
    assert guest.out("systemctl", "show", "podman-restart.service", "-P", "Nice") == "7"
    memory = int(guest.out("awk", '$1 == "MemTotal:" { print $2 }', "/proc/meminfo"))
    swap = int(guest.out("cat", "/sys/block/zram0/disksize")) // 1024
    assert memory // 5 < swap < memory // 3


def test_then_comes_what_the_systemfile_says(guest):
    assert guest.out("readlink", "-f", "/etc/localtime") == "/usr/share/zoneinfo/Europe/Berlin"
    assert guest.out("sysctl", "-n", "vm.swappiness") == "41"
    assert guest.out("systemctl", "is-enabled", "podman-restart.service") == "enabled"


def test_and_the_rest_is_that_of_base(guest):
    assert guest.run("systemctl", "is-enabled", "ssh.service", check=False).out != "enabled\n"
    assert "Storage=persistent" in guest.out(
        "systemd-analyze", "cat-config", "systemd/journald.conf"
    )
    assert guest.out("systemctl", "is-enabled", "podman-auto-update.timer") == "enabled"


def test_a_container_unit_of_the_overlay_runs_since_the_boot(guest):
    guest.wait_for("systemctl", "is-active", "idle.service", seconds=60)
    assert guest.out("podman", "ps", "--format", "{{.Names}}") == "systemd-idle"
