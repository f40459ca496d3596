from __future__ import annotations

from pathlib import Path

import pytest

HOOKS = [
    "--hookdir",
    str(Path(__file__).parents[3] / "overlay/rootfs/usr/lib/system/families/hooks"),
]
HOSTILE = [
    pytest.param("", id="nothing"),
    pytest.param("-y", id="an option"),
    pytest.param("--root=/", id="a long option"),
    pytest.param("a b", id="a space"),
    pytest.param("a\nb", id="a line end"),
    pytest.param("a;reboot", id="a command"),
    pytest.param("$(reboot)", id="a substitution"),
    pytest.param("*", id="a pattern"),
    pytest.param("nano-", id="apt's word for removing"),
    pytest.param("../nano", id="a path out"),
    pytest.param("/tmp/nano.deb", id="a file"),
    pytest.param("./nano.deb", id="a file beside"),
    pytest.param("~nnano", id="an apt pattern"),
    pytest.param("?name(nano)", id="another apt pattern"),
    pytest.param("nano/sid", id="another suite"),
    pytest.param("nano=", id="an empty version"),
    pytest.param("nano=-1", id="a version that is an option"),
    pytest.param("nano=1=2", id="two versions"),
    pytest.param("näno", id="a letter outside ASCII"),
]
USUAL = ["nano", "g++", "libstdc++6", "0ad", "python3.13", "a@b", "nano=8.4-1+deb13u1", "x=1:2~rc1"]


def install_calls(tree):
    if tree.family == "debian":
        return [["update", "--error-on=any"], ["install", "--"]]
    flags = ["--noconfirm", "--noprogressbar"]
    return [[*flags, "-Sy"], [*flags, *HOOKS, "-Su", "--needed", "--"]]


def manager(tree):
    return "apt-get" if tree.family == "debian" else "pacman"


@pytest.mark.parametrize("family", ["debian", "arch"])
class TestBothFamilies:
    @pytest.mark.parametrize("name", HOSTILE)
    @pytest.mark.parametrize("script", ["install_packages", "remove_packages", "package_layer"])
    def test_a_hostile_name_reaches_no_package_manager(self, make_tree, family, script, name):
        done = make_tree(family).run(script, "nano", name)
        assert (done.code, done.calls) == (64, [])
        assert "error: not a package" in done.said

    def test_install_gives_the_names_as_they_are(self, make_tree, family):
        tree = make_tree(family)
        done = tree.run("install_packages", *USUAL)
        assert done.code == 0, done.said
        update, install = install_calls(tree)
        assert done.of(manager(tree)) == [update, [*install, *USUAL]]

    @pytest.mark.parametrize("script", ["install_packages", "remove_packages", "package_layer"])
    def test_without_names_it_says_how_it_is_called(self, make_tree, family, script):
        done = make_tree(family).run(script)
        assert (done.code, done.calls) == (64, [])
        assert f"usage: {script}" in done.said

    def test_the_package_managers_exit_code_and_words_come_through(self, make_tree, family):
        tree = make_tree(family)
        words = "E: Unable to locate package nope" if family == "debian" else "target not found"
        code = 100 if family == "debian" else 1
        tree.answer(manager(tree), f'case "$*" in *nope*) echo "{words}" >&2; exit {code} ;; esac')
        done = tree.run("package_layer", "nope")
        assert done.code == code
        assert words in done.said

    def test_after_a_failure_the_next_call_starts_anew(self, make_tree, family):
        tree = make_tree(family)
        tree.answer(manager(tree), "exit 1\n")
        assert tree.run("install_packages", "nano").code == 1
        assert not (tree.root / "run/arkes-packages").exists()

    def test_several_commands_open_and_close_once(self, make_tree, family):
        tree = make_tree(family)
        update, install = install_calls(tree)
        assert tree.run("initialize_pacman").of(manager(tree)) == [update]
        assert tree.run("install_packages", "a").of(manager(tree)) == [[*install, "a"]]
        assert tree.run("install_packages", "b").of(manager(tree)) == [[*install, "b"]]
        assert tree.run("remove_pacman_files").of(manager(tree)) == []
        assert tree.run("install_packages", "c").of(manager(tree)) == [update, [*install, "c"]]

    @pytest.mark.parametrize("word", ["", "-a", "a b", "$(x)", "[a-z]"])
    def test_what_is_no_pattern_lists_nothing(self, make_tree, family, word):
        done = make_tree(family).run("list_installed", word)
        assert (done.code, done.calls) == (64, [])


