"""Check which values are right, which are not, and what is said of those."""

import sys

import pytest

from arkes_build.core.names import Family
from arkes_build.project.declare import values
from arkes_build.project.declare.zones import SYSTEM, names_of, zones

RIGHT = {
    "HOSTNAME": ("a", "web1", "WEB.example.org", "1.2", "a-b", "x" * 63),
    "TIMEZONE": ("UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Europe/Kiev"),
    "LOCALE": ("C.UTF-8", "de_DE.UTF-8", "eo.UTF-8", "sr_RS.UTF-8@latin", "ast_ES.UTF-8"),
    "KEYMAP": ("us", "de-latin1", "dvorak-ca-fr", "mac-de-latin1", "fr_CH"),
    "FONT": ("Lat15-Terminus16", "ter-v32n", "eurlatgr", "UniCyr_8x16.psf"),
}
WRONG = {
    "HOSTNAME": ("a_b", "-a", "a-", "a..b", ".a", "a b", "ä", "x" * 64, ".".join(["x" * 63] * 4)),
    "TIMEZONE": ("europe/berlin", "Berlin", "/etc/passwd", "../UTC", "Europe", "UTC\n"),
    "LOCALE": ("de_DE", "de_DE.utf8", "de_de.UTF-8", "C", "en_US.ISO-8859-1", "x/y.UTF-8"),
    "KEYMAP": ("../us", "/us", "a b", "-us", "us;x", "a//b", "us\n"),
    "FONT": ("..", "a/../b", "$x"),
}


@pytest.mark.parametrize(
    ("keyword", "text"), [(keyword, text) for keyword in RIGHT for text in RIGHT[keyword]]
)
def test_right_settings(keyword, text):
    assert values.SETTINGS[keyword](text) is None


@pytest.mark.parametrize(
    ("keyword", "text"), [(keyword, text) for keyword in WRONG for text in WRONG[keyword]]
)
def test_wrong_settings(keyword, text):
    problem = values.SETTINGS[keyword](text)
    assert problem is not None
    assert (problem.message + problem.remedy).isprintable()


MEANT = {
    "a host name with an underscore": ("HOSTNAME", "my_box", "did you mean 'my-box'?"),
    "a time zone in small letters": ("TIMEZONE", "europe/berlin", "did you mean 'Europe/Berlin'?"),
    "a time zone with a space": (
        "TIMEZONE",
        "America/New York",
        "did you mean 'America/New_York'?",
    ),
    "a slip in a time zone": ("TIMEZONE", "Europe/Berlni", "did you mean 'Europe/Berlin'?"),
    "a locale without its encoding": ("LOCALE", "de_DE", "did you mean 'de_DE.UTF-8'?"),
    "an encoding as glibc spells it": ("LOCALE", "de_DE.utf8", "did you mean 'de_DE.UTF-8'?"),
    "a country in small letters": ("LOCALE", "de_de@euro", "did you mean 'de_DE.UTF-8@euro'?"),
    "the old name of C": ("LOCALE", "POSIX", "did you mean 'C.UTF-8'?"),
}


@pytest.mark.parametrize(("keyword", "text", "remedy"), MEANT.values(), ids=MEANT.keys())
def test_what_was_meant(keyword, text, remedy):
    assert values.SETTINGS[keyword](text).remedy == remedy


PACKAGES = {
    "nginx": "both",
    "libstdc++6": "both",
    "g++=4:12.2.0-3": "both",
    "libc6:amd64": "debian",
    "linux-image-amd64=6.1.115-1~deb12u1": "both",
    "Vim": "arch",
    "r": "arch",
    "gtk_theme": "arch",
    "@base": "arch",
    "-nginx": "",
    "nginx-": "",
    "--force": "",
    "a/b": "",
    "../x": "",
    "ng*": "",
    "nginx=": "",
    "nginx=-1": "",
    "nginx=a b": "",
    "ng;inx": "",
    "nginx\n": "",
    "": "",
}


@pytest.mark.parametrize(("text", "where"), PACKAGES.items(), ids=[repr(p) for p in PACKAGES])
def test_packages(text, where):
    right = {family.value for family in Family if values.package(text, family) is None}
    assert right == ({"arch", "debian"} if where == "both" else {where} - {""})


