"""Hostile text stays text in every language that a rendered node is written in."""

import json

import pytest

from arkes_build.core.process import run
from arkes_build.language.variables import expand
from arkes_build.render import quoting
from arkes_build.render.errors import UnwritableValue

HOSTILE = [
    "plain",
    "",
    "two words",
    "a \"quoted\" 'one'",
    "$HOME ${HOME} $(id) `id`",
    "back\\slash \\n \\",
    "# no comment",
    "ünï 日本 🐧",
    "a=b; c & d | e > f",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_word_comes_out_of_the_expansion_as_it_went_in(text):
    assert expand(quoting.word(text), {"HOME": "wrong"}) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_an_os_release_value_comes_out_of_a_shell_as_it_went_in(text):
    value = quoting.release_value("NAME", text)
    script = f'NAME={value}\nprintf %s "$NAME"'
    assert run(["sh", "-c", script]).output == text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("shape", ["{}", "{}\n", "one\n{}\n{}\n", "\n\n{}", "  {}\n\t{}\n"])
def test_an_exec_form_is_the_same_list_once_the_lines_are_joined(text, shape):
    argv = ["/bin/sh", "-c", shape.format(text, text)]
    written = quoting.exec_form(argv)
    assert json.loads(written.replace("\\\n", "")) == argv
    assert not any(line.lstrip().startswith("#") for line in written.split("\n"))
    assert all(line.strip() for line in written.split("\n"))


@pytest.mark.parametrize("text", ["x\ny", "x\r", "\x1b[31m", "a\x00b", "\x7f", "a\u2028b"])
def test_control_characters_are_refused_with_the_name_of_the_field(text):
    with pytest.raises(UnwritableValue) as caught:
        quoting.release_value("VERSION", text)
    assert caught.value.brief.startswith("VERSION has a control character in it: ")
    with pytest.raises(UnwritableValue):
        quoting.word(text)


def test_a_comment_is_one_line_whatever_the_name():
    assert quoting.comment("a\nRUN rm -rf /\x1b[0m") == "# a?RUN rm -rf /?[0m"


def test_overlong_lines_are_folded_where_nothing_changes():
    text = "echo " + "a # \\\\ " * 20000
    folded = quoting.fold(text)
    lines = folded.split("\n")
    assert folded.replace("\\\n", "") == text
    assert max(map(len, lines)) <= quoting.LONGEST_LINE + 1
    assert not any(line[:1] in {"#", " ", "\\"} for line in lines)
    assert not any(line.endswith("\\\\") for line in lines[:-1])


def test_a_line_without_a_place_to_fold_is_refused():
    with pytest.raises(quoting.RenderError, match="cannot be folded"):
        quoting.fold("\\" * 100_000)
