from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ADD = "add_pacman_repository"
SERVER = "--server=https://example.org/$repo"
KEY = "A64228CCD26972801C2CE6E3EC931EA46980BA1B"


TRUSTED = f"--key={KEY}"
HOOKS = [
    "--hookdir",
    str(Path(__file__).parents[3] / "overlay/rootfs/usr/lib/system/families/hooks"),
]


@pytest.fixture
def keyed(arch):
    """Return an arch tree whose gpg holds every key that it is asked for."""
    arch.answer("gpg", "echo a public key\n")
    return arch


def test_a_repository_comes_before_the_distributions_own(keyed):
    servers = [SERVER, "--server=https://example.com/$repo/os/$arch"]
    done = keyed.run(ADD, TRUSTED, *servers, "extra-things")
    assert done.code == 0, done.said
    assert keyed.read("etc/pacman.conf") == (
        "[options]\nArchitecture = auto\n\n"
        "[extra-things]\n"
        "SigLevel = Required DatabaseOptional\n"
        "Server = https://example.org/$repo\n"
        "Server = https://example.com/$repo/os/$arch\n"
        "\n"
        "[core]\nInclude = x\n"
    )


def test_a_repository_is_added_to_a_file_with_options_only(keyed):
    keyed.write("etc/pacman.conf", "[options]\n")
    assert keyed.run(ADD, TRUSTED, SERVER, "one").code == 0
    assert keyed.read("etc/pacman.conf") == (
        "[options]\n[one]\nSigLevel = Required DatabaseOptional\n"
        "Server = https://example.org/$repo\n"
    )


def test_the_same_repository_twice_is_there_once(keyed):
    assert keyed.run(ADD, TRUSTED, SERVER, "one").code == 0
    once = keyed.read("etc/pacman.conf")
    assert keyed.run(ADD, TRUSTED, SERVER, "one").code == 0
    assert keyed.read("etc/pacman.conf") == once
    other = keyed.run(ADD, TRUSTED, "--server=https://example.com", "one")
    assert other.code == 64
    assert "has a repository 'one' already" in other.said
    assert keyed.read("etc/pacman.conf") == once


def test_all_keys_of_the_projects_own_file_are_trusted(arch):
    other = KEY[::-1]
    arch.answer(
        "gpg",
        'case "$*" in\n'
        f"*--show-keys*) printf 'pub:::\\nfpr:::::::::{KEY}:\\nsub::\\nfpr:::::::::{'A' * 40}:\\n"
        f"pub:::\\nfpr:::::::::{other}:\\n' ;;\n"
        "*) echo a public key ;;\n"
        "esac\n",
    )
    done = arch.run(ADD, "--keyfile=/run/arkes/keys/one", SERVER, "one")
    assert done.code == 0, done.said
    signed = [call[1] for call in done.of("pacman-key") if call[0] == "--lsign-key"]
    assert signed == [KEY, other]
    kept = sorted(path.name for path in (arch.root / "usr/lib/arkes/keys").iterdir())
    assert kept == sorted([f"{KEY}.gpg", f"{other}.gpg"])


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        pytest.param([], [["--recv-keys", KEY]], id="from the usual key server"),
        pytest.param(
            ["--keyserver=keys.example.org"],
            [["--keyserver", "keys.example.org", "--recv-keys", KEY]],
            id="from a key server",
        ),
        pytest.param(["--keyfile=/usr/x.gpg"], [["--add", "/usr/x.gpg"]], id="from a file"),
    ],
)
def test_the_key_is_trusted_and_kept_for_later_layers(arch, source, calls):
    arch.answer("gpg", "echo a public key\n")
    done = arch.run(ADD, f"--key={KEY}", *source, SERVER, "one")
    assert done.code == 0, done.said
    made = [["--init"], ["--populate"]]
    assert done.of("pacman-key") == [*made, *calls, ["--lsign-key", KEY]]
    assert arch.read(f"usr/lib/arkes/keys/{KEY}.gpg") == "a public key\n"
    # The next layer's keyring is a new one and takes the key from there.
    again = arch.run("install_packages", "nano").of("pacman-key")
    kept = f"{arch.root}/usr/lib/arkes/keys/{KEY}.gpg"
    assert again == [*made, ["--add", kept], ["--lsign-key", KEY]]


