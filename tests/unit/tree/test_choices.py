"""Try set_units, set_sysctl and set_kernel_arguments; the units with the real systemctl."""

from __future__ import annotations

import tomllib

import pytest

UNITS = "set_units"
PRESET = "usr/lib/systemd/system-preset/50-arkes.preset"
SYSCTL = "usr/lib/sysctl.d/90-arkes.conf"
KARGS = "usr/lib/bootc/kargs.d/80-arkes.toml"
WANTED = "[Install]\nWantedBy=multi-user.target\n"


@pytest.fixture(params=["debian", "arch"])
def tree(request, make_tree):
    tree = make_tree(request.param)
    folder = "usr/lib/systemd/system"
    tree.write(f"{folder}/web.service", WANTED + "Alias=www.service\n")
    tree.write(f"{folder}/mail.service", WANTED)
    tree.write(f"{folder}/tidy.timer", "[Install]\nWantedBy=timers.target\n")
    tree.write(f"{folder}/helper.service", "[Service]\nExecStart=/bin/true\n")
    tree.write(f"{folder}/tty@.service", WANTED + "DefaultInstance=one\n")
    (tree.root / folder / "gone.service").symlink_to("/dev/null")
    (tree.root / folder / "post.service").symlink_to("mail.service")
    tree.write("usr/lib/systemd/user/sound.socket", "[Install]\nWantedBy=sockets.target\n")
    return tree


def links(tree, manager="system"):
    """Return the links that say what runs: path below the manager's folder, and target."""
    folder = tree.root / "etc/systemd" / manager
    found = (path for path in folder.rglob("*") if path.is_symlink())
    return {str(path.relative_to(folder)): path.readlink().name for path in found}


def preset(tree, path=PRESET):
    return [line for line in tree.read(path).splitlines() if not line.startswith("#")]


ON = {"multi-user.target.wants/web.service": "web.service", "www.service": "web.service"}


def test_units_are_turned_on_off_and_masked_and_a_preset_says_so(tree):
    words = ("--enable", "web", "tidy.timer", "--disable", "mail.service", "--mask", "helper")
    done = tree.run(UNITS, *words)
    assert done.code == 0, done.said
    timer = {"timers.target.wants/tidy.timer": "tidy.timer"}
    assert links(tree) == ON | timer | {"helper.service": "null"}
    said = [
        "disable helper.service",
        "disable mail.service",
        "enable tidy.timer",
        "enable web.service",
    ]
    assert preset(tree) == said
    before = links(tree), tree.read(PRESET)
    assert tree.run(UNITS, *words).code == 0
    assert (links(tree), tree.read(PRESET)) == before


def test_the_last_word_about_a_unit_counts(tree):
    tree.run(UNITS, "--enable", "web", "--mask", "mail")
    done = tree.run(UNITS, "--enable", "mail", "--disable", "web")
    assert done.code == 0, done.said
    assert links(tree) == {"multi-user.target.wants/mail.service": "mail.service"}
    assert preset(tree) == ["enable mail.service", "disable web.service"]


def test_what_also_turns_on_stays_off_when_that_is_said(tree):
    tree.write("usr/lib/systemd/system/net.service", WANTED + "Also=mail.service\n")
    assert tree.run(UNITS, "--enable", "net", "--disable", "mail").code == 0
    assert links(tree) == {"multi-user.target.wants/net.service": "net.service"}
    # And the other way round: to turn net off takes mail with it, which was asked for.
    assert tree.run(UNITS, "--enable", "mail", "--disable", "net").code == 0
    assert links(tree) == {"multi-user.target.wants/mail.service": "mail.service"}


def test_a_preset_names_all_instances_of_a_template(tree):
    wants = "multi-user.target.wants"
    assert tree.run(UNITS, "--enable", "tty@").code == 0
    assert tree.run(UNITS, "--enable", "tty@two.service").code == 0
    both = {f"{wants}/tty@{name}.service": "tty@.service" for name in ("one", "two")}
    assert (links(tree), preset(tree)) == (both, ["enable tty@.service one two"])
    assert tree.run(UNITS, "--disable", "tty@one.service").code == 0
    assert preset(tree) == ["enable tty@.service two"]
    assert tree.run(UNITS, "--mask", "tty@two.service").code == 0
    assert (links(tree), preset(tree)) == (
        {"tty@two.service": "null"},
        ["disable tty@.service"],
    )


def test_a_second_name_can_be_masked_by_itself(tree):
    tree.run(UNITS, "--enable", "web")
    done = tree.run(UNITS, "--mask", "www.service", "post")
    assert done.code == 0, done.said
    web = {"multi-user.target.wants/web.service": "web.service"}
    assert links(tree) == web | {"www.service": "null", "post.service": "null"}


def test_a_unit_of_the_machine_itself_is_not_replaced_by_a_mask(tree):
    own = tree.write("etc/systemd/system/own.service", WANTED)
    assert tree.run(UNITS, "--mask", "own").code == 1
    assert own.read_text() == WANTED


