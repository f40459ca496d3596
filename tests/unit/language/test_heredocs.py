"""Which words open a here-document, and with what delimiter."""

import pytest

from arkes_build.language.heredocs import is_mark, marks

CASES = {
    "plain": ("RUN <<EOT", [("EOT", True, False)]),
    "with tabs cut": ("RUN <<-EOT", [("EOT", True, True)]),
    "quoted": ("RUN <<'EOT' sh", [("EOT", False, False)]),
    "quoted in part": ('RUN <<E"O"T', [("EOT", False, False)]),
    "escaped is not quoted": ("RUN <<eo\\'f", [("eo'f", True, False)]),
    "with a space inside quotes": ("RUN <<'one two'", [("one two", False, False)]),
    "with a descriptor": ("RUN cat 3<<A <<-B", [("A", True, False), ("B", True, True)]),
    "a variable is a name": ("RUN <<$EOT", [("$EOT", True, False)]),
    "a file's name": ("COPY <<a.txt /b", [("a.txt", True, False)]),
    "behind flags": ("RUN --mount=type=cache <<A", [("A", True, False)]),
    "behind ONBUILD": ("onbuild run <<A", [("A", True, False)]),
    "ADD": ("ADD <<A <<B /c/", [("A", True, False), ("B", True, False)]),
    "inside quotes is none": ('RUN echo "<<A"', []),
    "a here-string is none": ("RUN cat <<<A", []),
    "inside a word is none": ("RUN a<<B", []),
    "a shift is none": ("RUN echo $((1<<2))", []),
    "an arrow alone is none": ("RUN a << b", []),
    "an empty delimiter is none": ("RUN <<''", []),
    "in the JSON form there is none": ('RUN ["<<A"]', []),
    "CMD has none": ("CMD <<A", []),
    "ENV has none": ("ENV A=<<B", []),
    "an unknown instruction has none": ("RUNN <<A", []),
    "ONBUILD behind ONBUILD has none": ("ONBUILD ONBUILD RUN <<A", []),
    "an unclosed quote hides them": ("RUN it's <<A", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_marks(text, expected):
    found = marks(text)
    assert [(mark.delimiter, mark.expands, mark.strips_tabs) for mark in found] == expected
    assert all(text[mark.start : mark.end].lstrip("0123456789").startswith("<<") for mark in found)


@pytest.mark.parametrize(("word", "expected"), [("<<A", True), ("a", False), ("<<", False)])
def test_is_mark(word, expected):
    assert is_mark(word) is expected
