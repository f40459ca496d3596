"""A second build is refused where there is no first one, and leaves nothing behind."""

import pytest

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.core.events import silent
from arkes_build.core.names import Arch, Family
from arkes_build.history.rebuilt import NodeComparison
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.rebuilding import NothingRecorded, Rebuilding, _scratch, rebuild
from arkes_build.store.store import Store


class StepFailed(ArkesError):
    exit_code = ExitCode.BUILD_STEP


def node(rebuilt):
    return NodeComparison(node="base", commit="c", recorded="a", rebuilt=rebuilt)


@pytest.mark.parametrize(
    ("nodes", "errors", "code"),
    [
        pytest.param((node("a"),), (), ExitCode.OK, id="the same"),
        pytest.param((node("b"),), (), ExitCode.DIFFERENT, id="another"),
        pytest.param((node("a"),), (StepFailed("x"),), ExitCode.BUILD_STEP, id="a step failed"),
        pytest.param((node("b"),), (StepFailed("x"),), ExitCode.DIFFERENT, id="both"),
    ],
)
def test_the_exit_code_says_how_it_ended(nodes, errors, code):
    assert Rebuilding(nodes=nodes, errors=errors, seconds=1.0).exit_code is code


@pytest.fixture
def project(tmp_path):
    (tmp_path / "arkes.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "variants").mkdir()
    (tmp_path / "variants/a.Containerfile").write_text("FROM scratch\nCOPY arkes.toml /\n")
    return tmp_path


def test_what_was_never_built_cannot_be_compared(project):
    with pytest.raises(NothingRecorded) as caught:
        rebuild(Options(project=project), ("a",))
    assert caught.value.exit_code is ExitCode.SOURCE
    assert caught.value.details == "never built"
    assert "arkes-build build a" in caught.value.resolution
    assert not (project / ".arkes").exists()


def test_the_folder_of_a_second_build_is_new_and_goes(tmp_path):
    store = Store.open(tmp_path / "store", family=Family.DEBIAN, arch=Arch.X86_64)
    left = store.path / "rebuild/repo/left-by-a-kill"
    left.mkdir(parents=True)
    with _scratch(store, silent) as folder:
        assert not left.exists()
        folder.mkdir()
        (folder / "x").touch()
    assert sorted(path.name for path in store.path.iterdir()) == [
        ".gitignore",
        "rebuild.lock",
        "store.json",
    ]