def test_a_persons_units_are_another_managers(tree):
    done = tree.run(UNITS, "--user", "--enable", "sound.socket")
    assert done.code == 0, done.said
    assert links(tree, "user") == {"sockets.target.wants/sound.socket": "sound.socket"}
    path = "usr/lib/systemd/user-preset/50-arkes.preset"
    assert preset(tree, path) == ["enable sound.socket"]
    assert links(tree) == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([], "usage", id="nothing"),
        pytest.param(["web"], "usage", id="a unit without a verb"),
        pytest.param(["--enable"], "usage", id="a verb without a unit"),
        pytest.param(["--start", "web"], "not a unit's name: '--start'", id="another verb"),
        pytest.param(["--enable", "a b"], "not a unit's name", id="a space"),
        pytest.param(["--enable", "../x.service"], "not a unit's name", id="a path"),
        pytest.param(["--enable", "*.service"], "not a unit's name", id="a pattern"),
        pytest.param(["--enable", "a\nb"], "control character", id="two lines"),
        pytest.param(["--enable", "sda.device"], "turned on or off", id="a device"),
        pytest.param(["--enable", "ngnix"], "there is no system unit ngnix.service", id="a typo"),
        pytest.param(["--mask", "ngnix"], "there is no system unit ngnix", id="a typo in a mask"),
        pytest.param(
            ["--user", "--enable", "web"], "there is no user unit web", id="a system's unit"
        ),
        pytest.param(["--enable", "www"], "www.service is another name of web", id="an alias"),
        pytest.param(["--enable", "post"], "another name of mail.service", id="a linked unit"),
        pytest.param(["--enable", "gone"], "masked by its package", id="what a package masks"),
        pytest.param(["--enable", "helper"], "no [Install] section", id="a static unit"),
        pytest.param(
            ["--enable", "web", "--mask", "web.service"], "named twice", id="two wishes at once"
        ),
    ],
)
def test_a_wrong_wish_turns_nothing_on(tree, words, said):
    done = tree.run(UNITS, *words)
    assert done.code == 64, done.said
    assert said in done.said
    assert links(tree) == {}
    assert not (tree.root / PRESET).exists()


def test_a_later_value_replaces_an_earlier_one(tree):
    assert tree.run("set_sysctl", "vm.swappiness=10", "net.ipv4.ip_forward=1").code == 0
    ports = "net.ipv4.ip_local_port_range=1024 65000"
    assert tree.run("set_sysctl", "vm/swappiness=20", ports).code == 0
    expected = [
        "net.ipv4.ip_forward = 1",
        "vm.swappiness = 20",
        "net.ipv4.ip_local_port_range = 1024 65000",
    ]
    assert tree.read(SYSCTL).splitlines()[1:] == expected
    before = tree.read(SYSCTL)
    assert tree.run("set_sysctl", "vm.swappiness=20", ports).code == 0
    assert tree.read(SYSCTL) == before


def test_a_name_with_dots_in_it_is_kept_apart(tree):
    assert tree.run("set_sysctl", "net/ipv4/conf/eth0.100/rp_filter=1", "-a.b=x=y").code == 0
    expected = ["net.ipv4.conf.eth0/100.rp_filter = 1", "-a.b = x=y"]
    assert tree.read(SYSCTL).splitlines()[1:] == expected


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("", id="nothing"),
        pytest.param("vm.swappiness", id="no value"),
        pytest.param("vm.swappiness=", id="an empty value"),
        pytest.param("=1", id="no key"),
        pytest.param("vm.=1", id="half a key"),
        pytest.param("../etc=1", id="a path out"),
        pytest.param("a/../../b=1", id="a path that climbs"),
        pytest.param("a b=1", id="a space in a key"),
        pytest.param("a= 1", id="a space before a value"),
        pytest.param("#a=1", id="a comment"),
        pytest.param("a=1\nb=2", id="two lines"),
    ],
)
def test_what_is_no_parameter_is_refused(tree, word):
    assert tree.run("set_sysctl", "vm.swappiness=10", word).code == 64
    assert not (tree.root / SYSCTL).exists()


def kargs(tree):
    return tomllib.loads(tree.read(KARGS))


def test_kernel_arguments_are_added_in_order_and_once(tree):
    quoted = 'dyndbg="file drivers/usb/* +p"'
    words = ["console=tty0", "console=ttyS0", "quiet", quoted, "x=a\\b&c", "quiet"]
    done = tree.run("set_kernel_arguments", *words)
    assert done.code == 0, done.said
    assert kargs(tree) == {"kargs": words[:-1]}
    assert tree.run("set_kernel_arguments", "splash", "quiet").code == 0
    assert kargs(tree) == {"kargs": [*words[:-1], "splash"]}
    before = tree.read(KARGS)
    assert tree.run("set_kernel_arguments", quoted).code == 0
    assert tree.read(KARGS) == before


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("", id="nothing"),
        pytest.param("quiet splash", id="two in one"),
        pytest.param('a="b', id="an open quote"),
        pytest.param("=x", id="no name"),
        pytest.param("é", id="a letter outside ASCII"),
        pytest.param("a\nb", id="two lines"),
    ],
)
def test_what_is_no_kernel_argument_is_refused(tree, word):
    assert tree.run("set_kernel_arguments", "quiet", word).code == 64
    assert not (tree.root / KARGS).exists()


def test_a_file_of_somebody_else_is_left_alone(tree):
    tree.write(KARGS, 'kargs = ["own"]\n')
    done = tree.run("set_kernel_arguments", "quiet")
    assert done.code == 64
    assert "another's file" in done.said
    assert tree.read(KARGS) == 'kargs = ["own"]\n'
