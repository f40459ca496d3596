"""Whatever goes wrong is a clear error with its own exit code, and the next run goes on.

Each case runs the command line as a person would, on a copy of the tiny project.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

TINY = Path(__file__).parents[2] / "examples" / "tiny"
NODES = ("bootstrap", "rootfs", "base", "base-slim", "hello", "hello-tools", "hello-tools-slim")


def arkes(root, *words, **options):
    argv = [sys.executable, "-m", "arkes_build", *words, "--project", str(root)]
    environment = {**os.environ, "COLUMNS": "100", **options.pop("env", {})}
    given = {"env": environment, "stdin": subprocess.DEVNULL, "start_new_session": True, **options}
    return subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **given
    )


def run(root, *words, **options):
    """Return exit code, standard output and standard error; no traceback may be in them."""
    process = arkes(root, *words, **options)
    output, errors = process.communicate(timeout=300)
    assert "Traceback" not in output + errors
    return process.returncode, output, errors


def fsck(root):
    argv = ["ostree", f"--repo={root / '.arkes/repo'}", "fsck"]
    return subprocess.run(argv, check=False, capture_output=True, text=True)


@pytest.fixture
def tiny(tmp_path):
    root = tmp_path / "tiny"
    shutil.copytree(TINY, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    return root


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    root = tmp_path_factory.mktemp("done") / "tiny"
    shutil.copytree(TINY, root, symlinks=True, ignore=shutil.ignore_patterns(".arkes"))
    assert run(root, "all")[0] == 0
    return root


@pytest.fixture
def built(done, tmp_path):
    root = tmp_path / "tiny"
    subprocess.run(["cp", "-a", str(done), str(root)], check=True)
    return root


def without(folder, *missing):
    """Return a PATH with every program but these."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).glob("*"):
            link = folder / program.name
            if program.name not in missing and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def test_no_podman(tiny, tmp_path):
    if Path("/usr/sbin/podman").exists():
        pytest.fail("this test hides podman in PATH only")
    env = {"PATH": without(tmp_path / "bin", "podman"), "CONTAINER_HOST": ""}
    code, _, errors = run(tiny, "all", env=env)
    assert (code, errors.splitlines()[0]) == (
        10,
        "error: podman is not installed (needed for building images)",
    )


def test_a_container_host_that_does_not_answer(tiny):
    code, _, errors = run(tiny, "all", env={"CONTAINER_HOST": "unix:///nowhere/podman.sock"})
    assert code == 12
    assert "does not answer at unix:///nowhere/podman.sock" in errors


def test_a_step_that_fails_shows_its_last_lines_and_where_the_log_is(built):
    file = built / "variants/hello.Containerfile"
    file.write_text(file.read_text() + "\nRUN seq 100 && \\\n    exit 3\n")
    code, output, errors = run(built, "all")
    assert code == 13
    assert "variants/hello.Containerfile:21:1" in errors
    assert "\n  100\n" in errors
    assert "\n  80\n" not in errors
    log = re.search(r"the full log is in (\S+)", errors)
    assert "\n1\n2\n3\n" in Path(log[1]).read_text()
    assert re.search(r"^hello +failed", output, re.MULTILINE)
    assert re.search(r"^hello-tools +skipped", output, re.MULTILINE)


def test_a_full_disk(built, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=1m", "arkes-test", str(disk)]
    subprocess.run(argv, check=True)
    try:
        code, _, errors = run(built, "all", "--store", str(disk / "store"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert code == 16
    assert "no space left" in errors


def test_kill_9_at_any_moment_leaves_a_store_that_the_next_run_goes_on_from(built):
    order = random.Random(4)  # noqa: S311 - the same moments in every run
    for _ in range(6):
        (built / "overlay/base/etc/motd").write_text(f"{order.random()}\n")
        process = arkes(built, "all")
        time.sleep(order.uniform(0.3, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        checked = fsck(built)
        assert checked.returncode == 0, checked.stderr
    code, output, errors = run(built, "all")
    assert (code, errors) == (0, "")
    assert fsck(built).returncode == 0
    code, output, _ = run(built, "all")
    assert "Nothing to do" in output


def test_ctrl_c_ends_what_was_started_and_keeps_what_was_finished(built):
    file = built / "variants/hello.Containerfile"
    file.write_text(file.read_text() + "\nRUN echo begun && sleep 1234\n")
    process = arkes(built, "all", "-v")
    for line in process.stdout:
        if "begun" in line and "sleep" not in line:
            break
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the next run" in errors
    deadline = time.monotonic() + 15
    while sleeping() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert sleeping() == []


def sleeping():
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if words[:2] == [b"sleep", b"1234"]:
            found.append(folder.name)
    return found


def test_a_second_run_says_who_holds_the_store(built):
    file = built / "variants/hello.Containerfile"
    # No layer of an earlier test run may answer, or there is nothing to wait for.
    file.write_text(f"{file.read_text()}\nRUN echo begun && sleep 6 && : {uuid.uuid4().hex}\n")
    first = arkes(built, "build", "hello", "-v")
    for line in first.stdout:
        if "begun" in line and "sleep" not in line:
            break
    code, output, _ = run(built, "build", "hello")
    first.communicate()
    assert (first.returncode, code) == (0, 0)
    assert f"process {first.pid} (" in output


WRONG_FILES = {
    "a file that is not UTF-8": (b"FROM arkes:base\nRUN echo \xff\n", "UTF-8"),
    "a file with a NUL byte": (b"FROM arkes:base\nRUN echo \0\n", "NUL"),
    "a line of ten megabytes": (b"FROM arkes:base\nRUN " + b"x" * 10_000_000, "file-too-large"),
    "a hundred thousand instructions": (b"FROM arkes:base\n" + b"USER 0\n" * 100_000, "more than"),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_a_text_that_is_none_of_ours_is_refused_at_once(built, what):
    content, said = WRONG_FILES[what]
    (built / "variants/wrong.Containerfile").write_bytes(content)
    begin = time.monotonic()
    code, _, errors = run(built, "all")
    assert code == 3
    assert "variants/wrong.Containerfile" in errors
    assert said in errors
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    "name", ["with space", "with'quote", 'with"quote', "line\nend", "a..b", "a-b", "Über"]
)
def test_a_hostile_name_is_refused_and_shown_harmless(built, name):
    (built / f"variants/{name}.Containerfile").write_text("FROM arkes:base\n")
    code, output, _ = run(built, "all", "--json")
    assert code == 3
    (error,) = [json.loads(line) for line in output.splitlines() if '"error"' in line]
    assert "bad-name" in json.dumps(error)
    assert "\n" not in output.rstrip("\n").replace("}\n{", "}{")


@pytest.mark.parametrize(
    "line", ["FROM arkes:../../etc/passwd", "# x-depends=../base\nFROM arkes:base"]
)
def test_a_hostile_reference_is_an_unknown_node(built, line):
    (built / "variants/wrong.Containerfile").write_text(f"{line}\n")
    code, _, errors = run(built, "all")
    assert code == 3
    assert "variants/wrong.Containerfile" in errors


def test_an_overlay_link_that_points_outside_is_refused(built):
    (built / "overlay/hello/etc/leak").symlink_to("../../../../etc/shadow")
    code, _, errors = run(built, "all")
    assert code == 3
    assert "overlay/hello/etc/leak" in errors
