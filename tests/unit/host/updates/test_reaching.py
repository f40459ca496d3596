"""A source that does not answer is told with what was tried; other trouble stays what it is."""

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.delivery.trust.source import SourceBroken
from arkes_build.host.updates.reaching import SourceAway, reached

URL = "https://example.org/repo"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param("[6] Couldn't resolve host name", "Couldn't resolve host name", id="no name"),
        pytest.param("Server returned HTTP 503", "Server returned HTTP 503", id="by status"),
    ],
)
def test_what_was_tried_is_said(said, why):
    with pytest.raises(SourceAway, match=why) as caught, reached():
        raise SourceBroken(URL, said=f"While fetching {URL}/summary.sig: {said}")
    assert caught.value.exit_code is ExitCode.NETWORK
    assert caught.value.details == (
        f"tried {URL}/summary.sig; this machine boots what it would have booted"
    )


def test_what_is_wrong_with_a_source_that_answers_stays():
    with pytest.raises(SourceBroken), reached():
        raise SourceBroken(URL, said="it has no summary: is it a published repository?")
