"""Check which values are known where, as the Dockerfile reference has it."""

import pytest

from arkes_build.project.scope import Unclear, walk

UNKNOWN = "?"

# The last instruction of each text is a COPY whose source shows what is known.
TABLE = {
    "a default": ("FROM x\nARG A=1\nCOPY $A .", {}, "1"),
    "a default in quotes, with another in it": (
        'FROM x\nARG A=1\nARG B="$A 2"\nCOPY $B .',
        {},
        "1 2",
    ),
    "two in one instruction": ('FROM x\nARG A=1 B="x y"\nCOPY $A-$B .', {}, "1-x y"),
    "declared without a value is empty": ("FROM x\nARG A\nCOPY a$A .", {}, "a"),
    "never declared is unknown": ("FROM x\nCOPY a$A .", {}, UNKNOWN),
    "declared too late is unknown": ("FROM x\nRUN true\nCOPY a$A .", {}, UNKNOWN),
    "a default for what is never declared is unknown": ("FROM x\nCOPY ${A:-b} .", {}, UNKNOWN),
    "before FROM does not reach a stage": ("ARG A=1\nFROM x\nCOPY $A .", {}, UNKNOWN),
    "before FROM reaches a stage that declares it": ("ARG A=1\nFROM x\nARG A\nCOPY $A .", {}, "1"),
    "a stage's default wins over the global one": ("ARG A=1\nFROM x\nARG A=2\nCOPY $A .", {}, "2"),
    "supplied wins over every default": ("ARG A=1\nFROM x\nARG A=2\nCOPY $A .", {"A": "3"}, "3"),
    "supplied counts only where declared": ("FROM x\nCOPY $A .", {"A": "3"}, UNKNOWN),
    "ENV": ("FROM x\nENV A=1\nCOPY $A .", {}, "1"),
    "ENV in the old form": ("FROM x\nENV A some  text\nCOPY $A .", {}, "some  text"),
    "ENV wins over a later ARG": ("FROM x\nENV A=1\nARG A=2\nCOPY $A .", {}, "1"),
    "ENV wins over what is supplied": ("FROM x\nARG A\nENV A=1\nCOPY $A .", {"A": "3"}, "1"),
    "ENV sees the values before its own instruction": (
        "FROM x\nENV A=1\nENV A=2 B=$A\nCOPY $B .",
        {},
        "1",
    ),
    "ENV of something unknown is unknown": ("FROM x\nENV A=1\nENV A=$B\nCOPY $A .", {}, UNKNOWN),
    "a stage has the values of the one it stands on": (
        "FROM x AS One\nARG A=1\nENV B=2\nFROM one\nCOPY $A$B .",
        {},
        "12",
    ),
    "a stage has no values of one beside it": (
        "FROM x AS one\nENV A=1\nFROM x\nCOPY $A .",
        {},
        UNKNOWN,
    ),
    "the key is never known": ("FROM x\nARG HASH=1\nCOPY $HASH .", {"HASH": "k"}, UNKNOWN),
    "the base of a template needs no declaration in FROM only": (
        "FROM arkes:$BASE_VARIANT_ID\nCOPY $BASE_VARIANT_ID .",
        {"BASE_VARIANT_ID": "b"},
        UNKNOWN,
    ),
}


@pytest.mark.parametrize(("text", "supplied", "expected"), TABLE.values(), ids=TABLE.keys())
def test_values(text, supplied, expected, parsed):
    last = walk(parsed(text).instructions, supplied).steps[-1]
    found = last.expanded(last.instruction.words[0].text)
    assert (UNKNOWN if isinstance(found, Unclear) else found) == expected


BASES = {
    "one stage": ("FROM a", "a", None),
    "the last of two": ("FROM a AS b\nFROM c", "c", None),
    "down through a stage": ("FROM a AS b\nFROM b", "a", None),
    "down through several, in any case": ("FROM a AS b\nFROM B AS c\nFROM x\nFROM C", "a", None),
    "a number is an image's name": ("FROM a\nFROM 0", "0", None),
    "a global argument": ("ARG V=1\nFROM a:$V", "a:1", None),
    "a default where nothing is declared": ("FROM a:${V:-2}", "a:2", None),
    "the base of a template": ("FROM arkes:${BASE_VARIANT_ID}", "arkes:b", "b"),
    "a stage that is called like an image": ("FROM a AS debian\nFROM debian:12", "debian:12", None),
}


@pytest.mark.parametrize(("text", "expected", "base"), BASES.values(), ids=BASES.keys())
def test_standing(text, expected, base, parsed):
    supplied = {} if base is None else {"BASE_VARIANT_ID": base}
    assert walk(parsed(text).instructions, supplied).standing.base == expected


def test_from_knows_the_platform_undeclared_and_a_stage_does_not(parsed):
    file = parsed("FROM x AS on-amd64\nFROM on-$TARGETARCH\nCOPY a$TARGETARCH .")
    walked = walk(file.instructions, {"TARGETARCH": "amd64"})
    assert walked.stages[1].base_stage == 0
    assert isinstance(walked.steps[-1].expanded("a$TARGETARCH"), Unclear)


def test_arguments_at_the_end(parsed):
    text = "ARG A=1\nARG B=2\nFROM x AS one\nARG C=3\nFROM y\nARG A\nARG D=4\n"
    walked = walk(parsed(text).instructions, {})
    assert walked.arguments == {"A": "1", "D": "4"}
    assert walked.global_arguments == {"A": "1", "B": "2"}


def test_values_for_here_documents(parsed):
    text = "FROM x\nARG A=1\nCOPY <<EOF /x\n$A\nEOF\nRUN echo $A\n"
    found = [dict(step.values) for step in walk(parsed(text).instructions, {}).steps]
    assert found == [{}, {}, {"A": "1"}, {}]


def test_texts_that_would_fill_the_memory_are_unclear(parsed):
    text = "FROM x\nENV A=aaaaaaaa\n" + "ENV A=$A$A\n" * 60 + "COPY $A /\n"
    last = walk(parsed(text).instructions, {}).steps[-1]
    assert isinstance(last.expanded("$A"), Unclear)


def test_long_files_take_no_longer_than_their_length(parsed):
    lines = [f"ENV V{n}=$V{n - 1}x\nFROM x AS s{n}" for n in range(2_000)]
    text = "FROM x AS first\nENV V0=0\n" + "\n".join(lines)
    walked = walk(parsed(text).instructions, {})
    assert (len(walked.stages), walked.stage("S7"), walked.stage("3")) == (2_001, 8, 3)


STAGES = "FROM a AS one\nFROM b\nFROM c AS one\nFROM d\n"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param("ONE", 2, id="the last of a name, in any case"),
        pytest.param("3", 3, id="a number"),
        pytest.param("4", None, id="a number too high"),
        pytest.param("9" * 5000, None, id="a number far too high"),
        pytest.param("²", None, id="a digit of another kind"),
        pytest.param("nobody", None, id="a name nobody has"),
    ],
)
def test_stage(reference, expected, parsed):
    assert walk(parsed(STAGES).instructions, {}).stage(reference) == expected
