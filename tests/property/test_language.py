"""Laws of the language: what is written reads the same again, layout means nothing."""

import dataclasses
import string

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.digest import canonical_json
from arkes_build.core.source import Source
from arkes_build.language import arguments, backtick, grammar, layout, remarks, variables
from arkes_build.language.meaning import meaning
from arkes_build.language.parser import parse
from arkes_build.language.variables import (
    BadSubstitution,
    expand,
    expand_by_grammar,
    names,
    validate,
)
from arkes_build.language.writer import write

FRAGMENTS = st.sampled_from(
    [
        *("RUN ", "COPY ", "ENV ", "ARG ", "LABEL ", "CMD ", "ONBUILD ", "ADD ", "PACKAGES "),
        *("HEALTHCHECK CMD ", "WORKDIR ", "EXPOSE ", "VOLUME ", "USER ", "run ", "SYSCTL "),
        *("a", "b=c", "--family=arch", "--from=z", "--mount='a b'", "--", " ", "  ", "\t", "\n"),
        *('"', "'", "=", "[", "]", ",", '"a"', '["a", "b"]', "# c\n", "#", "<<E", "<<-E", "E\n"),
        *("$A", "${A:-b}", "\r\n", "é", "\u00a0", "<<'E'", "\n\n", "\f", '"x  y"', "'x  y'"),
        *("\\ ", "\\\\", " \\\n  ", "\\\n", "\\", "`", "` ", "``", " `\n  ", "`\n", '`"', "`$"),
    ]
)
TEXTS = st.lists(FRAGMENTS, max_size=16).map("".join)
CHUNKS = st.lists(st.lists(FRAGMENTS, max_size=9).map("".join), max_size=3)
TOPS = st.sampled_from(["", "# escape=`\n"])
LINES = st.text(alphabet="ab=\\`'\"$(){}[]<>#,-/*?% \t\f:+é\u00a0", max_size=24)
NAMES = st.text(alphabet=string.ascii_letters, min_size=1, max_size=4)


def parsed(text):
    return parse(Source("f", text))


def answer(function, *given):
    """Return what a function returns, or the error it raises."""
    try:
        return function(*given)
    except (SourceError, BadSubstitution, arguments.NotTexts) as error:
        return error


def same(first, second):
    if isinstance(first, Exception):
        return (type(first), str(first)) == (type(second), str(second))
    return first == second


def instructions(top, chunks):
    """Return the instructions of a file of those pieces of text that are right by themselves."""
    return parsed(
        "\n".join([f"{top}FROM x", *(c for c in chunks if is_right(top, c)), ""])
    ).instructions


def is_right(top, chunk):
    """Tell whether a piece of text has no error, and does not reach into what follows.

    BuildKit reads the marks of here-documents with the backslash whatever the file says: a
    backtick beside one is left to chance.
    """
    if top and "<<" in chunk and "`" in chunk:
        return False
    try:
        last = parsed(f"{top}FROM x\n{chunk}\nRUN end\n").instructions[-1]
    except SourceError:
        return False
    return last.span.text == "RUN end"


@settings(max_examples=400, deadline=None)
@given(top=TOPS, chunks=CHUNKS)
@example(top="# escape=`\n", chunks=["RUN dir C:\\ "])
@example(top="", chunks=["RUN a\\\f"])
@example(top="", chunks=["RUN -- --a"])
def test_what_is_written_reads_as_the_same_instructions(top, chunks):
    first = instructions(top, chunks)
    again = parsed("\n".join([*map(write, first), ""])).instructions
    assert again == first
    assert [each.lines for each in again] == [each.lines for each in first]


@settings(max_examples=200, deadline=None)
@given(top=TOPS, text=TEXTS)
def test_whatever_the_text_there_are_nodes_or_findings(top, text):
    found = answer(parsed, top + text)
    if isinstance(found, SourceError):
        assert all(finding.span and finding.message for finding in found.diagnostics)
        return
    for instruction in found.instructions:
        assert instruction.text == " ".join(instruction.lines)
        assert instruction.keyword == instruction.span.text[: len(instruction.keyword)].upper()
        canonical_json(meaning(instruction))


@settings(max_examples=200, deadline=None)
@given(chunks=CHUNKS, drop=st.sampled_from([frozenset(), frozenset({"family", "mount"})]))
def test_flags_that_are_dropped_are_all_that_is_missing(chunks, drop):
    first = instructions("", chunks)
    written = "\n".join([*(write(each, drop=drop) for each in first), ""])
    assert [without_flags(each, frozenset()) for each in parsed(written).instructions] == [
        without_flags(each, drop) for each in first
    ]


def without_flags(instruction, drop):
    kept = tuple(flag for flag in instruction.flags if flag.name not in drop)
    inner = instruction.inner and without_flags(instruction.inner, drop)
    text = "" if inner else instruction.text
    words = () if inner else instruction.words
    return dataclasses.replace(instruction, flags=kept, inner=inner, text=text, words=words)


WORDS = st.lists(
    st.sampled_from(["make", "'a  b'", '"c  $D"', "x=1", "&&", "e\\ f", "--g", "|", "h#i"]),
    min_size=1,
    max_size=8,
)
GAPS = st.sampled_from([" ", "   ", "\t", " \\\n", " \\\n      ", " \\\n# said\n\n\t", "\\\n  "])


@settings(max_examples=200, deadline=None)
@given(words=WORDS, gaps=st.lists(GAPS, min_size=8, max_size=8), comment=st.booleans())
def test_layout_and_comments_mean_nothing(words, gaps, comment):
    words = ["make", *words]
    plain = "FROM x\nRUN " + " ".join(words)
    spread = "from x\n" + ("# why\n\n" if comment else "") + "run  " + words[0]
    spread += "".join(gap + word for gap, word in zip(gaps, words[1:], strict=False))
    assert [meaning(each) for each in parsed(plain).instructions] == [
        meaning(each) for each in parsed(spread).instructions
    ]


