"""What the files say and the lock does not, and what helper scripts say of it, is told apart."""

import pytest

from arkes_build.bootstrap.kept import LockedFileDiffers, LockedFileGone
from arkes_build.core.errors import ExitCode
from arkes_build.engine.errors import Step, step_failure
from arkes_build.pipeline.locking import (
    LockDeviation,
    Lockdown,
    LockStale,
    _refuse_stale,
    as_deviation,
)
from arkes_build.project.lockfile import Download, NodeLock, PackageFile, TargetLock

ONE, TWO = "1" * 64, "2" * 64
RUN = "RUN /usr/lib/system/package_layer nano vim=1\n"


def file(name, version="1", sha256=ONE):
    return PackageFile(
        name=name, version=version, arch="all", size=1, sha256=sha256, file=f"pool/{name}.deb"
    )


def target(**fields):
    return TargetLock(nodes={"base": NodeLock(on="rootfs", **fields)})


@pytest.mark.parametrize(
    ("text", "locked", "told", "at"),
    [
        pytest.param(
            RUN, {"asked": ("nano",)}, "base asks for vim=1", "vim=1", id="a package more"
        ),
        pytest.param(
            RUN,
            {"asked": ("joe", "nano", "vim=1")},
            "base asks for joe no more",
            "",
            id="a package less",
        ),
        pytest.param(
            "ADD https://example.org/a /a\n",
            {},
            "base fetches https://example.org/a",
            "",
            id="an address more",
        ),
    ],
)
def test_a_lock_that_is_older_than_the_files_is_told_with_the_line(
    make_node, text, locked, told, at
):
    node = make_node("base", f"FROM arkes:rootfs\n{text}")
    with pytest.raises(LockStale) as caught:
        _refuse_stale(node, target(**locked))
    assert caught.value.brief == f"arkes.lock is older than the project's files: {told}"
    assert caught.value.where.text == at
    assert caught.value.exit_code is ExitCode.LOCKED


def test_a_node_without_an_entry_and_one_on_another_parent_are_told(make_node):
    node = make_node("base", "FROM arkes:rootfs\n")
    with pytest.raises(LockStale, match="it has no node base"):
        _refuse_stale(node, TargetLock())
    with pytest.raises(LockStale, match="base stands on rootfs, not on other"):
        _refuse_stale(node, TargetLock(nodes={"base": NodeLock(on="other")}))


def test_a_lock_that_fits_is_taken(make_node):
    node = make_node("base", f"FROM arkes:rootfs\n{RUN}ADD https://example.org/a /a\n")
    download = Download(url="https://example.org/a", size=1, sha256=ONE)
    _refuse_stale(node, target(asked=("nano", "vim=1"), downloads=(download,)))


def test_what_nobody_noted_is_a_deviation_even_in_the_locked_version(tmp_path):
    lockdown = Lockdown(target=target(packages=(file("nano"),)), cache=tmp_path)
    with pytest.raises(LockDeviation) as caught:
        lockdown.check("base", NodeLock(), ["nano=1"])
    assert caught.value.brief == "base: nano: locked 1 for all, found for ?"
    lockdown.check("base", NodeLock(packages=(file("nano"),)), [])


@pytest.mark.parametrize(
    ("line", "kind", "told"),
    [
        pytest.param(
            f"arkes-lock: differs nano 1 {TWO} - 1 {ONE}",
            LockedFileDiffers,
            "base: nano 1 is not the file of arkes.lock",
            id="other bytes",
        ),
        pytest.param(
            f"arkes-lock: differs nano 2 {TWO} - 1 {ONE}",
            LockDeviation,
            "base: nano: locked 1, found 2",
            id="another version",
        ),
        pytest.param(
            f"arkes-lock: differs joe 2 {TWO} - ",
            LockDeviation,
            "base: joe 2 is not in the lock",
            id="a stranger",
        ),
        pytest.param(
            f"arkes-lock: gone nano 1 {ONE} pool/nano.deb",
            LockedFileGone,
            "base: no mirror has nano 1 of arkes.lock any more",
            id="a file that is gone",
        ),
    ],
)
def test_what_the_scripts_say_becomes_the_error(tmp_path, line, kind, told):
    log = tmp_path / "log"
    log.write_text(f"Reading package lists...\n{line}\nE: failed\n")
    failed = step_failure(
        "base", step=Step(stage=1, index=2, text="RUN x"), output=["E: failed"], log=log, code=100
    )
    error = as_deviation(failed)
    assert type(error) is kind
    assert error.brief == told
    assert error.exit_code is ExitCode.LOCKED


def test_a_failure_that_has_nothing_to_do_with_the_lock_stays_what_it_is(tmp_path):
    log = tmp_path / "log"
    log.write_text("make: *** no rule\n")
    step = Step(stage=1, index=2, text="RUN make")
    failed = step_failure("base", step=step, output=["make"], log=log, code=2)
    assert as_deviation(failed) is failed
