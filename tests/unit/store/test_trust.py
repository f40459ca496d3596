"""Of several signatures one good one counts; without it the worst is told."""

import pytest

from arkes_build.store.trust import (
    Signature,
    SignatureBad,
    SignatureForeign,
    SignatureMissing,
    State,
    must_be_good,
)


def made(*states):
    return [Signature(state=s, key=s.name * 4, owner="Owner", timestamp=0) for s in states]


@pytest.mark.parametrize("other", list(State))
def test_one_good_signature_is_enough(other):
    assert must_be_good("it", made(other, State.GOOD)).state is State.GOOD


@pytest.mark.parametrize(
    ("states", "error", "brief"),
    [
        ((), SignatureMissing, "it is not signed"),
        ((State.UNKNOWN,), SignatureForeign, "it is signed, but by no key that is trusted here"),
        ((State.EXPIRED,), SignatureForeign, "it is signed, but by no key that is trusted here"),
        ((State.REVOKED,), SignatureForeign, "it is signed, but by no key that is trusted here"),
        ((State.UNKNOWN, State.BAD), SignatureBad, "the signature of it does not fit its content"),
    ],
    ids=["none", "unknown", "expired", "revoked", "bad among others"],
)
def test_without_a_good_one_it_says_what_there_is(states, error, brief):
    with pytest.raises(error) as refused:
        must_be_good("it", made(*states))
    assert refused.value.brief == brief
    assert refused.value.details.count("\n") == max(0, len(states) - 1)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State.GOOD, "a good signature by GOOD (Owner)"),
        (State.BAD, "a signature that does not fit, by BAD (Owner)"),
        (State.UNKNOWN, "a signature by the unknown key UNKNOWN (Owner)"),
        (State.EXPIRED, "a signature that has expired, by EXPIRED (Owner)"),
        (State.REVOKED, "a signature by the revoked key REVOKED (Owner)"),
    ],
)
def test_it_is_said_in_words(state, text):
    assert str(Signature(state=state, key=state.name, owner="Owner", timestamp=0)) == text
