"""What stands at ``|``."""

import pytest

from arkes_build.lsp.cursor import Where, locate
from arkes_build.lsp.documents import read

CASES = [
    pytest.param("|", (Where.KEYWORD, "", (), ""), id="an empty file"),
    pytest.param("FR|OM a", (Where.KEYWORD, "FROM", (), "FR"), id="a keyword"),
    pytest.param("FROM a\n|", (Where.KEYWORD, "", (), ""), id="a new line"),
    pytest.param("FROM a\n|\nRUN b", (Where.KEYWORD, "", (), ""), id="a line between"),
    pytest.param("copy --fr|", (Where.FLAG, "COPY", (), "--fr"), id="a flag"),
    pytest.param("COPY --link --from=|", (Where.FLAG, "COPY", ("--link",), "--from="), id="two"),
    pytest.param("RUN a --b|", (Where.ARGUMENT, "RUN", ("a",), "--b"), id="the command's option"),
    pytest.param("ENABLE a |b c", (Where.ARGUMENT, "ENABLE", ("a",), ""), id="before a word"),
    pytest.param(
        "ENABLE a \\\n  # why\n\n  b|", (Where.ARGUMENT, "ENABLE", ("a",), "b"), id="long"
    ),
    pytest.param("ENABLE a \\\n |", (Where.ARGUMENT, "ENABLE", ("a",), ""), id="an open end"),
    pytest.param("ENABLE a \\\r\n |", (Where.ARGUMENT, "ENABLE", ("a",), ""), id="with CR LF"),
    pytest.param("# escape=`\nENABLE a `\n |", (Where.ARGUMENT, "ENABLE", ("a",), ""), id="`"),
    pytest.param("ONBUILD ENABLE a|", (Where.ARGUMENT, "ENABLE", (), "a"), id="ONBUILD"),
    pytest.param("RUN <<E\nx |\nE\n", (Where.HEREDOC, "RUN", ("x",), ""), id="a here-document"),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_a_place(text, wanted):
    before, _, after = text.partition("|")
    file, _ = read("a", before + after)
    found = locate(file, before + after, len(before))
    assert (found.where, found.keyword, found.before, found.typed) == wanted


def test_a_comment_is_one_word():
    file, _ = read("a", "FROM a\n  # x-name=b c  \n")
    found = locate(file, "FROM a\n  # x-name=b c  \n", 12)
    assert (found.where, found.typed, found.word) == (Where.COMMENT, "# x", "# x-name=b c")


def test_any_offset_of_any_text_is_a_place():
    text = "FROM a\\\n\n# x\nRUN <<E\n\\\n\tE\nE\n\\"
    file, _ = read("a", text)
    for offset in range(-1, len(text) + 2):
        assert locate(file, text, offset).text == text
