"""Laws of compiling declarations: whatever the file, nothing is lost, nothing crosses a barrier."""

import shlex

from hypothesis import given, settings
from hypothesis import strategies as st

from arkes_build.core.names import Arch, Family
from arkes_build.core.source import Source
from arkes_build.language.keywords import DECLARATIVE
from arkes_build.language.parser import attempt, parse
from arkes_build.language.writer import write
from arkes_build.project.declare.compiler import BARRIERS, Surroundings, compile_file
from arkes_build.project.declare.lowered import Lowered
from arkes_build.project.lower import lower
from arkes_build.project.overlays import Overlays
from arkes_build.project.scope import walk

USUAL = settings(max_examples=150, deadline=None)
FAMILIES = st.sampled_from(Family)

NAMES = st.sampled_from(["nginx", "vim", "git", "htop", "gcc", "jq", "tmux"])
PLAIN = ["RUN true", "COPY a /a", "WORKDIR /srv", "ENV A=b", "LABEL a=b", "ARG X=y", "CMD true"]
LINES = st.one_of(
    st.lists(NAMES, min_size=1, max_size=3).map(lambda names: f"PACKAGES {' '.join(names)}"),
    st.lists(NAMES, min_size=1, max_size=2).map(
        lambda names: f"PACKAGES --family=arch {' '.join(names)}"
    ),
    NAMES.map(lambda name: f"ENABLE {name}"),
    NAMES.map(lambda name: f"KARGS {name}=1"),
    NAMES.map(lambda name: f"AUR {name}-git"),
    st.sampled_from(PLAIN),
    st.sampled_from(["USER me", "USER root", 'SHELL ["/bin/bash", "-c"]', "FROM arkes:other"]),
)
FILES = st.lists(LINES, max_size=14).map(lambda lines: "\n".join(["FROM arkes:base", *lines, ""]))
HOSTILE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


def compiled(text, family):
    instructions = lower(parse(Source("test", text)).instructions, family=family, arch=Arch.X86_64)
    around = Surroundings(family=family, overlays=Overlays(()))
    return instructions, compile_file(walk(instructions, {}), around).instructions


def segments(instructions):
    """Return, per segment, the barrier that ends it and the packages that it names.

    What the compiler wrote is no barrier.
    """
    found, packages = [], set()
    for each in instructions:
        if each.keyword == "PACKAGES":
            packages |= {word.text for word in each.words}
        elif isinstance(each, Lowered):
            words = shlex.split(" ".join(word.text for word in each.words))
            if words[0].endswith("package_layer"):
                packages |= set(words[1 : words.index("--aur") if "--aur" in words else None])
        elif each.keyword in BARRIERS:
            found.append((frozenset(packages), each.text))
            packages = set()
    return [*found, (frozenset(packages), "")]


@USUAL
@given(FILES, FAMILIES)
def test_each_segment_keeps_its_packages_and_its_barrier(text, family):
    before, after = compiled(text, family)
    assert segments(after) == segments(before)


@USUAL
@given(FILES, FAMILIES)
def test_plain_instructions_keep_their_order(text, family):
    before, after = compiled(text, family)
    plain = [each for each in before if each.keyword not in DECLARATIVE]
    kept = [each for each in after if not isinstance(each, Lowered)]
    assert all(a is b for a, b in zip(plain, kept, strict=True))


@USUAL
@given(FILES, FAMILIES)
def test_what_is_written_is_plain_and_compiles_to_itself(text, family):
    _, once = compiled(text, family)
    assert not DECLARATIVE & {each.keyword for each in once}
    around = Surroundings(family=family, overlays=Overlays(()))
    again = compile_file(walk(once, {}), around).instructions
    assert all(a is b for a, b in zip(once, again, strict=True))
    written = "".join(write(each) + "\n" for each in once)
    parsed = parse(Source("test", written)).instructions
    assert [(i.keyword, i.form, [w.text for w in i.words]) for i in parsed] == [
        (i.keyword, i.form, [w.text for w in i.words]) for i in once
    ]


@USUAL
@given(FILES)
def test_every_value_of_a_layer_leads_back_to_what_people_wrote(text):
    _, after = compiled(text, Family.DEBIAN)
    for each in after:
        if isinstance(each, Lowered) and each.keyword == "RUN":
            written = {word.text for origin in each.made_of for word in origin.words}
            words = shlex.split(" ".join(word.text for word in each.words))[1:]
            named = {word.removesuffix(".service") for word in words if not word.startswith("--")}
            assert named <= written


@USUAL
@given(st.sampled_from(sorted(DECLARATIVE)), HOSTILE, FAMILIES)
def test_hostile_values_are_refused_or_quoted(keyword, value, family):
    file, _ = attempt(Source("test", f"FROM arkes:base\n{keyword} {value}\n"))
    instructions = lower(file.instructions, family=family, arch=Arch.X86_64)
    around = Surroundings(family=family, overlays=Overlays(()))
    for each in compile_file(walk(instructions, {}), around).instructions:
        if isinstance(each, Lowered) and each.keyword == "RUN":
            text = write(each)
            assert len(parse(Source("test", f"FROM a\n{text}\n")).instructions) == 2
            program = next(w for w in shlex.split(each.words[0].text) if "=" not in w)
            assert program.startswith("/usr/lib/system/")