def test_a_debian_layer_is_one_transaction(debian):
    done = debian.run("package_layer", "a", "--rm", "b", "--add", "c=1.0")
    assert done.code == 0, done.said
    assert done.of("apt-get") == [
        ["update", "--error-on=any"],
        ["install", "--", "a", "c=1.0"],
        ["purge", "--auto-remove", "--", "b"],
        ["purge", "--auto-remove"],
    ]


def test_an_arch_layer_is_one_transaction(arch):
    done = arch.run("package_layer", "a", "--rm", "b", "--add", "c=1.0")
    assert done.code == 0, done.said
    flags = ["--noconfirm", "--noprogressbar"]
    assert done.of("pacman") == [
        [*flags, "-Sy"],
        [*flags, *HOOKS, "-Su", "--needed", "--", "a", "c=1.0"],
        [*flags, "-Rcns", "--", "b"],
        ["-Qdtq"],
    ]


@pytest.mark.parametrize("family", ["debian", "arch"])
def test_a_removal_alone_fetches_nothing(make_tree, family):
    tree = make_tree(family)
    done = tree.run("package_layer", "--rm", "nano")
    assert done.code == 0, done.said
    assert not any("update" in call or "-Sy" in call for call in done.of(manager(tree)))


def test_apt_asks_nothing_and_starts_nothing(debian):
    debian.answer(
        "apt-get",
        'cp "$SYSTEM_ROOT/usr/sbin/policy-rc.d" "$FAKES/policy"\n'
        'printf "%s %s" "$DEBIAN_FRONTEND" "$APT_CONFIG" >"$FAKES/seen"\n',
    )
    assert debian.run("install_packages", "nano").code == 0
    assert (debian.fakes / "policy").read_text() == "#!/bin/sh\nexit 101\n"
    frontend, config = (debian.fakes / "seen").read_text().split()
    assert frontend == "noninteractive"
    assert config.endswith("/families/apt.conf")
    assert not (debian.root / "usr/sbin/policy-rc.d").exists()


def test_apt_leaves_no_lists_caches_or_locks(debian):
    left = [
        *("var/lib/apt/lists/x_Packages", "var/cache/apt/archives/nano.deb"),
        *("usr/lib/sysimage/dpkg/status-old", "usr/lib/sysimage/dpkg/available"),
        *("usr/lib/sysimage/dpkg/lock", "usr/lib/sysimage/dpkg/lock-frontend"),
    ]
    for path in left:
        debian.write(path)
    assert debian.run("remove_pacman_files").code == 0
    assert [path for path in left if (debian.root / path).exists()] == []
    assert (debian.root / "usr/lib/sysimage/dpkg/status").exists()


def test_apt_downloads_into_the_shared_cache_and_links_from_there(debian, tmp_path):
    cache = tmp_path / "cache"
    (cache / "apt/archives").mkdir(parents=True)
    (cache / "apt/archives/old_1_all.deb").write_text("old")
    debian.answer(
        "apt-get",
        "archives=$SYSTEM_ROOT/var/cache/apt/archives\n"
        'case "$*" in\n'
        "*--download-only*) echo new >$archives/new_1_all.deb ;;\n"
        'install*) { cat $archives/*.deb; ls -l $archives; } >"$FAKES/installed" ;;\n'
        "update*) echo list >${4#Dir::State::lists=}/x_InRelease ;;\n"
        "esac\n",
    )
    done = debian.run("install_packages", "nano", SYSTEM_CACHE=str(cache))
    assert done.code == 0, done.said
    lists = f"Dir::State::lists={cache}/apt/lists"
    assert done.of("apt-get") == [
        ["update", "--error-on=any", "-o", lists, "-o", "APT::Get::List-Cleanup=false"],
        ["install", "--download-only", "--", "nano"],
        ["install", "--", "nano"],
    ]
    installed = (debian.fakes / "installed").read_text()
    assert installed.startswith("new\nold")
    assert f"new_1_all.deb -> {cache}/apt/archives/new_1_all.deb" in installed
    kept = sorted(path.name for path in (cache / "apt/archives").iterdir())
    assert kept == ["new_1_all.deb", "old_1_all.deb"]
    assert list((debian.root / "var/cache/apt").iterdir()) == []
    assert list((debian.root / "var/lib/apt/lists").iterdir()) == []


@pytest.mark.parametrize(("listed", "code"), [(True, 0), (False, 100)])
def test_without_network_the_lists_of_the_last_time_serve(debian, tmp_path, listed, code):
    lists = tmp_path / "cache/apt/lists"
    lists.mkdir(parents=True)
    if listed:
        (lists / "x_InRelease").write_text("signed")
    debian.answer("apt-get", '[ "$1" != update ] || exit 100\n')
    done = debian.run("install_packages", "nano", SYSTEM_CACHE=str(tmp_path / "cache"))
    assert done.code == code
    assert ("those of the last time serve" in done.said) is listed


