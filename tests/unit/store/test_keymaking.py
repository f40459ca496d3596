"""What people wish of a key is held against what can be, before anything is made."""

import pytest

from arkes_build.store.keymaking import BadKeyWish, check_expiry, check_name, check_owner


@pytest.mark.parametrize("name", ["tiny", "tiny-2027", "a.b_c", "0"])
def test_it_can_be_a_name(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "-x", ".x", "A", "a b", "a\n", "a\0", "é", "a" * 64]
)
def test_it_cannot_be_a_name(name):
    with pytest.raises(BadKeyWish):
        check_name(name)


@pytest.mark.parametrize("text", ["never", "2030-12-31", "90d", "8w", "18m", "2y"])
def test_a_key_can_expire_so(text):
    assert check_expiry(text) == text


@pytest.mark.parametrize("text", ["", "0", "soon", "-1d", "2y\n", "99999d", "--x", "1e9"])
def test_a_key_cannot_expire_so(text):
    with pytest.raises(BadKeyWish):
        check_expiry(text)


@pytest.mark.parametrize("text", ["", "-x", "a\nb", "a\0", "\x1b[31m", "x" * 101, "\udcff"])
def test_it_cannot_own_a_key(text):
    with pytest.raises(BadKeyWish):
        check_owner(text)
