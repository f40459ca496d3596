"""Check how a tag is looked up with podman's own program."""

import pytest

from arkes_build.core import process
from arkes_build.core.process import Completed
from arkes_build.engine.errors import ImageMissing
from arkes_build.engine.tags import image_of
from arkes_build.project.model import Outside

ID = "0123456789abcdef" * 4

ANSWERS = {
    "an image": (0, f"{ID} \n", Outside(id=ID, user="")),
    "an image with a user": (0, f"sha256:{ID} me:us\n", Outside(id=ID, user="me:us")),
    "no image": (125, "", None),
    "an answer of another kind": (0, "what?\n", None),
}


@pytest.mark.parametrize(("code", "output", "found"), ANSWERS.values(), ids=ANSWERS.keys())
def test_image_of(code, output, found, monkeypatch):
    asked = []

    def run(argv, *, check):
        asked.append(argv)
        return Completed(code=code, output=output, errors="")

    monkeypatch.setattr(process, "run", run)
    assert image_of("localhost/arkes:base") == found
    assert asked[0][-1] == "localhost/arkes:base"


def test_the_error_says_what_to_do():
    error = ImageMissing("localhost/arkes:base")
    assert (
        error.brief == "there is no image localhost/arkes:base, and no project that could make it"
    )
    assert "podman tag IMAGE localhost/arkes:base" in error.resolution
