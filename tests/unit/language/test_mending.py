"""A fix writes what its finding asks for, and nothing else."""

import pytest

from arkes_build.core.source import Source
from arkes_build.language.mending import new_line, renamed, replaced, without_lines
from arkes_build.language.parser import attempt


def mended(text, code):
    """Return a text after the fix of its first finding of a rule, None when it has none."""
    found = [each for each in attempt(Source("test", text))[1] if each.code == code]
    assert found, "there is such a finding"
    if found[0].fix is None:
        return None
    for edit in sorted(found[0].fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        pytest.param(
            "instruction-unknown", "FROM a\nCOYP b c\n", "FROM a\nCOPY b c\n", id="a keyword"
        ),
        pytest.param(
            "instruction-unknown",
            "FROM a\n  coyp b \\\n  c\n",
            "FROM a\n  copy b \\\n  c\n",
            id="a keyword in lower case, of several lines",
        ),
        pytest.param(
            "instruction-unknown", "FROM a\nxyzzy b\n", None, id="a word like no instruction"
        ),
        pytest.param(
            "instruction-unknown",
            "FROM a\nONBUILD RNU b\n",
            "FROM a\nONBUILD RUN b\n",
            id="a keyword behind ONBUILD",
        ),
        pytest.param(
            "flag-unknown",
            "FROM a\nCOPY --form=b c d\n",
            "FROM a\nCOPY --from=b c d\n",
            id="a flag keeps its value",
        ),
        pytest.param(
            "flag-unknown", "FROM a\nCOPY --form c d\n", None, id="no flag that needs a value"
        ),
        pytest.param(
            "flag-unknown",
            "FROM a\nCOPY --from=b --form=b c d\n",
            None,
            id="no flag that is there already",
        ),
        pytest.param(
            "flag-unknown",
            "FROM a\nCOPY --lnik c d\n",
            "FROM a\nCOPY --link c d\n",
            id="a flag without a value",
        ),
        pytest.param("arguments", "FROM a tools\n", "FROM a AS tools\n", id="AS is put in"),
        pytest.param("arguments", "FROM a 2/b\n", None, id="no AS before what is no name"),
        pytest.param(
            "exec-form-invalid",
            "FROM a\nCMD ['sleep', '10']\n",
            'FROM a\nCMD ["sleep", "10"]\n',
            id="single quotes become double ones",
        ),
        pytest.param(
            "exec-form-invalid",
            'FROM a\nCMD ["sleep", "it\'s",]\n',
            'FROM a\nCMD ["sleep", "it\'s"]\n',
            id="the last comma goes, an apostrophe stays",
        ),
        pytest.param(
            "exec-form-invalid",
            "FROM a\nCOPY ['a b', 'c']\n",
            'FROM a\nCOPY ["a b", "c"]\n',
            id="a list of words",
        ),
        pytest.param("exec-form-invalid", "FROM a\nCMD [sleep]\n", None, id="no quotes at all"),
        pytest.param(
            "exec-form-items",
            'FROM a\nCMD ["sleep 1", 3600, true]\n',
            'FROM a\nCMD ["sleep 1", "3600", "true"]\n',
            id="numbers and words get quotes",
        ),
        pytest.param("exec-form-items", 'FROM a\nCMD [["a"]]\n', None, id="no list in a list"),
        pytest.param(
            "heredoc-unclosed",
            "FROM a\nRUN <<EOT\n\tb\n  EOT \nUSER c\n",
            "FROM a\nRUN <<EOT\n\tb\nEOT\nUSER c\n",
            id="the end of a here-document stands alone",
        ),
        pytest.param(
            "heredoc-unclosed", "FROM a\nRUN <<EOT\nb\n", None, id="nobody knows where it ends"
        ),
        pytest.param(
            "header-unknown", "# X-Depend=a\nFROM a\n", "# x-depends=a\nFROM a\n", id="a header"
        ),
        pytest.param(
            "header-unknown",
            "# x-depend=a\n# x-depends=b\nFROM a\n",
            None,
            id="no header that is there already",
        ),
        pytest.param("header-empty", "# x-arch=\nFROM a\n", "FROM a\n", id="an empty header goes"),
        pytest.param(
            "header-duplicate",
            "# x-depends=a,b\n# more\n# x-depends=b,c\nFROM a\n",
            "# x-depends=a,b,c\n# more\nFROM a\n",
            id="two lists are joined",
        ),
        pytest.param(
            "header-duplicate",
            "# x-name=A\n# x-name=A\nFROM a\n",
            "# x-name=A\nFROM a\n",
            id="the same again goes",
        ),
        pytest.param(
            "header-duplicate", "# x-name=A\n# x-name=B\nFROM a\n", None, id="nobody chooses a name"
        ),
        pytest.param(
            "header-malformed",
            "# x-depends: a, b\nFROM a\n",
            "# x-depends=a, b\nFROM a\n",
            id="a colon",
        ),
        pytest.param(
            "header-malformed", "# x-depends on nothing\nFROM a\n", None, id="words to people"
        ),
        pytest.param(
            "header-misplaced",
            "# hello\r\n  FROM a\r\n# x-depends=a\r\nRUN b\r\n",
            "# hello\r\n# x-depends=a\r\n  FROM a\r\nRUN b\r\n",
            id="a header moves up, line ends as they are",
        ),
        pytest.param(
            "header-misplaced",
            "FROM a\nRUN b \\\n# x-depends=a\n  c\n",
            "# x-depends=a\nFROM a\nRUN b \\\n  c\n",
            id="a header moves out of an instruction",
        ),
        pytest.param(
            "header-misplaced",
            "# x-arch=x86_64\nFROM a\n# x-arch=aarch64\n",
            None,
            id="no header beside one that is there",
        ),
        pytest.param(
            "directive-misplaced",
            "# hello\n# syntax=b\nFROM a",
            "# syntax=b\n# hello\nFROM a",
            id="a directive moves to the top",
        ),
        pytest.param(
            "directive-misplaced",
            "# hello\n# escape=`\nFROM a\n",
            None,
            id="an escape character stays",
        ),
    ],
)
def test_mended(code, text, expected):
    assert mended(text, code) == expected


SOURCE = Source("test", "one\ntwo two\nthree")


def test_a_text_takes_anothers_place():
    span = SOURCE.span(0, 3)
    fix = replaced(span, "1")
    assert (fix.title, fix.edits[0].span, fix.edits[0].text) == ("write 1", span, "1")


def test_a_name_is_replaced_only_where_it_stands_once():
    assert renamed(SOURCE.span(4, 11), "two", "2") is None
    assert renamed(SOURCE.span(4, 7), "twice", "2") is None
    assert renamed(SOURCE.span(4, 7), "two", None) is None
    fix = renamed(SOURCE.span(0, 8), "two", "2")
    assert fix is not None
    assert fix.edits[0].span == SOURCE.span(4, 7)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param((0, 3), (0, 4), id="with the line's end"),
        pytest.param((8, 9), (4, 12), id="the whole line"),
        pytest.param((5, 14), (4, 17), id="all lines of a span"),
        pytest.param((12, 17), (12, 17), id="a last line without an end"),
    ],
)
def test_lines_go_with_their_end(place, expected):
    assert without_lines(SOURCE.span(*place)).span == SOURCE.span(*expected)


def test_a_new_line_ends_as_the_others():
    assert new_line(SOURCE, 5, "x \r").text == "x\n"
    assert new_line(Source("test", "a\r\nb"), 4, "x").text == "x\r\n"
    assert new_line(SOURCE, 6, "x").span == SOURCE.span(4, 4)
