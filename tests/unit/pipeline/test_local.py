import pytest

from arkes_build.core.diagnostics import SourceError
from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.ground import Ground
from arkes_build.pipeline.local import BaseDiffers, LocalBuild, Site
from arkes_build.plan.actions import ActionType

GROUND = Ground(
    commit="ab" * 32,
    node="base",
    version="2026.11",
    epoch=86400,
    family=Family.DEBIAN,
    arch=Arch.X86_64,
    release={"NAME": "Example OS", "ID": "example", "HOME_URL": "https://example.org/"},
)


@pytest.fixture
def site(tmp_path):
    def make(text, **files):
        folder = tmp_path / "etc/system"
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            (folder / name.replace("_", ".")).write_text(body)
        (folder / "Systemfile").write_text(text)
        return Site(
            systemfile=folder / "Systemfile",
            folder=tmp_path / "build",
            repository=tmp_path / "repo",
            run=tmp_path / "run",
        )

    return make


def test_the_node_is_named_by_its_folder_and_says_what_the_release_says(site):
    node = LocalBuild(site("FROM arkes:base\nRUN true\n"), GROUND).node
    assert (node.name, node.parent, node.family) == ("system", "base", Family.DEBIAN)
    identity = node.identity
    assert (identity.name, identity.id, identity.id_like) == ("Example OS", "example", "debian")
    assert (identity.version, identity.home_url) == ("2026.11", "https://example.org/")


def test_the_plan_needs_neither_store_nor_engine_and_makes_nothing(site, tmp_path):
    action = LocalBuild(site("FROM arkes:base\nRUN true\n"), GROUND).plan()
    assert (action.type, action.reasons[0].text) == (ActionType.BUILD, "never built")
    assert not (tmp_path / "build").exists()


def keys(site, *texts):
    return [LocalBuild(site(text), GROUND).plan().key for text in texts]


def test_the_key_is_that_of_release_and_text(site):
    from dataclasses import replace

    text = "FROM arkes:base\nRUN true\n"
    first, same, other = keys(site, text, f"# a comment\n{text}", f"{text}RUN false\n")
    assert first == same != other
    newer = replace(GROUND, commit="cd" * 32)
    assert LocalBuild(site(text), newer).plan().key != first


BASES = {
    "another name": ("FROM arkes:desktop\nRUN true\n", "arkes:desktop"),
    "no name of ours": ("FROM scratch\nCOPY Systemfile /\n", "something else"),
    "another one beside the right one": (
        "FROM arkes:tools AS tools\nRUN true\nFROM arkes:base\nCOPY --from=tools /x /x\n",
        "arkes:tools",
    ),
    "nothing for this family": ("# x-families=arch\nFROM arkes:base\n", "nothing that is for"),
}


@pytest.mark.parametrize(("text", "wanted"), BASES.values(), ids=BASES.keys())
def test_a_file_on_another_base_is_refused(site, text, wanted):
    with pytest.raises(BaseDiffers) as caught:
        LocalBuild(site(text), GROUND)
    assert caught.value.brief.startswith(f"the Systemfile stands on {wanted}")
    assert caught.value.brief.endswith("this machine on arkes:base")


def test_the_refusal_has_the_line(site):
    with pytest.raises(BaseDiffers) as caught:
        LocalBuild(site("# mine\n\nFROM arkes:desktop\nRUN true\n"), GROUND)
    assert caught.value.where is not None
    assert caught.value.where.line == 3


def test_a_mistake_in_the_file_is_told_as_everywhere(site):
    with pytest.raises(SourceError):
        LocalBuild(site("FROM arkes:base\nRUNN true\n"), GROUND)


def test_an_arkes_toml_beside_it_has_wishes_and_no_names(site):
    text = '[project]\nname = "mine"\nversion = "9"\n\n[aur]\nbase = "https://example.org"\n'
    made = LocalBuild(site("FROM arkes:base\nRUN true\n", arkes_toml=text), GROUND)
    assert made.node.identity.version == "2026.11"
    assert made._project.config.aur.base == "https://example.org"
