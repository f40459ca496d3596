"""Write what a machine needs to update from a published repository."""

import configparser

import pytest

from arkes_build.delivery.publishing.remote import PLACEHOLDER, settings, write


@pytest.mark.parametrize(
    ("url", "is_signed", "expected"),
    [
        pytest.param(
            "https://example.org/os",
            True,
            {
                "url": "mirrorlist=https://example.org/os/mirrorlist",
                "contenturl": "https://example.org/os",
                "gpg-verify": "true",
                "gpg-verify-summary": "true",
            },
            id="signed, with an address",
        ),
        pytest.param(
            "",
            True,
            {"url": PLACEHOLDER, "gpg-verify": "true", "gpg-verify-summary": "true"},
            id="signed, without an address",
        ),
        pytest.param(
            "https://example.org/os",
            False,
            {
                "url": "https://example.org/os",
                "gpg-verify": "false",
                "gpg-verify-summary": "false",
            },
            id="not signed",
        ),
    ],
)
def test_the_settings_of_a_remote(url, is_signed, expected):
    parser = configparser.ConfigParser()
    parser.read_string(settings("os", url, is_signed=is_signed))
    assert {name: dict(parser[name]) for name in parser.sections()} == {'remote "os"': expected}


def test_all_trusted_keys_are_in_one_file(tmp_path):
    keyrings = [tmp_path / name for name in ("a.gpg", "b.gpg")]
    for path in keyrings:
        path.write_bytes(path.name.encode())
    write(tmp_path, "os", "", keyrings, is_signed=True)
    assert (tmp_path / "os.gpg").read_bytes() == b"a.gpgb.gpg"
    write(tmp_path, "os", "", [], is_signed=False)
    assert not (tmp_path / "os.gpg").exists()
