"""Nothing of the language is without a word about it, and no word is about nothing."""

from pathlib import Path

from arkes_build.core.names import Arch
from arkes_build.language import manual
from arkes_build.language.keywords import DIRECTIVES, EVERYWHERE, HEADERS, KEYWORDS
from arkes_build.project.supply import SUPPLIED, platform_arguments

PAGE = (Path(__file__).parents[3] / "docs" / "systemfile.md").read_text()


def test_every_instruction_flag_header_and_directive_is_explained():
    flags = {name for k in KEYWORDS.values() for name in k.valued | k.bare}
    assert set(manual.INSTRUCTIONS) == set(KEYWORDS)
    assert set(manual.FLAGS) == flags | EVERYWHERE
    assert set(manual.HEADERS) == set(HEADERS)
    assert set(manual.DIRECTIVES) == DIRECTIVES


def test_every_supplied_argument_is_explained():
    assert set(manual.ARGUMENTS) == {*SUPPLIED, *platform_arguments(Arch.X86_64)}


def test_every_text_is_one_or_two_sentences():
    tables = (manual.INSTRUCTIONS, manual.FLAGS, manual.HEADERS, manual.DIRECTIVES)
    texts = [text for table in tables for text in table.values()]
    assert [t for t in texts if len(t) > 170 or not t.endswith((".", "`.", "`"))] == []


def test_what_is_explained_is_on_the_page_of_the_language():
    names = {*manual.HEADERS, *manual.ARGUMENTS}
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []


def test_an_instructions_own_flags_come_first():
    assert manual.flags_of("ENABLE") == ("user", "arch", "family")
    assert manual.flags_of("WHAT") == ("arch", "family")
