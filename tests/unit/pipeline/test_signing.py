"""A run without a key says once why it signs nothing."""

import pytest

from arkes_build.core.events import Notice
from arkes_build.pipeline.signing import signer
from arkes_build.store.signing import FOLDER


@pytest.mark.parametrize(
    ("has_keyring", "text"),
    [
        pytest.param(
            False,
            "commits are not signed: the project trusts no key (`arkes-build keys new` makes it)",
            id="no keyring",
        ),
        pytest.param(
            True,
            "commits are not signed: /nowhere/keys has no key that the project trusts",
            id="no secret half",
        ),
    ],
)
def test_it_says_why(tmp_path, monkeypatch, has_keyring, text):
    monkeypatch.setenv("ARKES_KEYS", "/nowhere/keys")
    if has_keyring:
        (tmp_path / FOLDER).mkdir(parents=True)
        (tmp_path / FOLDER / "tiny.gpg").write_bytes(b"x")
    heard = []
    with signer(tmp_path, heard.append) as found:
        assert found is None
    assert heard == [Notice(message=text)]
