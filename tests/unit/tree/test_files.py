from __future__ import annotations

import configparser
import json
import os
import re
import stat
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
OVERLAYS = REPOSITORY / "overlay"
TREE = [REPOSITORY / name for name in ("overlay", "variants", "templates", "examples")]
FILES = sorted(
    path
    for folder in TREE
    for path in folder.rglob("*")
    if path.is_file() and "tiny" not in path.parts
)


def named(paths):
    return [pytest.param(path, id=str(path.relative_to(REPOSITORY))) for path in paths]


SCRIPTS = [path for path in FILES if path.read_bytes().startswith((b"#!/bin/sh", b"# shellcheck"))]
PROGRAMS = [path for path in SCRIPTS if path.read_bytes().startswith(b"#!")]


@pytest.mark.parametrize("path", named(SCRIPTS))
def test_a_script_is_plain_sh(path, shellcheck):
    done = subprocess.run(
        [shellcheck, "--external-sources", "--shell=sh", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


@pytest.mark.parametrize("path", named(PROGRAMS))
def test_a_program_can_be_run_and_says_what_it_is_for(path):
    assert os.access(path, os.X_OK)
    assert path.read_text().splitlines()[1].startswith("# ")


def test_modes_are_those_of_the_image():
    odd = [
        f"{path.relative_to(REPOSITORY)} {mode:o}"
        for path in FILES
        if (mode := stat.S_IMODE(path.stat().st_mode)) not in {0o644, 0o755}
        or (mode == 0o755) != path.read_bytes().startswith(b"#!")
    ]
    assert odd == ["examples/server/overlay/server/etc/nftables.conf 644"]


def test_no_link_points_outside_its_overlay():
    outside = [
        path
        for overlay in OVERLAYS.iterdir()
        for path in overlay.rglob("*")
        if path.is_symlink() and not path.resolve().is_relative_to(overlay)
    ]
    assert outside == []


def test_two_overlays_of_one_chain_do_not_write_the_same_file():
    chains = [
        ("rootfs", "rootfs-debian", "base", "atomic", "nvidia"),
        ("rootfs", "rootfs-debian", "base", "slim-debian"),
    ]
    for chain in chains:
        written = [
            path.relative_to(OVERLAYS / name)
            for name in chain
            for path in (OVERLAYS / name).rglob("*")
            if not path.is_dir()
        ]
        assert sorted(written) == sorted(set(written))


def test_overlays_write_nothing_that_a_deployed_system_does_not_have():
    owned = ("var", "home", "root", "opt", "srv", "mnt", "run", "tmp", "boot")
    assert [str(o / d) for o in OVERLAYS.iterdir() for d in owned if (o / d).exists()] == []


def test_no_file_names_a_package_host():
    # Hosts that are only documentation or this machine are fine.
    host = re.compile(rb"https?://([A-Za-z0-9.-]+)")
    fine = re.compile(
        rb"(.*\.)?example(\.(org|com))?|localhost|uapi-group\.org|www\.freedesktop\.org"
    )
    found = {
        (str(path.relative_to(REPOSITORY)), match.decode())
        for path in [*FILES, REPOSITORY / "arkes.toml"]
        for match in host.findall(path.read_bytes())
        if not fine.fullmatch(match)
    }
    assert found == set()


@pytest.mark.parametrize(
    "path", named(p for p in FILES if ".service" in (p.suffix, p.parent.name[-10:-2]))
)
def test_a_unit_or_its_drop_in_has_settings_in_known_sections(path):
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(path.read_text())
    assert parser.sections()
    assert set(parser.sections()) <= {"Unit", "Service", "Install"}
    assert all(parser.options(section) for section in parser.sections())


@pytest.mark.parametrize("path", named(p for p in FILES if p.suffix == ".preset"))
def test_a_preset_is_made_of_enable_and_disable(path):
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "#"]
    assert [line for line in lines if not re.fullmatch(r"(enable|disable) \S+", line)] == []


def test_ssh_is_off_unless_somebody_turns_it_on():
    presets = sorted((OVERLAYS / "base/usr/lib/systemd/system-preset").iterdir())
    turned_on = re.compile(r"^enable sshd?(@\S*)?\.(service|socket)$", re.MULTILINE)
    assert not any(turned_on.search(path.read_text()) for path in presets)
    assert presets[-1].read_text().endswith("disable *\n")


@pytest.mark.parametrize(
    "path", named(p for p in FILES if p.parent.name == "tmpfiles.d" or "tmpfiles" in p.name)
)
def test_a_tmpfiles_line_has_path_mode_and_owner(path):
    lines = [line for line in path.read_text().splitlines() if line.startswith("d ")]
    form = r"d /var/\S+ [0-7]{4} [a-z]+ [a-z-]+ -"
    assert [line for line in lines if not re.fullmatch(form, line)] == []


@pytest.mark.parametrize("path", named(p for p in FILES if p.suffix == ".xml"))
def test_the_desktops_menus_and_keys_are_well_formed(path):
    root = ET.fromstring(path.read_text())  # noqa: S314 - our own file
    assert root.tag in {"labwc_config", "openbox_menu"}


def test_each_program_of_the_desktop_is_installed_by_both_families():
    text = (REPOSITORY / "variants/atomic.Containerfile").read_text()
    packages = {
        "foot": ("foot", "foot"),
        "fuzzel": ("fuzzel", "fuzzel"),
        "thunar": ("thunar", "thunar"),
        "mousepad": ("mousepad", "mousepad"),
        "pavucontrol": ("pavucontrol", "pavucontrol"),
        "nm-connection-editor": ("network-manager-applet", "network-manager-applet"),
        "swaylock": ("swaylock", "swaylock"),
        "wpctl": ("wireplumber", "wireplumber"),
        "brightnessctl": ("brightnessctl", "brightnessctl"),
        "waybar": ("waybar", "waybar"),
        "mako": ("mako-notifier", "mako"),
        "notify-send": ("libnotify-bin", "libnotify"),
    }
    debian, arch = re.findall(r"(?ms)^RUN --family=(?:debian|arch) .*?(?=^[A-Z]|\Z)", text)
    words = debian.split(), arch.split()
    missing = [
        name for name, own in packages.items() if own[0] not in words[0] or own[1] not in words[1]
    ]
    assert missing == []
    config = OVERLAYS / "atomic/etc/xdg/labwc"
    called = set(re.findall(r'command="([\w-]+)', (config / "rc.xml").read_text()))
    called |= set(re.findall(r'command="([\w-]+)', (config / "menu.xml").read_text()))
    own = {"arkes-screenshot", "systemctl"}
    assert called - own <= set(packages)


def test_the_bars_settings_are_json_with_comments():
    text = (OVERLAYS / "atomic/etc/xdg/waybar/config.jsonc").read_text()
    settings = json.loads(re.sub(r"(?m)^\s*//.*$", "", text))
    used = settings["modules-left"] + settings["modules-center"] + settings["modules-right"]
    assert [module for module in used if module not in settings] == []


# What arkes_build imports on the machine: Debian's package and Arch's.
LIBRARIES = {
    "click": ("python3-click", "python-click"),
    "gi": ("python3-gi", "python-gobject"),
    "jinja2": ("python3-jinja2", "python-jinja"),
    "lark": ("python3-lark", "python-lark-parser"),
    "networkx": ("python3-networkx", "python-networkx"),
    "podman": ("python3-podman", "python-podman"),
    "pydantic": ("python3-pydantic", "python-pydantic"),
    "rich": ("python3-rich", "python-rich"),
    "yaml": ("python3-yaml", "python-yaml"),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_of_the_os_command_is_installed_by_both_families(library):
    words = (REPOSITORY / "variants/base.Containerfile").read_text().split()
    assert [name for name in LIBRARIES[library] if name not in words] == []


def test_a_container_without_deployments_does_without_their_libraries():
    words = (REPOSITORY / "templates/slim.Containerfile").read_text().replace("'", " ").split()
    kept = {"python3-gi", "python-gobject"}
    wanted = {name for pair in LIBRARIES.values() for name in pair} - kept
    assert sorted(wanted.difference(words)) == []


def test_nothing_but_sources_of_a_checkout_reaches_the_image():
    hidden = (REPOSITORY / ".containerignore").read_text().splitlines()
    assert "**/__pycache__" in hidden


CHECKS = sorted((OVERLAYS / "base/usr/lib/system/validate.d").iterdir())


@pytest.mark.parametrize("path", named(CHECKS))
def test_a_check_of_the_image_has_a_place_in_the_order_and_changes_nothing(path):
    assert re.fullmatch(r"[0-9]{2}-[a-z]+", path.name)
    changing = r"(^|[;&|]\s*|\s)(rm|mv|cp|touch|mkdir|tee|install|chmod|chown) "
    lines = [line for line in path.read_text().splitlines() if not line.strip().startswith("#")]
    assert [line for line in lines if re.search(changing, line)] == []


def test_the_layouts_check_does_not_apply_where_nothing_is_deployed():
    done = subprocess.run([CHECKS[0]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (77, "this is not a deployed system\n")
