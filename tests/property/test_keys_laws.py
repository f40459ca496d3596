"""Laws of keys: they follow from the inputs, all of them, and from nothing else."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arkes_build.plan.changes import changes
from arkes_build.plan.keys import inputs, key
from arkes_build.project.model import ContextFile

COMMANDS = st.sampled_from(["RUN one", "RUN two", "USER a", "COPY a /b", "ENV A=1", "WORKDIR /x"])
LAYOUT = st.sampled_from(["", "\n", "# a comment\n", "\n  # another\n\n"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
FILES = st.builds(
    ContextFile,
    path=st.sampled_from(["a", "a/b", "c d", "ü"]),
    type=st.sampled_from(["file", "dir", "link"]),
    mode=st.sampled_from([0o644, 0o755, 0o4755]),
    digest=st.sampled_from(["", "aa", "bb"]),
    target=st.sampled_from(["", "x"]),
    xattrs=st.sampled_from([(), (("user.a", "1"),)]),
)


@st.composite
def cases(draw):
    return {
        "commands": draw(st.lists(COMMANDS, max_size=5)),
        "files": tuple({f.path: f for f in draw(st.lists(FILES, max_size=3))}.values()),
        "arguments": draw(st.dictionaries(st.sampled_from(["A", "B", "VERSION_ID"]), TEXTS)),
        "snapshot": draw(TEXTS),
        "results": {"rootfs": draw(TEXTS)},
    }


@pytest.fixture(scope="session")
def inputs_of(make_node):
    def make(case, layout=("",)):
        lines = ["FROM arkes:rootfs", *case["commands"]]
        text = "".join(f"{layout[i % len(layout)]}{line}\n" for i, line in enumerate(lines))
        fields = {name: case[name] for name in ("files", "arguments", "snapshot")}
        return inputs(make_node("base", text, **fields), case["results"])

    return make


@given(case=cases(), layout=st.lists(LAYOUT, min_size=1, max_size=4), mix=st.randoms())
def test_layout_and_order_of_what_has_no_order_change_nothing(inputs_of, case, layout, mix):
    files, arguments = list(case["files"]), list(case["arguments"].items())
    mix.shuffle(files)
    mix.shuffle(arguments)
    other = {**case, "files": tuple(files), "arguments": dict(arguments)}
    assert key(inputs_of(other, layout)) == key(inputs_of(case))
    assert changes(inputs_of(case), inputs_of(other, layout)) == ()


@given(one=cases(), two=cases())
def test_keys_agree_exactly_when_nothing_can_be_named_that_changed(inputs_of, one, two):
    old, new = inputs_of(one), inputs_of(two)
    assert (key(old) == key(new)) == (changes(old, new) == ())


@given(case=cases(), other=FILES)
def test_any_change_of_a_file_is_seen_and_named(inputs_of, case, other):
    assume(case["files"])
    first, *rest = case["files"]
    changed = replace(other, path=first.path)
    old, new = inputs_of(case), inputs_of({**case, "files": (changed, *rest)})
    if changed == first:
        assert key(old) == key(new)
    else:
        assert key(old) != key(new)
        assert [reason.where for reason in changes(old, new)] == [first.path]


@given(case=cases(), command=COMMANDS, at=st.integers(0, 5))
def test_one_instruction_more_is_one_reason(inputs_of, case, command, at):
    commands = [*case["commands"]]
    commands.insert(at, command)
    found = changes(inputs_of(case), inputs_of({**case, "commands": commands}))
    assert [reason.text for reason in found] == [f"{command} added"]
