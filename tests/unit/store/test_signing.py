"""What GnuPG lists becomes keys, and a project's keyrings are found."""

import pytest

from arkes_build.store.signing import (
    FOLDER,
    KeyringUnreadable,
    SigningKey,
    _is_by,
    _keys,
    available_keys,
    keyring_keys,
    trusted_keyrings,
)

ONE, TWO = "A" * 40, "B" * 40
LISTED = f"""\
sec:u:255:22:AAAAAAAAAAAAAAAA:1700000000:::u:::scSC:::+::ed25519:::0:
fpr:::::::::{ONE}:
grp:::::::::{"0" * 40}:
uid:u::::1700000000::0000::Tiny \\x3a t\\xc3\\xa9st::::::::::0:
ssb:u:255:22:CCCCCCCCCCCCCCCC:1700000000::::::s:::+::ed25519::
fpr:::::::::{"C" * 40}:
sec:e:4096:1:BBBBBBBBBBBBBBBB:1600000000:1650000000::u:::sc:::+:::23::0:
fpr:::::::::{TWO}:
"""


def test_a_listing_is_read():
    assert tuple(_keys(LISTED, "sec")) == (
        SigningKey(
            fingerprint=ONE,
            owner="Tiny : tést",
            algorithm="ed25519",
            created=1_700_000_000,
            expires=None,
            subkeys=("C" * 40,),
        ),
        SigningKey(
            fingerprint=TWO,
            owner="",
            algorithm="rsa4096",
            created=1_600_000_000,
            expires=1_650_000_000,
            trouble="it has expired",
        ),
    )


@pytest.mark.parametrize(
    ("validity", "usage", "trouble"),
    [
        pytest.param("u", "scSC", "", id="a good one"),
        pytest.param("e", "sc", "it has expired", id="an expired one"),
        pytest.param("r", "sc", "it was revoked", id="a revoked one"),
        pytest.param("i", "sc", "it is not valid", id="an invalid one"),
        pytest.param("u", "eE", "it cannot sign", id="one for encryption"),
    ],
)
def test_what_keeps_a_key_from_signing(validity, usage, trouble):
    line = f"sec:{validity}:255:22:AAAAAAAAAAAAAAAA:1:::u:::{usage}:::+::ed25519:::0:"
    (key,) = _keys(f"{line}\nfpr:::::::::{ONE}:", "sec")
    assert key.trouble == trouble


@pytest.mark.parametrize("listing", ["", "tru::1:1:0:3:1:5\n", "pub:\n"], ids=repr)
def test_a_listing_without_such_keys_has_none(listing):
    assert tuple(_keys(listing, "sec")) == ()


def test_a_signature_is_known_by_its_maker():
    (one, two) = _keys(LISTED, "sec")
    blob = b"\x88\x75\x04\x00\x16\x0a\x00\x1d\x16\x21\x04" + bytes.fromhex("C" * 40)
    assert (_is_by(one, blob), _is_by(two, blob)) == (True, False)


def test_only_plain_files_are_keyrings(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    for name in ("b.gpg", "a.gpg", "README", "c.asc"):
        (folder / name).write_bytes(b"x")
    (folder / "link.gpg").symlink_to("a.gpg")
    (folder / "folder.gpg").mkdir()
    assert [path.name for path in trusted_keyrings(tmp_path)] == ["a.gpg", "b.gpg"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty one"),
        pytest.param(b"\x99\x01\x0d\x04" * 100, id="garbage"),
        pytest.param(b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", id="the beginning of another"),
        pytest.param(bytes((1 << 20) + 1), id="a huge one"),
    ],
)
def test_what_is_no_keyring_is_named(tmp_path, content):
    path = tmp_path / FOLDER / "odd.gpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(KeyringUnreadable, match=r"odd\.gpg is no keyring"):
        keyring_keys(tmp_path)


def test_without_a_keyring_no_program_is_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert available_keys(tmp_path) == ()
    assert keyring_keys(tmp_path) == {}
