"""What is said of a source never has a password in it."""

import pytest

from arkes_build.delivery.trust.source import shown


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        pytest.param("/srv/repo", "/srv/repo", id="a folder"),
        pytest.param("https://example.org/repo", "https://example.org/repo", id="an address"),
        pytest.param("https://me:secret@example.org/r", "https://example.org/r", id="a password"),
        pytest.param("https://me:a@b@example.org/r", "https://example.org/r", id="an @ in it"),
        pytest.param("https://example.org/r?token=x#y", "https://example.org/r", id="a token"),
        pytest.param("https://[::1", "that address", id="no address at all"),
    ],
)
def test_what_is_shown(location, expected):
    assert shown(location) == expected
