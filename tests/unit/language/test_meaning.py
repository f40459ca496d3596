"""What changes a meaning, and what does not."""

import pytest

from arkes_build.core.digest import digest
from arkes_build.language.meaning import meaning

SAME = {
    "the keyword's case": ("run a", "RUN a"),
    "blanks between words": ("RUN a   b", "RUN a b"),
    "a line continuation": ("RUN a b", "RUN a \\\n      b"),
    "a comment inside": ("RUN a \\\n  b", "RUN a \\\n  # why\n  b"),
    "a blank line inside": ("RUN a \\\n  b", "RUN a \\\n\n  b"),
    "indentation": ("COPY a \\\n  b /c", "COPY a \\\n\tb /c"),
    "blanks in a list": ('CMD ["a", "b"]', 'CMD [ "a" ,"b" ]'),
    "an escape in a list": ('CMD ["\\u0061"]', 'CMD ["a"]'),
    "the form of a pair": ("ENV A b", "ENV A=b"),
    "how a flag is quoted": ("RUN --mount='a b' c", "RUN --mount=a\\ b c"),
    "the tabs that are cut": ("RUN <<-E\n\ta\n\tE", "RUN <<-E\n\t\ta\nE"),
    "the instruction behind ONBUILD": ("ONBUILD run a  b", "onbuild RUN a b"),
    "the command of a health check": ("HEALTHCHECK CMD a  b", "HEALTHCHECK CMD a \\\n b"),
}
OTHER = {
    "the keyword": ("CMD a", "RUN a"),
    "the form": ('RUN ["a"]', "RUN a"),
    "a word": ("RUN a b", "RUN a c"),
    "blanks inside quotes": ("RUN 'a b'", "RUN 'a  b'"),
    "blanks in a continued quote": ("RUN 'a \\\nb'", "RUN 'a \\\n b'"),
    "blanks in an item": ('CMD ["a b"]', 'CMD ["a  b"]'),
    "blanks in a here-document": ("RUN <<E\na b\nE", "RUN <<E\na  b\nE"),
    "a comment in a here-document": ("RUN <<E\na\nE", "RUN <<E\n# c\na\nE"),
    "the name of a here-document": ("COPY <<a /b/\na", "COPY <<c /b/\nc"),
    "quotes around a here-document's name": ("RUN <<E\n$a\nE", "RUN <<'E'\n$a\nE"),
    "blanks in a path": ("WORKDIR /a b", "WORKDIR /a  b"),
    "an escaped blank": ("RUN a\\  b", "RUN a\\ b"),
    "a flag": ("RUN --network=none a", "RUN --network=host a"),
    "the order of flags": (
        "RUN --mount=type=cache --mount=type=bind a",
        "RUN --mount=type=bind --mount=type=cache a",
    ),
    "the order of words": ("COPY a b /c", "COPY b a /c"),
    "a family": ("RUN --family=arch a", "RUN --family=debian a"),
}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME.keys())
def test_it_changes_nothing(first, one, two):
    assert meaning(first(one)) == meaning(first(two))


@pytest.mark.parametrize(("one", "two"), OTHER.values(), ids=OTHER.keys())
def test_it_is_another_meaning(first, one, two):
    assert digest(meaning(first(one))) != digest(meaning(first(two)))


def test_the_escape_character_changes_nothing(first):
    plain = first('ENV A=C:\\\\x B="a\\"b" C=d\\ e')
    other = first('ENV A=C:\\x B="a`"b" C=d` e', top="# escape=`\n")
    assert meaning(plain) == meaning(other)
