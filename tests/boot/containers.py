# x-timeout=240
"""A fresh user runs containers without root, and units made of containers start."""

import shlex

# A root file system of four programs and their libraries, without any registry: what is in
# the image already is copied into a tar file.
SMALLEST = """\
cd /var/tmp && rm -rf probe && mkdir -p probe/bin probe/tmp probe/proc probe/sys probe/dev
for name in sh cat id sleep; do
    cp -L "/usr/bin/$name" probe/bin/
    cp -L --parents $(ldd "/usr/bin/$name" | grep -o '/[^ ]*') probe/
done
tar -C probe -cf probe.tar . && chmod 0644 probe.tar && rm -rf probe
"""
PERSON = "probe"
QUADLET = """\
[Unit]
Description=A container that does nothing for long

[Container]
Image=localhost/smallest
Pull=never
Network=none
# A first process has to say itself that it ends when it is asked to.
Exec=sh -c "trap 'exit 0' TERM; sleep infinity & wait"

[Install]
WantedBy=default.target
"""
IMAGE = "localhost/smallest"
CONTAINERFILE = """\
FROM localhost/smallest
RUN echo built >/what
CMD ["cat", "/what"]
"""


def as_person(guest, *argv, **words):
    return guest.run(*argv, user=PERSON, **words)


def test_a_new_user_gets_a_range_of_ids_and_a_home_under_var(guest):
    guest.shell(SMALLEST)
    guest.run("useradd", "--create-home", PERSON)
    # As after a login at the console: their own service manager runs.
    guest.run("loginctl", "enable-linger", PERSON)
    for file in ("/etc/subuid", "/etc/subgid"):
        assert guest.out("grep", f"^{PERSON}:", file).endswith(":65536")
    assert guest.out("getent", "passwd", PERSON).split(":")[5:] == [
        f"/var/home/{PERSON}",
        "/bin/bash",
    ]
    guest.wait_for("systemctl", "is-active", f"user@{guest.out('id', '-u', PERSON)}.service")


def test_somebody_asked_for_the_network_that_units_of_containers_wait_for(guest):
    guest.wait_for("systemctl", "is-active", "network-online.target", seconds=90)


def test_their_storage_is_native_overlay_under_var(guest):
    form = "{{.Store.GraphRoot}} {{.Store.GraphDriverName}} {{.Host.CgroupsVersion}}"
    found = as_person(guest, "podman", "info", "--format", form).out.split()
    assert found == [f"/var/home/{PERSON}/.local/share/containers/storage", "overlay", "v2"]
    native = '{{index .Store.GraphStatus "Native Overlay Diff"}}'
    assert as_person(guest, "podman", "info", "--format", native).out.strip() == "true"


def test_they_run_a_container_with_ids_of_their_own(guest):
    as_person(guest, "podman", "import", "--quiet", "/var/tmp/probe.tar", IMAGE)
    inside = as_person(guest, "podman", "run", "--rm", IMAGE, "cat", "/proc/self/uid_map").out
    own, others = (line.split() for line in inside.splitlines())
    assert own == ["0", guest.out("id", "-u", PERSON), "1"]
    assert others == ["1", guest.out("grep", f"^{PERSON}:", "/etc/subuid").split(":")[1], "65536"]


def test_a_limit_holds_because_cgroups_are_delegated(guest):
    limited = ("podman", "run", "--rm", "--network=none", "--memory=64m", "--cpuset-cpus=0")
    read = "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpuset.cpus"
    assert as_person(guest, *limited, IMAGE, "sh", "-c", read).out.split() == ["67108864", "0"]


def test_they_build_an_image(guest):
    as_person(guest, "mkdir", "context")
    guest.put(f"/var/home/{PERSON}/context/Containerfile", CONTAINERFILE)
    as_person(guest, "podman", "build", "--quiet", "--tag=localhost/built", "context")
    assert as_person(guest, "podman", "run", "--rm", "--network=none", "localhost/built").out == (
        "built\n"
    )


def test_a_unit_of_their_own_starts_a_container(guest):
    folder = f"/var/home/{PERSON}/.config/containers/systemd"
    as_person(guest, "mkdir", "-p", folder)
    guest.put(f"{folder}/idle.container", QUADLET)
    as_person(guest, "systemctl", "--user", "daemon-reload")
    as_person(guest, "systemctl", "--user", "start", "idle.service")
    shown = as_person(guest, "podman", "ps", "--format", "{{.Names}} {{.Image}}").out
    assert shown.split() == ["systemd-idle", f"{IMAGE}:latest"]
    as_person(guest, "systemctl", "--user", "stop", "idle.service")


def test_a_unit_of_the_system_starts_a_container(guest):
    guest.run("podman", "import", "--quiet", "/var/tmp/probe.tar", IMAGE)
    guest.put("/etc/containers/systemd/idle.container", QUADLET)
    guest.run("systemctl", "daemon-reload")
    try:
        guest.run("systemctl", "start", "idle.service")
        assert guest.out("podman", "ps", "--format", "{{.Names}}") == "systemd-idle"
        where = guest.out("podman", "info", "--format", "{{.Store.GraphRoot}}")
        assert where == "/var/lib/containers/storage"
    finally:
        guest.run("systemctl", "stop", "idle.service", check=False)
        guest.run("rm", "/etc/containers/systemd/idle.container")
        guest.run("systemctl", "daemon-reload")


def test_updates_of_containers_are_on_and_removing_images_is_a_choice(guest):
    units = {
        "podman-auto-update.timer": "enabled",
        "arkes-container-prune.timer": "disabled",
    }
    for unit, wanted in units.items():
        assert guest.run("systemctl", "is-enabled", unit, check=False).out.strip() == wanted
        theirs = as_person(guest, "systemctl", "--user", "is-enabled", unit, check=False)
        assert theirs.out.strip() == wanted
    guest.run("podman", "auto-update", "--dry-run")
    guest.run("systemctl", "start", "arkes-container-prune.service")


def test_the_image_that_nobody_uses_any_more_goes(guest):
    prune = guest.file("/usr/lib/systemd/system/arkes-container-prune.service")
    command = next(line for line in prune.splitlines() if line.startswith("ExecStart="))
    argv = shlex.split(command.removeprefix("ExecStart=").replace("until=720h", "until=0s"))
    guest.run(*argv)
    assert guest.run("podman", "image", "exists", IMAGE, check=False).exit == 1
    guest.run("loginctl", "disable-linger", PERSON)
    guest.run("loginctl", "terminate-user", PERSON, check=False)
    guest.run("rm", "-f", "/var/tmp/probe.tar")
