"""What BuildKit makes of ``$``, quotes and escapes."""

import pytest

from arkes_build.language.variables import BadSubstitution, expand, names, validate

VALUES = {"A": "foo.tar.gz", "EMPTY": "", "TWO": "a b", "P": "/usr/lib/x", "S": "a*b"}

EXPANDED = {
    "nothing to do": ("abc", "abc"),
    "a name": ("$A", "foo.tar.gz"),
    "a name in braces": ("x${A}x", "xfoo.tar.gzx"),
    "a name ends where no letter follows": ("$A-$TWO.", "foo.tar.gz-a b."),
    "an unknown name is empty": ("a${NO}b$NO", "ab"),
    "a dollar sign alone": ("a$ $", "a$ $"),
    "an escaped dollar sign": ("\\$A", "$A"),
    "positions have no value": ("a$1$@b", "ab"),
    "single quotes keep all": ("'$A \\'", "$A \\"),
    "double quotes expand": ('"$A  \\$A \\" \\\\ \\n"', 'foo.tar.gz  $A " \\ \\n'),
    "quotes in the middle": ("a'b'\"c\"d", "abcd"),
    "a last escape character goes": ("a\\", "a"),
    "default for an unset one": ("${NO-d}", "d"),
    "default for an empty one, without colon": ("${EMPTY-d}", ""),
    "default for an empty one, with colon": ("${EMPTY:-d}", "d"),
    "no default wanted": ("${A:-d}", "foo.tar.gz"),
    "an empty default": ("${NO:-}", ""),
    "a default with variables": ("${NO:-${EMPTY:-$TWO}}", "a b"),
    "a default with quotes": ('${NO:-\'}\'}"${NO:-"x"}"', "}x"),
    "a default with an escaped brace": ("${NO:-a\\}b}", "a}b"),
    "alternative for a set one": ("${A:+yes}", "yes"),
    "alternative for an empty one": ("${EMPTY:+yes}${EMPTY+set}", "set"),
    "alternative for an unset one": ("${NO+yes}", ""),
    "demanded and there": ("${A:?gone}${EMPTY?gone}", "foo.tar.gz"),
    "shortest beginning": ("${A#*.}", "tar.gz"),
    "longest beginning": ("${A##*.}", "gz"),
    "shortest ending": ("${A%.*}", "foo.tar"),
    "longest ending": ("${A%%.*}", "foo"),
    "a beginning that is not there": ("${A#x}", "foo.tar.gz"),
    "one character": ("${A#?}", "oo.tar.gz"),
    "a plain star": ("${S#a\\*}", "b"),
    "first replaced": ("${A/o/0}", "f0o.tar.gz"),
    "all replaced": ("${A//o/0}", "f00.tar.gz"),
    "a slash replaced": ("${P//\\//-}", "-usr-lib-x"),
    "a pattern replaced": ("${A/.*/}", "foo"),
    "a cut of nothing": ("${NO#a}${NO/a/b}", ""),
}


@pytest.mark.parametrize(("text", "expected"), EXPANDED.values(), ids=EXPANDED.keys())
def test_expand(text, expected):
    assert expand(text, VALUES) == expected
    validate(text)


REFUSED = {
    "open": ("a${A", "unclosed ${", 1),
    "open in a word": ("${A:-b", "unclosed ${", 0),
    "no name": ("${}", "${…} without a variable's name", 0),
    "a colon first": ("x${:-a}", "${…} without a variable's name", 1),
    "another operator": ("${A^^}", "'^' cannot follow a name in ${…}", 3),
    "no second slash": ("${A/b}", "${NAME/…} without a second /", 0),
    "a double quote": ('a"b', "unclosed quote", 1),
    "a single quote": ("a'b", "unclosed quote", 1),
    "a quote inside braces": ("${A:-'b}", "unclosed quote", 5),
    "too deep": ("${A:-" * 100 + "}" * 100, "too many variables inside each other", 0),
}


@pytest.mark.parametrize(("text", "brief", "position"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("function", [validate, names, lambda text: expand(text, {})])
def test_refused(text, brief, position, function):
    if function is names and "$" not in text:
        assert names(text) == frozenset()
        return
    with pytest.raises(BadSubstitution) as caught:
        function(text)
    assert (caught.value.brief, caught.value.position) == (brief, position)
    assert caught.value.resolution


@pytest.mark.parametrize(
    ("text", "brief"),
    [
        pytest.param("${NO:?say so}", "NO: say so", id="with a message"),
        pytest.param("${NO?}", "the variable NO has no value", id="unset"),
        pytest.param("${EMPTY:?}", "the variable EMPTY is empty", id="empty"),
        pytest.param("${A#\\x}", "${A#…} cannot work with \\x", id="an escape in a pattern"),
    ],
)
def test_what_the_values_decide(text, brief):
    validate(text)
    with pytest.raises(BadSubstitution) as caught:
        expand(text, VALUES)
    assert caught.value.brief == brief


NAMES = {
    "none": ("a\\$B '$C'", set()),
    "plain": ("$A${B}-$C_D", {"A", "B", "C_D"}),
    "inside others": ('${A:-"$B"}${C/$D/${E#$F}}', {"A", "B", "C", "D", "E", "F"}),
    "positions are none": ("$1 $@ ${2}", set()),
}


@pytest.mark.parametrize(("text", "expected"), NAMES.values(), ids=NAMES.keys())
def test_names(text, expected):
    assert names(text) == expected
