"""The tiny project, built by real podman into a real OSTree repository.

Each test that changes something works on its own copy; what all share is built once.
"""

import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.events import Notice, Outcome
from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.pipeline.pruning import prune
from arkes_build.plan.actions import ActionType

pytestmark = pytest.mark.engine

TINY = Path(__file__).parents[2] / "examples" / "tiny"
SCRIPTS = TINY.parents[1] / "overlay/rootfs/usr/lib/system"
NODES = ("bootstrap", "rootfs", "base", "base-slim", "hello", "hello-tools", "hello-tools-slim")


def build(root, *targets, heard=None, **options):
    sink = heard.append if heard is not None else lambda event: None
    given = Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64, jobs=2, **options)
    pipeline = Pipeline(given, sink)
    try:
        return pipeline.build(targets)
    finally:
        pipeline.close()


def plan(root, *targets):
    given = Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64)
    return {a.node: a for a in Pipeline(given).plan(targets).actions}


def outcomes(report):
    return {node.node: node.outcome for node in report.nodes}


def ostree(root, *words):
    argv = ["ostree", f"--repo={root / '.arkes/repo'}", *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def built_tiny(tmp_path_factory):
    root = tmp_path_factory.mktemp("built") / "tiny"
    shutil.copytree(TINY, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    report = build(root)
    assert report.errors == ()
    return root, report


@pytest.fixture
def tiny(built_tiny, tmp_path):
    """Return a copy of the built project, its store included."""
    root = tmp_path / "tiny"
    subprocess.run(["cp", "-a", str(built_tiny[0]), str(root)], check=True)
    return root


def test_every_node_is_built_and_committed(built_tiny):
    root, report = built_tiny
    assert outcomes(report) == dict.fromkeys(NODES, Outcome.BUILT)
    for node in report.nodes:
        assert ostree(root, "rev-parse", f"tiny/x86_64/{node.node}").strip() == node.commit
    assert "no errors found" in ostree(root, "fsck")


def test_a_commit_tells_where_it_came_from(built_tiny):
    root, _ = built_tiny
    shown = ostree(root, "show", "--raw", "tiny/x86_64/hello")
    for said in ("'arkes.node': <'hello'>", "'version': <'1.0'>", "'arkes.key'", "'arkes.image'"):
        assert said in shown
    release = ostree(root, "cat", "tiny/x86_64/hello", "/usr/lib/os-release")
    assert "VARIANT_ID=hello" in release


def test_the_committed_tree_is_in_deployable_form(built_tiny):
    root, _ = built_tiny
    assert "compiled" in ostree(root, "cat", "tiny/x86_64/hello", "/usr/etc/hello")
    listing = ostree(root, "ls", "tiny/x86_64/hello", "/")
    assert " /etc" not in listing
    assert "/ostree -> sysroot/ostree" in listing


def test_a_second_run_has_nothing_to_do_and_asks_no_engine(built_tiny):
    root, _ = built_tiny
    given = Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64)

    class Untouchable:
        def __getattr__(self, name):
            raise AssertionError(f"the engine was asked for {name}")

    report = Pipeline(given, engine=Untouchable()).build()
    assert outcomes(report) == dict.fromkeys(NODES, Outcome.REUSED)


def test_a_changed_overlay_file_rebuilds_the_leaf_and_what_stands_on_it(tiny):
    (tiny / "overlay/hello/etc/hello").write_text("good evening\n")
    actions = plan(tiny)
    assert actions["hello"].type is ActionType.BUILD
    assert actions["hello"].reasons[0].where == "overlay/hello/etc/hello"
    assert actions["hello-tools"].type is ActionType.WAIT
    report = build(tiny)
    assert outcomes(report) == dict.fromkeys(NODES[:4], Outcome.REUSED) | dict.fromkeys(
        NODES[4:], Outcome.BUILT
    )
    assert ostree(tiny, "cat", "tiny/x86_64/hello-tools-slim", "/usr/etc/hello") == "good evening\n"


def test_a_parent_that_comes_out_identical_leaves_its_children_alone(tiny):
    file = tiny / "variants/base.Containerfile"
    file.write_text(file.read_text() + "\nRUN true\n")
    assert plan(tiny)["hello"].type is ActionType.WAIT
    report = build(tiny)
    assert outcomes(report)["base"] is Outcome.BUILT
    assert {n: outcomes(report)[n] for n in NODES[3:]} == dict.fromkeys(NODES[3:], Outcome.REUSED)


def test_a_comment_rebuilds_nothing(tiny):
    file = tiny / "variants/base.Containerfile"
    file.write_text(file.read_text().replace("RUN chmod", "# why\nRUN   chmod"))
    assert {a.type for a in plan(tiny).values()} == {ActionType.REUSE}


def test_a_failing_step_points_at_its_line_and_holds_back_only_what_stands_on_it(tiny):
    file = tiny / "variants/hello.Containerfile"
    file.write_text(file.read_text() + "\nRUN echo far away && exit 7\n")
    report = build(tiny, "hello-tools", "base-slim")
    assert outcomes(report)["hello"] is Outcome.FAILED
    assert outcomes(report)["hello-tools"] is Outcome.SKIPPED
    assert outcomes(report)["base-slim"] is Outcome.REUSED
    (error,) = report.errors
    assert error.exit_code is ExitCode.BUILD_STEP
    assert str(error.where).startswith("variants/hello.Containerfile:")
    assert error.where.text == "RUN echo far away && exit 7"
    assert "far away" in error.details
    # What was there is still there.
    assert "compiled" in ostree(tiny, "cat", "tiny/x86_64/hello", "/usr/etc/hello")


def test_an_image_that_the_engine_lost_is_made_again_for_its_children(tiny):
    record = tiny / ".arkes/records/base.json"
    known = json.loads(record.read_text())
    known["image"] = "0" * 64
    record.write_text(json.dumps(known))
    (tiny / "overlay/hello/etc/hello").write_text("good night\n")
    report = build(tiny, "hello")
    assert outcomes(report)["base"] in (Outcome.BUILT, Outcome.UNCHANGED)
    assert outcomes(report)["rootfs"] is Outcome.REUSED
    assert outcomes(report)["hello"] is Outcome.BUILT


def test_a_rebuild_without_cache_gives_the_same_content(tiny):
    report = build(tiny, "hello", rebuild=True)
    assert outcomes(report)["hello"] is Outcome.UNCHANGED


def test_a_dry_run_builds_nothing(tiny):
    (tiny / "overlay/hello/etc/hello").write_text("good night\n")
    report = build(tiny, dry_run=True)
    assert outcomes(report)["hello"] is Outcome.PLANNED
    assert "compiled" in ostree(tiny, "cat", "tiny/x86_64/hello", "/usr/etc/hello")


def test_a_systemfile_anywhere_is_a_leaf(tiny, tmp_path):
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "motd").write_text("welcome\n")
    (machine / "Systemfile").write_text("FROM arkes:hello\nCOPY motd /etc/motd\n")
    report = build(tiny, str(machine / "Systemfile"))
    assert outcomes(report)["machine"] is Outcome.BUILT
    assert ostree(tiny, "cat", "tiny/x86_64/machine", "/usr/etc/motd") == "welcome\n"