def test_a_key_that_the_file_does_not_hold_adds_nothing(arch):
    before = arch.read("etc/pacman.conf")
    done = arch.run(ADD, f"--key={KEY}", "--keyfile=/usr/x.gpg", SERVER, "one")
    assert done.code == 69
    assert arch.read("etc/pacman.conf") == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([], 64, id="nothing"),
        pytest.param(["one"], 64, id="no server"),
        pytest.param([SERVER], 64, id="no name"),
        pytest.param([SERVER, "one"], 64, id="nobody to trust"),
        pytest.param([SERVER, "one", "two"], 64, id="two names"),
        pytest.param([SERVER, "--siglevel=Never", "one"], 64, id="an unknown option"),
        pytest.param([SERVER, TRUSTED, "options"], 64, id="pacman's own section"),
        pytest.param([SERVER, TRUSTED, "core"], 64, id="a repository that is there"),
        pytest.param([SERVER, TRUSTED, "--suite=sid", "one"], 64, id="a suite"),
        pytest.param([SERVER, "a]b"], 64, id="a name with a bracket"),
        pytest.param([SERVER, "a\nb"], 64, id="a name of two lines"),
        pytest.param(
            ["--server=https://x\nSigLevel = Never", "one"], 64, id="a server of two lines"
        ),
        pytest.param(["--server=ftp://example.org", "one"], 64, id="a server without checks"),
        pytest.param(["--server=https://x y", "one"], 64, id="a server with a space"),
        pytest.param([SERVER, "--key=not hex", "one"], 64, id="a key that is no fingerprint"),
        pytest.param(
            [SERVER, "--keyfile=https://example.org/x", "one"], 64, id="a fetched key, unnamed"
        ),
        pytest.param([SERVER, "--keyserver=example.org", "one"], 64, id="a server's key, unnamed"),
        pytest.param([SERVER, "--keyfile=/x", "one"], 69, id="a key file without keys"),
        pytest.param([SERVER, f"--key={KEY}", "--keyfile=x", "one"], 64, id="a relative key file"),
        pytest.param([SERVER, f"--key={KEY}", "--keyserver=-x", "one"], 64, id="an option for gpg"),
    ],
)
def test_a_wrong_repository_leaves_the_file_alone(arch, words, code):
    before = arch.read("etc/pacman.conf")
    done = arch.run(ADD, *words)
    assert done.code == code, done.said
    assert arch.read("etc/pacman.conf") == before


DEBIAN_SERVER = "--server=https://example.org/debian"
SOURCES = "etc/apt/sources.list.d"


def test_apt_gets_a_source_that_only_one_keyring_may_sign(debian):
    debian.write(f"{SOURCES}/0000arkes.sources", "Types: deb\nSuites: trixie trixie-updates\n")
    key = debian.write("run/arkes/keys/tools", "armour")
    debian.answer("gpg", 'case "$*" in *--export*) echo a public key ;; esac\n')
    words = (ADD, TRUSTED, f"--keyfile={key}", DEBIAN_SERVER, "tools")
    done = debian.run(*words)
    assert done.code == 0, done.said
    assert debian.read(f"{SOURCES}/tools.sources") == (
        "Types: deb\nURIs: https://example.org/debian\nSuites: trixie\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/arkes-tools.gpg\n"
    )
    assert debian.read("usr/share/keyrings/arkes-tools.gpg") == "a public key\n"
    assert done.of("gpg")[-1][-2:] == ["--", KEY]
    assert done.of("apt-get") == []
    assert debian.run(*words).code == 0
    assert debian.run(*words[:-1], "--suite=sid", "tools").code == 64


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        pytest.param(
            ["--suite=stable", "--component=main", "--component=contrib,extra"],
            "Suites: stable\nComponents: main contrib extra\n",
            id="a suite with components",
        ),
        pytest.param(["--suite=./"], "Suites: ./\n", id="a folder without components"),
    ],
)
def test_a_suite_is_written_as_it_is_said(debian, words, fields):
    key = debian.write("run/key")
    debian.answer("gpg", 'case "$*" in *--export*) echo a public key ;; esac\n')
    done = debian.run(ADD, *words, f"--keyfile={key}", DEBIAN_SERVER, "tools")
    assert done.code == 0, done.said
    text = debian.read(f"{SOURCES}/tools.sources")
    assert text.partition("debian\n")[2].partition("Signed-By")[0] == fields


