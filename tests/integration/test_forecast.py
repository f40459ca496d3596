"""Releases of a real project: what their commits say, what is too large, what it all weighs."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode
from arkes_build.core.events import Outcome
from arkes_build.core.names import Arch, Family
from arkes_build.history.commits import History
from arkes_build.history.cost import weigh
from arkes_build.history.forecast import LIMIT, parse
from arkes_build.history.model import Kind, NameChange, PackageChange
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline

pytestmark = pytest.mark.engine

TINY = Path(__file__).parents[2] / "examples" / "tiny"
REF = "tiny/x86_64/hello"


def build(root, *targets):
    given = Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64, jobs=2)
    pipeline = Pipeline(given)
    try:
        return pipeline.build(targets or ("hello",))
    finally:
        pipeline.close()


def ostree(*words):
    return subprocess.run(["ostree", *words], check=True, capture_output=True, text=True).stdout


def write(root, path, text):
    file = root / "overlay/hello" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def install(root, **versions):
    """Let the project's tree have a dpkg database with these packages."""
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
        f"Version: {version}\n\n"
        for name, version in versions.items()
    )
    write(root, "usr/lib/sysimage/dpkg/status", status)
    for name, version in versions.items():
        write(root, f"usr/lib/sysimage/dpkg/info/{name}.list", f"/usr/share/{name}/data\n")
        write(root, f"usr/share/{name}/data", f"{name} {version}\n" * 500)