def test_the_log_keeps_the_build_when_only_its_packages_were_not_foreseen(tiny):
    file = tiny / "variants/hello.Containerfile"
    status = "/usr/lib/sysimage/dpkg/status"
    step = f"mkdir -p {Path(status).parent} && printf 'Package: a\\nVersion: 1\\n' >{status}"
    file.write_text(f"{file.read_text()}\nRUN {step} && echo really built\n")
    for _ in range(2):
        assert build(tiny, "hello", rebuild=True).errors == ()
        (log,) = [p for p in (tiny / ".arkes/logs/hello").iterdir() if "really" in p.read_text()]
        assert log.read_text().count("\nreally built\n") == 1
    assert ostree(tiny, "show", "--print-metadata-key=arkes.packages", "tiny/x86_64/hello") == (
        "['a=1']\n"
    )


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("HOSTNAME=desk.example.org", "desk.example.org\n"), ("", "localhost\n")],
    ids=["a name", "no name"],
)
def test_the_host_name_of_setup_machine_is_the_deployed_systems(tiny, tmp_path, setting, expected):
    machine = tmp_path / "desk"
    shutil.copytree(SCRIPTS, machine / "system")
    (machine / "Systemfile").write_text(
        "FROM arkes:hello\nCOPY system /usr/lib/system\n"
        f"RUN SYSTEM_FAMILY=debian {setting} /usr/lib/system/setup_machine\n"
    )
    assert build(tiny, str(machine / "Systemfile")).errors == ()
    assert ostree(tiny, "cat", "tiny/x86_64/desk", "/usr/etc/hostname") == expected


def test_layers_of_earlier_releases_stay_until_retention_lets_them_go(tiny, tmp_path):
    (tmp_path / "machine").mkdir()
    (tmp_path / "machine/Systemfile").write_text("FROM arkes:hello\nRUN echo 1 >/etc/one\n")
    assert build(tiny, str(tmp_path / "machine/Systemfile")).errors == ()
    before = layers(tiny)
    (tiny / "overlay/hello/etc/hello").write_text("good morning\n")
    assert build(tiny).errors == ()
    assert layers(tiny) > before
    with (tiny / "arkes.toml").open("a") as config:
        config.write('\n[retention."*"]\nkeep = 1\n')
    prune(Options(project=tiny))
    records = [json.loads(path.read_text()) for path in (tiny / ".arkes/records").iterdir()]
    wanted = {layer.removeprefix("sha256:") for record in records for layer in record["layers"]}
    assert layers(tiny) == {f"arkes-layers/{layer}" for layer in wanted}
    assert not layers(tiny) >= before


def layers(root):
    return set(ostree(root, "refs", "--list", "arkes-layers").split())


def test_two_runs_at_once_take_turns(tiny):
    (tiny / "overlay/hello/etc/hello").write_text("good night\n")
    reports, heard = [], []

    def work():
        reports.append(build(tiny, heard=heard))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = sorted(outcomes(report)["hello"].value for report in reports)
    assert ends == ["built", "reused"]
    assert any("waiting for the store" in e.message for e in heard if isinstance(e, Notice))
