"""Read refs from hostile files."""

from __future__ import annotations

import pytest

from arkes_build.store import refs


@pytest.mark.parametrize("text", ["a", "arkes/x86_64/base-slim", "arkes-layers/0f", "_x/y.z"])
def test_refs_are_known(text):
    assert refs.is_ref(text)


@pytest.mark.parametrize("text", ["", "/", "a/", "/a", "a//b", "..", "a/../b", "-a", "a b", "a\n"])
def test_what_is_no_ref_is_known(text):
    assert not refs.is_ref(text)


def test_layers_have_refs_by_their_chain():
    digits = "0a" * 32
    assert refs.layer_ref(f"sha256:{digits}") == refs.layer_ref(digits) == f"arkes-layers/{digits}"


@pytest.mark.parametrize("chain_id", ["", "sha256:", "sha512:" + "0" * 64, "../x", "0" * 63])
def test_what_is_no_chain_id_has_no_ref(chain_id):
    with pytest.raises(ValueError, match="no chain ID"):
        refs.layer_ref(chain_id)


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"g" * 64, b"a" * 65, b"\xff"])
def test_a_damaged_ref_is_no_ref(tmp_path, content):
    path = tmp_path / "refs/heads/base"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert refs.commits(tmp_path, ["base", "absent", "../../x"]) == {}