@pytest.fixture(scope="session")
def two_releases(tmp_path_factory):
    """Build a project twice; the second release has other packages, defaults and units."""
    root = tmp_path_factory.mktemp("releases") / "tiny"
    shutil.copytree(TINY, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    install(root, editor="1.0-1")
    assert build(root).errors == ()
    install(root, editor="1.0-2", game="3.0")
    write(root, "etc/hello", "good evening\n")
    write(root, "usr/lib/systemd/system/greet.service", "[Service]\nExecStart=/usr/bin/greet\n")
    assert build(root).errors == ()
    return root


@pytest.fixture
def project(two_releases, tmp_path):
    """Return a copy of the built project, its store included."""
    root = tmp_path / "tiny"
    subprocess.run(["cp", "-a", str(two_releases), str(root)], check=True)
    return root


def commits(root):
    history = History(root / ".arkes/repo")
    return history, list(history.releases(history.resolve(REF)))


def test_a_first_release_says_what_it_weighs(two_releases):
    history, (*_, first) = commits(two_releases)
    forecast = parse(first.forecast)
    weight = weigh(history.trees, first.root)
    assert forecast.since == ()
    assert (forecast.files, forecast.bytes) == (weight.files, weight.bytes)


def test_a_second_release_says_what_it_changes(two_releases):
    history, (second, first) = commits(two_releases)
    assert len(second.forecast.encode()) <= LIMIT
    forecast = parse(second.forecast)
    (since,) = forecast.since
    assert (since.commit, since.version, since.timestamp) == (
        first.checksum,
        first.version,
        first.timestamp,
    )
    assert since.packages == (
        PackageChange(name="editor", before="1.0-1", after="1.0-2", kind=Kind.UPGRADED),
        PackageChange(name="game", before="", after="3.0", kind=Kind.ADDED),
    )
    assert since.etc == (NameChange(name="hello", kind=Kind.CHANGED),)
    assert [one.name for one in since.units] == ["greet.service"]
    # Counted from the release before, it is what the whole tree comes to.
    weight = weigh(history.trees, second.root)
    assert (forecast.files, forecast.bytes) == (weight.files, weight.bytes)


def test_the_download_is_as_large_as_a_web_server_has_it(two_releases, tmp_path):
    _history, (second, first) = commits(two_releases)
    ostree("init", f"--repo={tmp_path}/served", "--mode=archive")
    objects = {}
    for commit in (first.checksum, second.checksum):
        ostree(f"--repo={tmp_path}/served", "pull-local", str(two_releases / ".arkes/repo"), commit)
        found = (tmp_path / "served/objects").glob("??/*")
        objects[commit] = {file: file.stat().st_size for file in found if file.suffix != ".commit"}
    new = objects[second.checksum].keys() - objects[first.checksum].keys()
    cost = parse(second.forecast).since[0].cost
    assert (cost.objects, cost.is_estimate) == (len(new), False)
    assert cost.object_bytes == pytest.approx(
        sum(objects[second.checksum][file] for file in new), rel=0.02
    )


def test_the_same_inputs_give_the_same_forecast(two_releases, tmp_path):
    root = tmp_path / "tiny"
    shutil.copytree(two_releases, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    # From the beginning: the first release is another one, so only the tree is the same.
    assert build(root).errors == ()
    again, before = (parse(commits(each)[1][0].forecast) for each in (root, two_releases))
    assert (again.files, again.bytes) == (before.files, before.bytes)


def test_log_tells_both_releases(two_releases, capsys):
    assert main(["log", "hello", "--project", str(two_releases)]) == 0
    shown = capsys.readouterr().out
    assert "packages  1 up: editor 1.0-1 → 1.0-2; 1 added: game 3.0" in shown
    assert "/etc      1 changed: hello" in shown
    assert "changes   the first release" in shown
    assert main(["log", "hello", "-n1", "--json", "--project", str(two_releases)]) == 0
    (release,) = json.loads(capsys.readouterr().out)["releases"]
    assert release["changes"]["packages"][1]["name"] == "game"


def test_size_knows_packages_and_lines(two_releases, capsys):
    assert main(["size", "hello", "--json", "--project", str(two_releases)]) == 0
    found = json.loads(capsys.readouterr().out)
    game = next(one for one in found["packages"] if one["name"] == "game")
    assert game["bytes"] == len("game 3.0\n" * 500) + len("/usr/share/game/data\n")
    assert any(one["name"].startswith("variants/hello.Containerfile:") for one in found["lines"])
    # What the deployable form makes anew, such as /etc/hosts, no line wrote.
    assert sum(one["bytes"] for one in found["lines"] if not one["name"]) < 500


def test_size_writes_a_page(two_releases, tmp_path):
    page = tmp_path / "sizes.html"
    assert main(["size", "hello", "--html", str(page), "--project", str(two_releases)]) == 0
    assert "<svg" in page.read_text()


def allow(root, text):
    file = root / "arkes.toml"
    file.write_text(f"{file.read_text().partition('[budgets')[0]}{text}")


def failure(report):
    (node,) = [node for node in report.nodes if node.error is not None]
    return node


def test_what_is_over_its_budget_fails_before_its_ref_moves(project):
    before = ostree("rev-parse", f"--repo={project}/.arkes/repo", REF)
    allow(project, '[budgets.hello]\nimage = "1 MB"\nupdate = "1 GB"\n')
    install(project, editor="1.0-3")
    node = failure(build(project))
    assert (node.node, node.outcome) == ("hello", Outcome.FAILED)
    assert node.error.exit_code is ExitCode.BUDGET
    assert str(node.error.where).startswith("arkes.toml:")
    assert "more than its budget of 1.00 MB" in node.error.brief
    assert "variants/hello.Containerfile:" in node.error.details
    assert "grew most since 1.0:" not in node.error.details
    assert ostree("rev-parse", f"--repo={project}/.arkes/repo", REF) == before
    # Nothing is left behind that is not whole, and without the budget it goes on.
    ostree("fsck", f"--repo={project}/.arkes/repo")
    allow(project, "")
    report = build(project)
    assert report.errors == ()
    assert ostree("rev-parse", f"--repo={project}/.arkes/repo", REF) != before


def test_an_update_that_is_too_large_names_what_changed(project):
    allow(project, '[budgets."*"]\nupdate = "1 KB"\n')
    install(project, editor="1.0-3", game="4.0")
    node = failure(build(project))
    assert node.error.brief.startswith("an update of hello takes ")
    assert "game" in node.error.details
    assert "variants/hello.Containerfile:" in node.error.details


def test_a_first_release_has_no_update(project):
    allow(project, '[budgets."*"]\nupdate = "1 B"\n')
    assert build(project, "hello-tools").errors == ()


def test_a_budget_made_smaller_is_noticed_without_a_build(project):
    allow(project, '[budgets.hello]\nimage = "1 MB"\n')
    given = Options(project=project, family=Family.DEBIAN, arch=Arch.X86_64)

    class Untouchable:
        def __getattr__(self, name):
            raise AssertionError(f"the engine was asked for {name}")

    node = failure(Pipeline(given, engine=Untouchable()).build(("hello",)))
    assert node.node == "hello"
    assert "largest lines:" in node.error.details


def test_a_damaged_release_does_not_stop_the_next_one(project):
    history, (second, _first) = commits(project)
    tree = second.root.tree
    (history.path / f"objects/{tree[:2]}/{tree[2:]}.dirtree").unlink()
    write(project, "etc/hello", "good night\n")
    assert build(project).errors == ()
    made = commits(project)[1][0]
    assert (parse(made.forecast).since, made.parent) == ((), second.checksum)
