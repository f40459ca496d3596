"""A deployment goes by its role, its version, its commit, or the beginning of that."""

from dataclasses import replace

import pytest

from arkes_build.host.naming import (
    DeploymentAmbiguous,
    DeploymentUnknown,
    is_checksum,
    named,
    title,
    words_for,
)


@pytest.fixture
def three(make_deployment):
    return (
        make_deployment("1.3", is_staged=True),
        make_deployment("1.2", is_booted=True, index=1),
        make_deployment("1.1", index=2, serial=4),
    )


@pytest.mark.parametrize(
    ("word", "version"),
    [
        pytest.param("staged", "1.3", id="a role: staged"),
        pytest.param("running", "1.2", id="a role: running"),
        pytest.param("booted", "1.2", id="running in OSTree's word"),
        pytest.param("previous", "1.1", id="a role: previous"),
        pytest.param("1.1", "1.1", id="a version"),
        pytest.param("1" * 64, "1.1", id="a commit"),
        pytest.param("1111", "1.1", id="the beginning of a commit"),
        pytest.param("1" * 64 + ".4", "1.1", id="a commit with its serial number"),
        pytest.param("1111.4", "1.1", id="the beginning with its serial number"),
    ],
)
def test_it_goes_by(three, word, version):
    assert named(three, word).version == version


@pytest.mark.parametrize("word", ["next", "1.4", "111", "1111.5", "beef", "", "1" * 65, "../1"])
def test_it_does_not_go_by(three, word):
    with pytest.raises(DeploymentUnknown) as caught:
        named(three, word)
    assert caught.value.brief == f"this machine has no deployment {word!r}"


def test_a_word_for_two_names_both(make_deployment):
    both = (make_deployment("1.1"), make_deployment("1.1", serial=1, index=1))
    with pytest.raises(DeploymentAmbiguous) as caught:
        named(both, "1.1")
    assert caught.value.resolution == "name one of: 111111111111.0, 111111111111.1"


def test_a_checksum_has_four_digits_at_least():
    assert [is_checksum(word) for word in ("abc", "abcd", "ABCD", "abcd.1", "abcd.")] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_a_title_is_what_there_is(make_deployment):
    assert title(make_deployment("1.1")) == "base 1.1 (111111111111)"
    assert title(replace(make_deployment("1.1"), version="", node="")) == "111111111111"


def test_a_title_tells_two_of_one_commit_apart(make_deployment):
    both = (make_deployment("1.1", serial=1), make_deployment("1.1", index=1))
    assert [title(each, both) for each in both] == [
        "base 1.1 (111111111111.1)",
        "base 1.1 (111111111111.0)",
    ]


def test_the_words_are_roles_and_versions(three):
    assert words_for(three) == ("staged", "running", "previous", "1.3", "1.2", "1.1")
