import pytest

from arkes_build.core.blame import Cause, blame, without_credentials

APT_OFFLINE = [
    "Err:1 http://mirror.example.org/debian trixie InRelease",
    "  Temporary failure resolving 'mirror.example.org'",
    "W: Failed to fetch http://mirror.example.org/debian/dists/trixie/InRelease",
    "E: Unable to locate package vim",
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ["Reading package lists...", "E: Unable to locate package frobnicate"],
            (Cause.PACKAGE, "frobnicate"),
            id="apt does not know a package",
        ),
        pytest.param(
            ["E: Unable to locate package one", "E: Unable to locate package two"],
            (Cause.PACKAGE, "one, two"),
            id="apt does not know two packages",
        ),
        pytest.param(
            ["E: Package 'python2' has no installation candidate"],
            (Cause.PACKAGE, "python2"),
            id="apt knows the name only from others",
        ),
        pytest.param(
            ["E: Version '9.9' for 'bash' was not found"],
            (Cause.PACKAGE, "bash=9.9"),
            id="apt does not have that version",
        ),
        pytest.param(
            ["error: target not found: frobnicate"],
            (Cause.PACKAGE, "frobnicate"),
            id="pacman does not know a package",
        ),
        pytest.param(
            [
                "error: failed retrieving file 'core.db' from one.example.org : timed out",
                "error: target not found: frobnicate",
            ],
            (Cause.PACKAGE, "frobnicate"),
            id="pacman got its lists from the second mirror",
        ),
        pytest.param(
            APT_OFFLINE,
            (Cause.NETWORK, "mirror.example.org"),
            id="apt has no lists because offline",
        ),
        pytest.param(
            ["error: failed retrieving file 'core.db' from two.example.org : Could not resolve"],
            (Cause.NETWORK, "two.example.org"),
            id="pacman reaches no mirror",
        ),
        pytest.param(
            ["curl: (6) Could not resolve host: files.example.org"],
            (Cause.NETWORK, "files.example.org"),
            id="curl cannot resolve",
        ),
        pytest.param(
            ['Get "https://r.example.org/v2/": dial tcp: lookup r.example.org on 9.9.9.9:53: no'],
            (Cause.NETWORK, "r.example.org"),
            id="a registry cannot be resolved",
        ),
        pytest.param(
            ["dial tcp 127.0.0.1:443: connect: connection refused"],
            (Cause.NETWORK, ""),
            id="a registry refuses",
        ),
        pytest.param(
            ["E: Unable to locate package x", "tar: write error: No space left on device"],
            (Cause.DISK, ""),
            id="a full disk explains everything else",
        ),
    ],
)
def test_the_tail_tells_the_cause(lines, expected):
    found = blame(lines)
    assert (found.cause, found.subject) == expected


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="nothing"),
        pytest.param(["make: *** [all] Error 2"], id="a compiler"),
        pytest.param(["E: Unable to locate package x", *["fine"] * 60], id="long ago"),
        pytest.param(["the job timed out"], id="a time-out that is no connection's"),
    ],
)
def test_other_output_tells_nothing(lines):
    assert blame(lines) is None


def test_the_evidence_is_the_programs_own_lines():
    assert blame(APT_OFFLINE).evidence == ("Temporary failure resolving 'mirror.example.org'",)


def test_a_password_in_a_url_is_hidden():
    text = "Err http://me:secret@mirror.example.org/debian and https://x@y/"
    assert (
        without_credentials(text) == "Err http://***@mirror.example.org/debian and https://***@y/"
    )
