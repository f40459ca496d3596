"""Nodes of a small project are built twice by real podman, and what differs is named."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arkes_build.cli.main import main
from arkes_build.core.digest import digest
from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Arch, Family
from arkes_build.history.causes import Cause
from arkes_build.history.differences import What
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.pipeline.rebuilding import rebuild

pytestmark = pytest.mark.engine

NODES = ("bootstrap", "rootfs", "base", "hello")
TINY = Path(__file__).parents[2] / "examples" / "tiny"
ODD = """\
# x-name=Odd
# x-depends=base
FROM arkes:base
RUN mkdir /usr/share/odd && date > /usr/share/odd/date
RUN head -c 16 /dev/urandom > /usr/share/odd/random
RUN mkdir /tmp/a && echo x > /tmp/a/x && touch -d @$(date +%s) /tmp/a/x \\
    && tar -C /tmp/a -cz x > /usr/share/odd/x.tar.gz && rm -r /tmp/a
RUN echo "built in $(mktemp -u /tmp/XXXXXX)" > /usr/share/odd/place
"""
ABOVE = """\
# x-name=Above
# x-depends=odd
FROM arkes:odd
RUN echo steady > /usr/share/steady
"""


def build(root, target):
    pipeline = Pipeline(Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64, jobs=2))
    try:
        report = pipeline.build((target,))
    finally:
        pipeline.close()
    assert report.errors == ()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a project whose nodes ``hello`` and ``above`` are built."""
    root = tmp_path_factory.mktemp("rebuilding") / "tiny"
    shutil.copytree(TINY, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    (root / "variants/odd.Containerfile").write_text(ODD)
    (root / "variants/above.Containerfile").write_text(ABOVE)
    config = root / "arkes.toml"
    config.write_text(config.read_text().replace('name = "tiny"', 'name = "rebuilding"'))
    build(root, "hello")
    build(root, "above")
    return root


def again(root, target):
    return rebuild(Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64, jobs=2), (target,))


def images(root):
    """Return the nodes of a second build whose images are still called by their names."""
    mark = digest(str((root / ".arkes/rebuild").resolve()))[:8]
    tags = {name: f"localhost/rebuilding-rebuild-{mark}:{name}" for name in NODES}
    # A list of all images takes minutes where there are thousands.
    asked = {name: ["podman", "image", "exists", tag] for name, tag in tags.items()}
    return {
        name for name, argv in asked.items() if not subprocess.run(argv, check=False).returncode
    }


def content(root):
    """Return every file of the store with its bytes, but for what a second build leaves."""
    store = root / ".arkes"
    paths = (path for path in store.rglob("*") if path.is_file() and not path.is_symlink())
    kept = {path.relative_to(store): path for path in paths}
    kept.pop(Path("rebuild.lock"), None)
    return {name: (path.stat().st_mtime_ns, path.stat().st_size) for name, path in kept.items()}


def test_a_steady_node_comes_out_the_same_and_nothing_stays(built):
    before = content(built)
    result = again(built, "hello")
    assert result.exit_code is ExitCode.OK
    assert [(node.node, node.is_same) for node in result.nodes] == [(name, True) for name in NODES]
    assert all(node.recorded == node.rebuilt and node.paths == 0 for node in result.nodes)
    assert (content(built), images(built)) == (before, set())
    assert not (built / ".arkes/rebuild").exists()


@pytest.fixture(scope="module")
def odd(built):
    time.sleep(1)  # a time in whole seconds is the same within one
    return again(built, "above")


def told(result, node, name):
    path = f"/usr/share/odd/{name}"
    found = next(each for each in result.nodes if each.node == node)
    return [each for each in found.differences if each.path == path]


def test_the_first_node_that_differs_is_named_first(odd):
    assert odd.exit_code is ExitCode.DIFFERENT
    same = {node.node: node.is_same for node in odd.nodes}
    assert list(same) == ["bootstrap", "rootfs", "base", "odd", "above"]
    assert [name for name, is_same in same.items() if not is_same] == ["odd", "above"]


@pytest.mark.parametrize(
    ("name", "cause", "inside", "line"),
    [
        pytest.param("date", Cause.TIME, (), 4, id="a date"),
        pytest.param("random", Cause.RANDOM, (), 5, id="random bytes"),
        pytest.param("x.tar.gz", Cause.TIME, ("gzip", "x"), 6, id="a time inside an archive"),
        pytest.param("place", Cause.PATH, (), 8, id="a temporary name"),
    ],
)
def test_a_difference_has_its_cause_and_its_line(odd, name, cause, inside, line):
    found = [each for each in told(odd, "odd", name) if each.what is What.CONTENT]
    assert [(each.cause, each.inside) for each in found] == [(cause, inside)]
    assert found[0].line == f"variants/odd.Containerfile:{line}"


def test_what_differs_below_is_only_counted_above(odd):
    above = odd.nodes[-1]
    assert (above.paths, above.inherited) == (5, 4)
    assert [(each.path, each.cause) for each in above.differences] == [
        ("/usr/lib/os-release", Cause.FOLLOWS)
    ]


def test_the_command_says_it_to_people_and_programs(built, capsys):
    words = ["verify", "--rebuild", "odd", "--project", str(built), "--family", "debian"]
    assert main(words) == ExitCode.DIFFERENT
    shown = capsys.readouterr().out
    assert "odd        different" in shown
    assert "/usr/share/odd/date  (variants/odd.Containerfile:4)" in shown
    assert main([*words, "--json"]) == ExitCode.DIFFERENT
    document = json.loads(capsys.readouterr().out)
    assert (document["type"], document["is_same"]) == ("rebuilt", False)


def test_what_a_killed_comparison_left_goes_with_the_next_one(built):
    script = (
        "import sys; from pathlib import Path\n"
        "from arkes_build.pipeline.options import Options\n"
        "from arkes_build.pipeline.rebuilding import rebuild\n"
        "rebuild(Options(project=Path(sys.argv[1])), ('hello',))\n"
    )
    before = content(built)
    running = subprocess.Popen([sys.executable, "-c", script, str(built)])
    scratch = built / ".arkes/rebuild/records/base.json"
    end = time.monotonic() + 60
    while not scratch.exists() and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert scratch.exists()
    assert "bootstrap" in images(built)
    assert again(built, "hello").exit_code is ExitCode.OK
    assert (content(built), images(built)) == (before, set())
    assert not (built / ".arkes/rebuild").exists()