@pytest.mark.parametrize(
    ("source", "address"),
    [
        pytest.param(
            "--keyfile=https://example.org/key.asc", "https://example.org/key.asc", id="an address"
        ),
        pytest.param(
            "--keyserver=hkps://keys.example.org",
            f"https://keys.example.org/pks/lookup?op=get&options=mr&search=0x{KEY}",
            id="a key server",
        ),
    ],
)
def test_apt_fetches_a_key_that_is_named(debian, source, address):
    helper = debian.write(
        "usr/lib/apt/apt-helper", '#!/bin/sh\necho "$4" >"$5"; cp "$5" "$FAKES"\n'
    )
    helper.chmod(0o755)
    debian.answer("gpg", 'case "$*" in *--export*) echo a public key ;; esac\n')
    done = debian.run(ADD, TRUSTED, source, "--suite=sid", DEBIAN_SERVER, "tools")
    assert done.code == 0, done.said
    assert (debian.fakes / "key").read_text() == f"{address}\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([TRUSTED], 64, id="a key that is nowhere"),
        pytest.param(["--keyfile=/nope"], 1, id="a key file that is not there"),
        pytest.param(["--key=0123456789ABCDEF", "--keyfile=/x"], 64, id="half a fingerprint"),
        pytest.param([TRUSTED, "--keyserver=http://example.org"], 64, id="an open key server"),
        pytest.param(["--keyfile=/x", "--suite=-x"], 64, id="an option for a suite"),
        pytest.param(["--keyfile=/x", "--suite=a b"], 64, id="two suites"),
        pytest.param(["--keyfile=/x", "--suite=../x/"], 64, id="a suite that climbs"),
        pytest.param(["--keyfile=/x", "--suite=./", "--component=main"], 64, id="both forms"),
        pytest.param(["--keyfile=/x", "--component=*"], 64, id="a pattern for a component"),
        pytest.param(["--keyfile=/etc/passwd"], 69, id="a file without keys"),
    ],
)
def test_a_wrong_source_is_not_written(debian, words, code):
    debian.write("usr/lib/os-release", "VERSION_CODENAME=trixie\n")
    done = debian.run(ADD, *words, DEBIAN_SERVER, "tools")
    assert done.code == code, done.said
    assert not (debian.root / SOURCES / "tools.sources").exists()
    assert not (debian.root / "usr/share/keyrings/arkes-tools.gpg").exists()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Make two real keys; return fingerprint and exported file of each."""
    home = tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    made = []
    for name in ("one", "two"):
        person = f"{name} <{name}@example.org>"
        create = ["--passphrase", "", "--quick-generate-key", person, "ed25519", "sign", "never"]
        subprocess.run([*gpg, *create], check=True, capture_output=True)
        listed = subprocess.run(
            [*gpg, "--with-colons", "--list-keys", person], check=True, capture_output=True
        ).stdout.decode()
        fingerprint = next(
            line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr")
        )
        file = home / f"{name}.asc"
        text = subprocess.run(
            [*gpg, "--armor", "--export", fingerprint], check=True, capture_output=True
        ).stdout
        file.write_bytes(text)
        made.append((fingerprint, file))
    both = home / "both.asc"
    both.write_bytes(b"".join(file.read_bytes() for _, file in made))
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    return made, both


def fingerprints(path):
    command = ["gpg", "--show-keys", "--with-colons", str(path)]
    listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    return [line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr")]


def test_a_real_key_is_held_against_its_fingerprint(debian, keys):
    ((one, _), (_, second)), both = keys
    (debian.fakes / "bin/gpg").unlink()
    ring = debian.root / "usr/share/keyrings/arkes-tools.gpg"
    words = (ADD, "--suite=sid", DEBIAN_SERVER)
    wrong = debian.run(*words, f"--key={one}", f"--keyfile={second}", "tools")
    assert (wrong.code, ring.exists()) == (69, False)
    assert f"there is no key {one} in {second}" in wrong.said
    # Of a file with two keys only the one that was named may sign.
    assert debian.run(*words, f"--key={one}", f"--keyfile={both}", "tools").code == 0
    assert fingerprints(ring) == [one]
    assert sorted(p.name for p in (debian.root / "run").iterdir()) == []


def test_a_tree_without_gpg_has_it_for_this_moment_only(debian, keys):
    ((one, file), _), _ = keys
    (debian.fakes / "bin/gpg").unlink()
    tools = debian.fakes / "tools"
    tools.mkdir()
    own = "mktemp cat cp rm mv ln mkdir chmod sed head find tr awk sort env mountpoint sh"
    for name in own.split():
        (tools / name).symlink_to(shutil.which(name))
    debian.answer(
        "apt-get",
        f'case "$*" in install*gpg) ln -s {shutil.which("gpg")} "$FAKES/bin/gpg" ;;\n'
        'purge*gpg) rm "$FAKES/bin/gpg" ;; esac\n',
    )
    done = debian.run(
        *(ADD, "--suite=sid", DEBIAN_SERVER, f"--key={one}", f"--keyfile={file}", "tools"),
        PATH=f"{debian.fakes / 'bin'}:{tools}",
    )
    assert done.code == 0, done.said
    assert [call[0] for call in done.of("apt-get")] == ["update", "install", "purge"]
    assert not (debian.fakes / "bin/gpg").exists()


@pytest.mark.parametrize(("script", "words"), [("install_aur_packages", ["yay"])])
def test_debian_says_that_this_is_for_arch(debian, script, words):
    done = debian.run(script, *words, AUR_BASE="https://example.org")
    assert (done.code, done.calls) == (69, [])
    assert "is for arch" in done.said


AUR = {"AUR_BASE": "https://example.org/aur"}


@pytest.fixture
def builder(arch):
    """Return an arch tree in which Git has a package and makepkg builds it."""
    arch.answer(
        "git",
        'if [ "$1" = clone ]; then\n'
        "  for folder; do :; done\n"
        '  mkdir -p "$folder"\n'
        "  printf '\\tmakedepends = go>=1.22\\n\\tdepends = glibc\\n' >\"$folder/.SRCINFO\"\n"
        "fi\n",
    )
    arch.answer("makepkg", 'pwd >"$FAKES/where"; : >"$PKGDEST/yay-1-any.pkg.tar.zst"\n')
    return arch


def test_an_aur_package_is_built_without_rights_and_installed(builder):
    done = builder.run("install_aur_packages", "yay=v12.4", **AUR)
    assert done.code == 0, done.said
    folder = f"{builder.root}/var/lib/arkes/aur"
    flags = ["--noconfirm", "--noprogressbar"]
    assert done.of("git") == [
        ["clone", "--quiet", "--", "https://example.org/aur/yay.git", f"{folder}/yay"],
        ["-C", f"{folder}/yay", "checkout", "--quiet", "--detach", "v12.4", "--"],
        ["-C", f"{folder}/yay", "rev-parse", "HEAD"],
    ]
    assert done.of("pacman") == [
        [*flags, "-Sy"],
        [*flags, *HOOKS, "-Su", "--needed", "--asdeps", "--", "base-devel", "git"],
        [*flags, *HOOKS, "-Su", "--needed", "--asdeps", "--", "glibc", "go>=1.22"],
        [*flags, *HOOKS, "-U", "--", f"{folder}/out/yay-1-any.pkg.tar.zst"],
        ["-Qdtq"],
    ]
    rights = ["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]
    assert [call[:4] for call in done.of("setpriv")] == [rights] * 4
    assert (builder.fakes / "where").read_text() == f"{folder}/yay\n"
    assert not (builder.root / "var/lib/arkes/aur").exists()


def test_a_layer_builds_from_the_aur_after_its_packages(builder):
    done = builder.run("package_layer", "nano", "--aur", "yay", "--rm", "vim", **AUR)
    assert done.code == 0, done.said
    verbs = [
        next(word for word in call if word[:2] in {"-S", "-U", "-R", "-Q"})
        for call in done.of("pacman")
    ]
    assert verbs == ["-Sy", "-Su", "-Su", "-Su", "-U", "-Qdtq", "-Rcns", "-Qdtq"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param([], 64, "usage", id="nothing"),
        pytest.param(["../yay"], 64, "not a package name", id="a path out"),
        pytest.param(["-yay"], 64, "not a package name", id="an option"),
        pytest.param(["yay="], 64, "an empty version", id="an empty version"),
        pytest.param(["yay=--upload-pack=x"], 64, "not a version", id="an option for Git"),
        pytest.param(["yay=a b"], 64, "not a version", id="a version with a space"),
        pytest.param(["yay=a..b"], 64, "not a version", id="a range"),
    ],
)
def test_hostile_aur_names_reach_no_tool(builder, words, code, said):
    done = builder.run("install_aur_packages", *words, **AUR)
    assert (done.code, done.calls) == (code, [])
    assert said in done.said


def test_without_an_address_the_aur_is_not_guessed(builder):
    done = builder.run("install_aur_packages", "yay")
    assert (done.code, done.calls) == (64, [])
    assert "AUR_BASE is not set" in done.said


def test_a_package_that_the_aur_does_not_have_fails(builder):
    builder.answer("git", 'for folder; do :; done; mkdir -p "$folder"\n')
    done = builder.run("install_aur_packages", "nope", **AUR)
    assert done.code == 69
    assert "no such package" in done.said
