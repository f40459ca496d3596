"""Laws of the expansion: what a project's nodes are, whatever the project."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from arkes_build.core.names import Arch, Family
from arkes_build.project.cycles import find_cycles
from arkes_build.project.expand import expand
from arkes_build.project.loader import load_project
from arkes_build.project.places import key_places

USUAL = settings(max_examples=60, deadline=None)
TEMPLATES = ("t", "u", "w")
CHAINS = st.lists(
    st.permutations(TEMPLATES).flatmap(
        lambda names: st.integers(1, 3).map(lambda n: "-".join(names[:n]))
    ),
    max_size=3,
)
FAMILIES = st.sampled_from(["", "# x-families=arch\n", "# x-families=debian\n"])
VARIANTS = st.lists(st.tuples(st.integers(0, 5), CHAINS, FAMILIES), min_size=1, max_size=6)


def texts(variants):
    """Return variants that stand on earlier ones only, so that there is no ring."""
    for number, (back, chains, families) in enumerate(variants):
        base = f"arkes:v{number - 1 - back % number}" if number else "scratch"
        header = f"# x-templates={','.join(chains)}\n" if chains else ""
        yield f"v{number}", f"{header}{families}FROM {base}\n"


def expanded(files, family):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in {"arkes.toml": "", **files}.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text)
        return expand(load_project(root).project, family=family, arch=Arch.X86_64)


@USUAL
@given(VARIANTS, FAMILIES, st.sampled_from(Family))
def test_every_node_is_there_or_left_out_with_a_reason(variants, template_families, family):
    files = {f"variants/{name}.Containerfile": text for name, text in texts(variants)}
    for name in TEMPLATES:
        text = f"{template_families}FROM arkes:${{BASE_VARIANT_ID}}\n"
        files[f"templates/{name}.Containerfile"] = text
    found = expanded(files, family)
    wanted = set()
    for number, (_, chains, _) in enumerate(variants):
        wanted.add(f"v{number}")
        for chain in chains:
            names = chain.split("-")
            wanted |= {"-".join([f"v{number}", *names[: n + 1]]) for n in range(len(names))}
    there = {node.name: node for node in found.nodes}
    out = {each.name: each for each in found.left_out}
    assert there.keys() | out.keys() == wanted
    assert not there.keys() & out.keys()
    assert list(there) == sorted(there)
    assert all(each.reason and each.span for each in out.values())
    for node in there.values():
        assert {each.node for each in node.dependencies} <= there.keys()
        assert node.parent is None or node.parent in there


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4)))
def test_rings_are_found_exactly_when_nothing_can_be_put_in_order(needs):
    left = {name: {need for need in given if need in needs} for name, given in needs.items()}
    while ready := [name for name, given in left.items() if not given]:
        left = {name: given - set(ready) for name, given in left.items() if given}
    rings = find_cycles(needs)
    assert bool(rings) == bool(left)
    for ring in rings:
        assert ring[0] == min(ring)
        for name, need in zip(ring, (*ring[1:], ring[0]), strict=True):
            assert need in needs[name]


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=5))
def test_every_key_of_a_table_has_its_place(table):
    def quoted(text):
        plain = "".join(
            f"\\U{ord(c):08x}" if c in '"\\' or c < " " or c == "\x7f" else c for c in text
        )
        return f'"{plain}"'

    usable = {k: v for k, v in table.items() if not any("\ud800" <= c <= "\udfff" for c in k + v)}
    text = "".join(f"{quoted(key)} = {quoted(value)}\n" for key, value in usable.items())
    places = key_places(text)
    assert {text[start:end] for start, end in places.values()} == {quoted(key) for key in usable}
    assert places.keys() == {(key,) for key in usable}
