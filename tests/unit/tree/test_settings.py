from __future__ import annotations

import pytest

MACHINE = "setup_machine"


def clean(**settings):
    """Return an environment without the tester's own settings."""
    names = ("HOSTNAME", "TIMEZONE", "KEYMAP", "FONT", "LANGUAGE", "ENCODING", "WIRELESS_REGDOM")
    return dict.fromkeys(names, "") | settings


@pytest.fixture(params=["debian", "arch"])
def tree(request, make_tree):
    tree = make_tree(request.param)
    for zone in ("UTC", "Europe/Berlin", "America/Argentina/Ushuaia"):
        tree.write(f"usr/share/zoneinfo/{zone}")
    for language in ("en_GB", "de_DE"):
        tree.write(f"usr/share/i18n/locales/{language}")
    tree.write("usr/share/X11/xkb/symbols/de")
    return tree


def test_nothing_set_changes_nothing(tree):
    before = sorted(tree.root.rglob("*"))
    assert tree.run(MACHINE, **clean()).code == 0
    assert sorted(tree.root.rglob("*")) == before


@pytest.mark.parametrize("name", ["ed3988a0156f", "builder"])
def test_the_name_of_the_build_is_nobodys_wish(tree, name):
    tree.write("etc/hostname", "builder\n")
    assert tree.run(MACHINE, **clean(HOSTNAME=name)).code == 0
    assert not (tree.root / "usr/lib/arkes").exists()


def test_all_settings_are_written(tree):
    done = tree.run(
        MACHINE,
        **clean(
            HOSTNAME="desk.example.org",
            TIMEZONE="Europe/Berlin",
            KEYMAP="de-latin1",
            FONT="ter-v16n",
            LANGUAGE="de_DE",
            ENCODING="UTF-8",
            WIRELESS_REGDOM="DE",
        ),
    )
    assert done.code == 0, done.said
    # /etc/hostname belongs to the build tool while an image is made.
    assert tree.read("usr/lib/arkes/hostname") == "desk.example.org\n"
    assert str((tree.root / "etc/localtime").readlink()) == "../usr/share/zoneinfo/Europe/Berlin"
    assert tree.read("etc/vconsole.conf") == "KEYMAP=de-latin1\nXKBLAYOUT=de\nFONT=ter-v16n\n"
    assert tree.read("etc/locale.conf") == "LANG=de_DE.UTF-8\n"
    assert tree.read("etc/locale.gen") == "de_DE.UTF-8 UTF-8\n"
    assert done.of("locale-gen") == [[]]
    regdom = tree.read("etc/modprobe.d/wireless-regdom.conf")
    assert regdom == "options cfg80211 ieee80211_regdom=DE\n"


def test_a_second_call_replaces_what_the_first_wrote(tree):
    tree.run(MACHINE, **clean(KEYMAP="us", LANGUAGE="en_GB", TIMEZONE="UTC"))
    tree.run(MACHINE, **clean(KEYMAP="fr", LANGUAGE="de_DE", TIMEZONE="Europe/Berlin"))
    assert tree.read("etc/vconsole.conf") == "KEYMAP=fr\n"
    assert tree.read("etc/locale.conf") == "LANG=de_DE.UTF-8\n"
    assert str((tree.root / "etc/localtime").readlink()) == "../usr/share/zoneinfo/Europe/Berlin"


def test_a_locales_modifier_comes_after_its_encoding(tree):
    tree.write("usr/share/i18n/locales/de_DE@euro")
    assert tree.run(MACHINE, **clean(LANGUAGE="de_DE@euro", ENCODING="ISO-8859-15")).code == 0
    assert tree.read("etc/locale.conf") == "LANG=de_DE.ISO-8859-15@euro\n"
    assert tree.read("etc/locale.gen") == "de_DE.ISO-8859-15@euro ISO-8859-15\n"


def test_the_built_in_locale_is_not_generated(tree):
    done = tree.run(MACHINE, **clean(LANGUAGE="C"))
    assert (done.code, done.calls) == (0, [])
    assert tree.read("etc/locale.conf") == "LANG=C.UTF-8\n"