def test_pacman_downloads_into_the_shared_cache(arch, tmp_path):
    cache = tmp_path / "cache"
    done = arch.run("install_packages", "nano", SYSTEM_CACHE=str(cache))
    assert done.code == 0, done.said
    flags, folder = ["--noconfirm", "--noprogressbar"], str(cache / "pacman/pkg")
    assert done.of("pacman") == [
        [*flags, "-Sy"],
        [*flags, "-Suw", "--needed", "--cachedir", folder, "--", "nano"],
        [*flags, *HOOKS, "-Su", "--needed", "--cachedir", folder, "--", "nano"],
    ]


def test_databases_of_other_servers_have_another_place(arch, tmp_path):
    places = []
    for servers in ("Server = https://example.org/1\n", "Server = https://example.org/2\n"):
        arch.write("etc/pacman.d/mirrorlist", servers)
        cache = tmp_path / servers[-2]
        assert arch.run("install_packages", "nano", SYSTEM_CACHE=str(cache)).code == 0
        places += [path.name for path in (cache / "pacman").glob("sync-*")]
    assert len(set(places)) == 2


def test_databases_of_the_image_itself_are_read_anew(arch, tmp_path):
    arch.write("etc/pacman.d/mirrorlist", "Server = file:///usr/share/repository\n")
    assert arch.run("install_packages", "nano", SYSTEM_CACHE=str(tmp_path)).code == 0
    assert [path.name for path in (tmp_path / "pacman").glob("sync-*")] == []


def test_the_keyring_is_made_and_goes_with_its_secrets(arch):
    arch.answer(
        "pacman-key",
        'mkdir -p "$SYSTEM_ROOT/etc/pacman.d/gnupg"; : >"$SYSTEM_ROOT/etc/pacman.d/gnupg/secret"\n',
    )
    done = arch.run("install_packages", "nano")
    assert done.of("pacman-key") == [["--init"], ["--populate"]]
    home = f"{arch.root}/etc/pacman.d/gnupg"
    # The agents end, or they outlive a build without a process namespace.
    assert done.of("gpgconf") == [["--homedir", home, "--kill", "all"]] * 2
    assert not (arch.root / "etc/pacman.d/gnupg").exists()


def test_the_second_of_an_installation_is_in_no_layer(arch):
    local = "usr/lib/sysimage/pacman/local"
    text = "%NAME%\n{}\n\n%INSTALLDATE%\n{}\n\n%SIZE%\n1795000000\n\n%DESC%\n%INSTALLDATE%\n"
    arch.write(f"{local}/nano-8-1/desc", text.format("nano", 1795000001))
    old = arch.write(f"{local}/vi-1-1/desc", text.format("vi", 315532800))
    before = old.stat()
    assert arch.run("package_layer", "nano").code == 0
    assert arch.read(f"{local}/nano-8-1/desc") == text.format("nano", 315532800)
    assert (old.read_text(), old.stat().st_ino) == (text.format("vi", 315532800), before.st_ino)


def test_unused_packages_are_asked_for_until_there_are_none(arch):
    arch.answer(
        "pacman",
        'case "$*" in *-Qdtq*)\n'
        '  [ -e "$FAKES/two" ] && exit 1\n'
        '  if [ -e "$FAKES/one" ]; then : >"$FAKES/two"; echo c; exit; fi\n'
        '  : >"$FAKES/one"; echo a; echo b\n'
        "esac\n",
    )
    done = arch.run("remove_unused_packages")
    assert done.code == 0, done.said
    flags = ["--noconfirm", "--noprogressbar", "-Rns", "--"]
    removed = [call for call in done.of("pacman") if "-Rns" in call]
    assert removed == [[*flags, "a", "b"], [*flags, "c"]]


def test_installed_packages_are_listed_by_pattern(arch):
    arch.answer("pacman", "printf '%s\\n' linux linux-firmware nano\n")
    assert arch.run("list_installed", "linux*", "nan?").printed == "linux\nlinux-firmware\nnano\n"


def test_debian_lists_only_what_is_really_there(debian):
    debian.answer("dpkg-query", "printf '%s\\n' 'installed b' 'config-files c' 'installed a'\n")
    assert debian.run("list_installed", "*").printed == "a\nb\n"


def test_a_tree_of_neither_family_is_refused(debian):
    (debian.root / "usr/lib/sysimage/dpkg/status").unlink()
    done = debian.run("install_packages", "nano")
    assert (done.code, done.calls) == (69, [])
    assert "neither dpkg's nor pacman's database" in done.said
