from __future__ import annotations

import pytest

ADD = "add_pacman_repository"
SERVER = "--server=https://example.org/$repo"
KEY = "A64228CCD26972801C2CE6E3EC931EA46980BA1B"


def test_a_repository_comes_before_the_distributions_own(arch):
    done = arch.run(ADD, SERVER, "--server=https://example.com/$repo/os/$arch", "extra-things")
    assert done.code == 0, done.said
    assert arch.read("etc/pacman.conf") == (
        "[options]\nArchitecture = auto\n\n"
        "[extra-things]\n"
        "SigLevel = Required DatabaseOptional\n"
        "Server = https://example.org/$repo\n"
        "Server = https://example.com/$repo/os/$arch\n"
        "\n"
        "[core]\nInclude = x\n"
    )
    assert done.calls == []


def test_a_repository_is_added_to_a_file_with_options_only(arch):
    arch.write("etc/pacman.conf", "[options]\n")
    assert arch.run(ADD, SERVER, "one").code == 0
    assert arch.read("etc/pacman.conf") == (
        "[options]\n[one]\nSigLevel = Required DatabaseOptional\n"
        "Server = https://example.org/$repo\n"
    )


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
        pytest.param([SERVER, "one", "two"], 64, id="two names"),
        pytest.param([SERVER, "--siglevel=Never", "one"], 64, id="an unknown option"),
        pytest.param([SERVER, "options"], 64, id="pacman's own section"),
        pytest.param([SERVER, "core"], 64, id="a repository that is there"),
        pytest.param([SERVER, "a]b"], 64, id="a name with a bracket"),
        pytest.param([SERVER, "a\nb"], 64, id="a name of two lines"),
        pytest.param(
            ["--server=https://x\nSigLevel = Never", "one"], 64, id="a server of two lines"
        ),
        pytest.param(["--server=ftp://example.org", "one"], 64, id="a server without checks"),
        pytest.param(["--server=https://x y", "one"], 64, id="a server with a space"),
        pytest.param([SERVER, "--key=not hex", "one"], 64, id="a key that is no fingerprint"),
        pytest.param([SERVER, "--keyfile=/x", "one"], 64, id="a key file and no fingerprint"),
        pytest.param([SERVER, f"--key={KEY}", "--keyfile=x", "one"], 64, id="a relative key file"),
        pytest.param([SERVER, f"--key={KEY}", "--keyserver=-x", "one"], 64, id="an option for gpg"),
    ],
)
def test_a_wrong_repository_leaves_the_file_alone(arch, words, code):
    before = arch.read("etc/pacman.conf")
    done = arch.run(ADD, *words)
    assert done.code == code, done.said
    assert arch.read("etc/pacman.conf") == before


@pytest.mark.parametrize(
    ("script", "words"), [(ADD, [SERVER, "one"]), ("install_aur_packages", ["yay"])]
)
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
    ]
    assert done.of("pacman") == [
        [*flags, "-Sy"],
        [*flags, "-Su", "--needed", "--asdeps", "--", "base-devel", "git"],
        [*flags, "-Su", "--needed", "--asdeps", "--", "glibc", "go>=1.22"],
        [*flags, "-U", "--", f"{folder}/out/yay-1-any.pkg.tar.zst"],
        ["-Qdtq"],
    ]
    rights = ["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]
    assert [call[:4] for call in done.of("setpriv")] == [rights] * 3
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