def test_a_removed_package_has_no_version():
    assert values.package_name("nano=1", Family.DEBIAN).remedy == "write nano"


AUR = {
    "yay": True,
    "yay=v12.4.2": True,
    "yay=abc123": True,
    "yay=feature/x": True,
    "Yay": False,
    "yay=": False,
    "yay=-x": False,
    "yay=a..b": False,
    "yay=$(x)": False,
}


@pytest.mark.parametrize(("text", "right"), AUR.items(), ids=AUR.keys())
def test_packages_of_the_aur(text, right):
    assert (values.aur_package(text) is None) is right


UNITS = {
    "nginx": "nginx.service",
    "nginx.service": "nginx.service",
    "org.example.App": "org.example.App.service",
    "getty@tty1": "getty@tty1.service",
    "getty@.service": "getty@.service",
    "podman.socket": "podman.socket",
    "dev-disk-by\\x2dlabel-swap.swap": "dev-disk-by\\x2dlabel-swap.swap",
    "nginx.servce": None,
    "backup.tmer": None,
    "sys-x.device": None,
    "session-1.scope": None,
    "a b": None,
    "a/b.service": None,
    "--now": None,
    "x" * 250: None,
    "": None,
}


@pytest.mark.parametrize(("text", "whole"), UNITS.items(), ids=[repr(u)[:20] for u in UNITS])
def test_units(text, whole):
    if whole is None:
        assert values.unit(text) is not None
    else:
        assert (values.unit(text), values.unit_with_kind(text)) == (None, whole)


ARGUMENTS = {
    "quiet": True,
    "console=ttyS0,115200": True,
    'dyndbg="file x +p"': True,
    "a b": False,
    'a="b': False,
    "=x": False,
    "ostree=/x": False,
    "ä": False,
    "a\nb": False,
    "": False,
}


@pytest.mark.parametrize(("text", "right"), ARGUMENTS.items(), ids=[repr(a) for a in ARGUMENTS])
def test_kernel_arguments(text, right):
    assert (values.kernel_argument(text) is None) is right


PARAMETERS = {
    "vm.swappiness=10": True,
    "-net.ipv4.ip_forward=1": True,
    "net/ipv4/conf/eth0.1/rp_filter=2": True,
    "net.ipv4.conf.*.rp_filter=1": True,
    "kernel.core_pattern=|/bin/x %P": True,
    "vm..x=1": False,
    ".vm=1": False,
    "vm.=1": False,
    "vm.x=": False,
    "vm.x= 1": False,
    "vm.x=a\nb": False,
    "v m=1": False,
}


@pytest.mark.parametrize(("text", "right"), PARAMETERS.items(), ids=[repr(p) for p in PARAMETERS])
def test_kernel_parameters(text, right):
    assert (values.sysctl(text) is None) is right


@pytest.mark.parametrize(
    ("key", "same"),
    [
        ("net.ipv4.ip_forward", "net.ipv4.ip_forward"),
        ("net/ipv4/ip_forward", "net.ipv4.ip_forward"),
        ("net/ipv4/conf/eth0.1/x", "net.ipv4.conf.eth0/1.x"),
        ("-vm.x", "vm.x"),
    ],
)
def test_one_key_however_it_is_written(key, same):
    assert values.parameter(key) == same


def test_the_zones_are_read_once():
    assert zones() is zones()
    assert len(zones()) > 500


def test_the_systems_own_database_names_the_same_zones():
    database = "# version 2026a\nR d 1916 o - Jun 14 23s 1 S\nZ Europe/Berlin 0:53:28 - LMT 1893\n"
    links = "1 c CE%sT\nL Europe/Berlin Europe/Oslo\n"
    assert names_of(database + links) == {"Europe/Berlin", "Europe/Oslo"}


def test_without_the_package_the_system_is_asked(monkeypatch):
    monkeypatch.setitem(sys.modules, "tzdata", None)
    assert {"Europe/Berlin", "UTC"} <= zones.__wrapped__()
    assert SYSTEM.is_file()
