import pytest

from arkes_build.bootstrap.apt_sources import (
    KEYRING,
    Entry,
    Source,
    choose,
    credentials,
    given,
    parse_deb822,
    parse_lines,
    read,
    split_credentials,
    write,
)

DEB822 = """\
Types: deb deb-src
# a comment in the middle
URIs: https://mirror.example.org/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://mirror.example.org/debian-security/
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: https://off.example.org/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: https://source.example.org/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://vendor.example.org/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
"""

MAIN = "https://mirror.example.org/debian"
SECURITY = "https://mirror.example.org/debian-security/"


def entry(uri, suite, *components, signed_by=""):
    return Entry(uri=uri, suite=suite, components=components or ("main",), signed_by=signed_by)


def test_stanzas_are_read_with_comments_folds_and_switches():
    found = list(parse_deb822(DEB822))
    assert [(e.uri, e.suite, e.components) for e in found] == [
        (MAIN, "bookworm", ("main", "contrib")),
        (MAIN, "bookworm-updates", ("main", "contrib")),
        (SECURITY, "bookworm-security", ("main",)),
        ("https://vendor.example.org/debian", "bookworm", ("main",)),
    ]
    assert found[-1].signed_by.startswith("\n-----BEGIN PGP")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "deb http://m.example.org/debian sid main contrib # comment",
            [entry("http://m.example.org/debian", "sid", "main", "contrib")],
            id="plain",
        ),
        pytest.param(
            "deb [arch=amd64 signed-by=/k.gpg] http://m.example.org/debian trixie main",
            [entry("http://m.example.org/debian", "trixie", "main", signed_by="/k.gpg")],
            id="options",
        ),
        pytest.param("deb-src http://m.example.org/debian sid main", [], id="sources"),
        pytest.param("# deb http://m.example.org/debian sid main", [], id="commented out"),
        pytest.param("deb", [], id="broken"),
    ],
)
def test_lines_are_read(line, expected):
    assert list(parse_lines(line)) == expected


@pytest.mark.parametrize(
    ("suite", "expected"),
    [
        pytest.param(
            "bookworm",
            (
                Source(uri=MAIN, suites=("bookworm", "bookworm-updates")),
                Source(uri=SECURITY, suites=("bookworm-security",)),
            ),
            id="the machine's own",
        ),
        pytest.param(
            "trixie",
            (
                Source(uri=MAIN, suites=("trixie", "trixie-updates")),
                Source(uri=SECURITY, suites=("trixie-security",)),
            ),
            id="another release",
        ),
        pytest.param("sid", (Source(uri=MAIN, suites=("sid",)),), id="sid has no updates"),
    ],
)
def test_a_suite_comes_from_where_the_machines_comes_from(suite, expected):
    assert choose(parse_deb822(DEB822), suite) == expected


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([], id="no entry"),
        pytest.param([entry("https://u.example.org/ubuntu", "noble")], id="another distribution"),
        pytest.param(
            [entry("https://d.example.org/linux/debian", "bookworm", "stable")],
            id="a third party's component",
        ),
        pytest.param(
            [entry("https://v.example.org/debian", "bookworm", signed_by="/vendor.gpg")],
            id="a third party's key",
        ),
        pytest.param(
            [entry("https://s.example.org/debian-security", "bookworm-security")],
            id="security alone",
        ),
        pytest.param([entry("https://b.example.org", "cloud-sdk-bookworm")], id="a name inside"),
    ],
)
def test_nothing_is_taken_from_anybody_else(entries):
    assert choose(entries, "trixie") == ()


def test_old_security_suites_and_backports():
    entries = [
        entry(MAIN, "buster"),
        entry(SECURITY, "buster/updates"),
        entry(MAIN, "buster-backports"),
    ]
    assert choose(entries, "trixie") == (
        Source(uri=MAIN, suites=("trixie",)),
        Source(uri=SECURITY, suites=("trixie-security",)),
    )


def test_signed_entries_win_over_unsigned_ones():
    entries = [
        entry("https://other.example.org/debian", "bookworm"),
        entry(MAIN, "bookworm", signed_by=KEYRING),
    ]
    assert choose(entries, "bookworm") == (Source(uri=MAIN, suites=("bookworm",)),)


def test_files_are_read_in_order_and_others_are_left_alone(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.example.org/debian sid main\n")
    (tmp_path / "sources.list.d/b.sources").write_text(DEB822)
    (tmp_path / "sources.list.d/a.list").write_text("deb http://b.example.org/debian sid main\n")
    (tmp_path / "sources.list.d/c.list.save").write_text("deb http://c.example.org sid main\n")
    assert [e.uri for e in read(tmp_path)][:3] == [
        "http://a.example.org/debian",
        "http://b.example.org/debian",
        MAIN,
    ]
    assert read(tmp_path / "nothing") == ()


def test_given_mirrors_serve_the_suite_and_its_security():
    assert given([MAIN, SECURITY], "trixie") == (
        Source(uri=MAIN, suites=("trixie",)),
        Source(uri=SECURITY, suites=("trixie-security",)),
    )


def test_the_tree_knows_the_mirrors_but_no_password():
    source = Source(uri="https://me:pass%20word@m.example.org:8080/debian", suites=("sid",))
    assert write([source], ["main", "contrib"], {"Check-Valid-Until": "no"}) == (
        "Types: deb\n"
        "URIs: https://m.example.org:8080/debian\n"
        "Suites: sid\n"
        "Components: main contrib\n"
        f"Signed-By: {KEYRING}\n"
        "Check-Valid-Until: no\n"
    )
    assert credentials([source, source]) == (
        "machine https://m.example.org:8080/debian login me password pass word\n"
    )


def test_a_url_without_a_user_needs_no_password():
    assert split_credentials(MAIN) == (MAIN, "")