@given(text=LINES, blanks=st.sampled_from(["  ", "\t", "   "]), quote=st.sampled_from("'\""))
def test_blanks_inside_quotes_mean_something(text, blanks, quote):
    assume(quote not in text and "\\" not in text and "$" not in text and "`" not in text)
    one = parsed(f"FROM x\nRUN echo {quote}a {text}{quote}")
    more = parsed(f"FROM x\nRUN echo {quote}a{blanks}{text}{quote}")
    assert meaning(one.instructions[1]) != meaning(more.instructions[1])


@given(text=LINES)
def test_collapsing_again_changes_nothing(text):
    once = layout.collapsed(text)
    assert layout.collapsed(once) == once


@given(text=LINES.map(str.strip), escape=st.sampled_from("\\`"))
@settings(deadline=None)
def test_quoted_words_are_those_of_the_grammar(text, escape):
    quick = arguments._quoted_quickly(text, escape)
    assume(quick is not None)
    rule = "quoted" if escape == "\\" else "quoted_backtick"
    tokens = grammar.tree(rule, text).children
    assert quick == [(str(token), token.start_pos, token.end_pos) for token in tokens]


@given(text=LINES.map(lambda text: text.strip("\t\f ")).filter(bool))
@settings(deadline=None)
def test_plain_words_are_those_of_the_grammar(text):
    tokens = grammar.tree("words", text).children
    assert arguments.words(text) == [(str(t), t.start_pos, t.end_pos) for t in tokens]


FLAGS = st.text(alphabet="ab=-$\\\"' \t\f\u00a0", max_size=9).map("--{}".format)


@given(flags=st.lists(FLAGS, max_size=3), rest=LINES)
@settings(deadline=None)
def test_a_plain_head_is_that_of_the_grammar(flags, rest):
    text = " ".join(["RUN", *flags, rest]).strip("\t\f ")
    assume(arguments._HEAD.match(text))
    keyword, *others = grammar.tree("instruction", text).children
    head = arguments.head(text)
    assert (head.keyword, text[head.rest :]) == (
        str(keyword),
        "".join(other for other in others if other.type != "FLAG"),
    )
    assert head.flags == tuple(
        (str(other), other.start_pos, other.end_pos) for other in others if other.type == "FLAG"
    )


SAID = ("HEADER", "DIRECTIVE", "VALUE")
REMARKS = st.tuples(
    st.sampled_from(["#", "# ", "#\u00a0", "#\t"]),
    st.sampled_from(["x-name", "X-a_B", "x-", "escape", "eScape2", "é", "x\u212aa"]),
    st.sampled_from(["", "=", " = ", "\f=", "=\u00a0"]),
    LINES,
).map(lambda parts: "".join(parts).rstrip())


@given(text=REMARKS, plain=st.sampled_from([remarks._PLAIN_HEADER, remarks._PLAIN_DIRECTIVE]))
@settings(deadline=None)
def test_a_plain_remark_is_that_of_the_grammar(text, plain):
    quick, slow = remarks._read(plain, text), remarks._read_by_grammar(text)
    assert [quick.get(name) for name in SAID] == [slow.get(name) for name in SAID]


@given(text=LINES)
@settings(deadline=None)
@example(text="""a$b"c 'e$d' "'$f${g}'${h}""")
def test_names_in_a_plain_text_are_those_of_the_grammar(text):
    assume(variables._PLAIN.fullmatch(text))
    assert names(text) == set(variables._names(variables._tree(text)))


@given(text=LINES)
@settings(deadline=None)
def test_a_text_that_is_plainly_valid_is_so_for_the_grammar(text):
    assume(variables._VALID.fullmatch(text))
    assert not variables._is_deep(variables._tree(text), variables.DEEPEST)


JSON = st.recursive(
    st.sampled_from(["1", "null", '"a"', '"b c"', '"\\u00e9"', '"\\ud800"', "x", '"\t"', "NaN"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda items: f"[{' , '.join(items)}]"),
    max_leaves=6,
)


@given(text=JSON)
@settings(deadline=None)
def test_lists_are_those_of_the_grammar(text):
    assume(text.startswith("["))
    quick, slow = answer(arguments.json_list, text), answer(arguments.json_list_by_grammar, text)
    assert same(quick, slow)


@given(text=LINES, values=st.dictionaries(NAMES, LINES, max_size=2))
@settings(deadline=None)
@example(text="""a$b"c 'd$e' ""'$f "${g}" '""", values={"b": "1", "e": "2 3", "g": "'"})
def test_expansion_is_that_of_the_grammar(text, values):
    text += "".join(f"${name} ${{{name}}}" for name in values)
    assert same(answer(expand, text, values), answer(expand_by_grammar, text, values))


@given(text=LINES)
@settings(deadline=None)
def test_a_valid_text_expands_whatever_the_values(text):
    assume("?" not in text and "#" not in text and "%" not in text and "/" not in text)
    problem = answer(validate, text)
    values = {} if problem else dict.fromkeys(names(text), "v")
    expanded = answer(expand, text, values)
    assert isinstance(expanded, str) if problem is None else same(expanded, problem)


@given(text=LINES.filter(lambda text: "$" not in text and "\\" not in text))
@settings(deadline=None)
def test_the_other_escape_character_expands_alike(text):
    """A text without either escape character means the same under both."""
    assume("`" not in text)
    assert backtick.with_backslash(text) == text