def test_debians_link_of_the_keyboard_is_cut_not_followed(make_tree):
    tree = make_tree("debian")
    tree.write("etc/default/keyboard", 'XKBLAYOUT="us"\n')
    (tree.root / "etc/vconsole.conf").symlink_to("default/keyboard")
    assert tree.run(MACHINE, **clean(KEYMAP="fr")).code == 0
    assert tree.read("etc/vconsole.conf") == "KEYMAP=fr\n"
    assert tree.read("etc/default/keyboard") == 'XKBLAYOUT="us"\n'


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        pytest.param("HOSTNAME", "-desk", id="a host name with a dash first"),
        pytest.param("HOSTNAME", "desk-", id="a host name with a dash last"),
        pytest.param("HOSTNAME", "a..b", id="a host name with an empty part"),
        pytest.param("HOSTNAME", "a b", id="a host name with a space"),
        pytest.param("HOSTNAME", "a_b", id="a host name with an underscore"),
        pytest.param("HOSTNAME", "a" * 64, id="a part of 64 characters"),
        pytest.param("HOSTNAME", ".".join(["a" * 60] * 5), id="a host name of 304 characters"),
        pytest.param("HOSTNAME", "desk\nroot", id="a host name of two lines"),
        pytest.param("TIMEZONE", "Europe/Atlantis", id="a place that is not"),
        pytest.param("TIMEZONE", "Europe", id="a folder of places"),
        pytest.param("TIMEZONE", "../../../etc/shadow", id="a path out of the time zones"),
        pytest.param("TIMEZONE", "/etc/shadow", id="an absolute path"),
        pytest.param("KEYMAP", "us\nFONT=x", id="a second setting in a keymap"),
        pytest.param("KEYMAP", "$(reboot)", id="a command in a keymap"),
        pytest.param("KEYMAP", "../us", id="a path in a keymap"),
        pytest.param("FONT", "-x", id="an option in a font"),
        pytest.param("LANGUAGE", "xx_XX", id="a language that is not there"),
        pytest.param("LANGUAGE", "../x", id="a path in a language"),
        pytest.param("LANGUAGE", "de DE", id="a space in a language"),
        pytest.param("WIRELESS_REGDOM", "Germany", id="a country in words"),
        pytest.param("WIRELESS_REGDOM", "de", id="a country in small letters"),
    ],
)
def test_a_wrong_setting_is_refused_before_it_is_written(tree, setting, value):
    before = sorted(tree.root.rglob("*"))
    done = tree.run(MACHINE, **clean(**{setting: value}))
    assert (done.code, done.calls) == (64, [])
    assert done.said.startswith("[setup_machine] error: ")
    assert sorted(tree.root.rglob("*")) == before


OS_RELEASE = 'NAME="Example"\nVARIANT="Old"\nVARIANT_ID=old\nID=example\n'


def test_the_variant_is_written_and_the_rest_kept(tree):
    tree.write("usr/lib/os-release", OS_RELEASE)
    done = tree.run(
        "set_variant", VARIANT='My "Own" $HOME `x` \\', VARIANT_ID="own", VERSION_ID="1.2"
    )
    assert done.code == 0, done.said
    assert tree.read("usr/lib/os-release") == (
        'NAME="Example"\nID=example\n'
        'VARIANT="My \\"Own\\" \\$HOME \\`x\\` \\\\"\nVARIANT_ID="own"\nVERSION_ID="1.2"\n'
    )


def test_without_a_display_name_the_id_serves(tree):
    tree.write("usr/lib/os-release", "ID=example\n")
    assert tree.run("set_variant", VARIANT_ID="own").code == 0
    assert tree.read("usr/lib/os-release") == 'ID=example\nVARIANT="own"\nVARIANT_ID="own"\n'


@pytest.mark.parametrize(
    ("environment", "build"),
    [
        ({"BUILD_ID": "b", "HASH": "h", "VERSION_ID": "v"}, "b"),
        ({"HASH": "h", "VERSION_ID": "v"}, "h"),
        ({"VERSION_ID": "v"}, "v"),
    ],
    ids=["BUILD_ID is asked first", "then HASH", "then VERSION_ID"],
)
def test_the_build_id_is_the_first_that_is_set(tree, environment, build):
    tree.write("usr/lib/os-release", "ID=example\nBUILD_ID=old\n")
    assert tree.run("set_build_id", **environment).code == 0
    assert tree.read("usr/lib/os-release") == f'ID=example\nBUILD_ID="{build}"\n'


@pytest.mark.parametrize(
    ("script", "environment", "code"),
    [
        pytest.param("set_variant", {}, 64, id="no variant"),
        pytest.param("set_variant", {"VARIANT_ID": "A b"}, 64, id="an id with a space"),
        pytest.param("set_variant", {"VARIANT_ID": "a", "VARIANT": "x\ny"}, 64, id="two lines"),
        pytest.param("set_build_id", {}, 64, id="no build"),
        pytest.param("set_build_id", {"HASH": "x\ny"}, 64, id="a hash of two lines"),
    ],
)
def test_os_release_stays_whole_when_a_value_is_wrong(tree, script, environment, code):
    tree.write("usr/lib/os-release", OS_RELEASE)
    assert tree.run(script, **environment).code == code
    assert tree.read("usr/lib/os-release") == OS_RELEASE
