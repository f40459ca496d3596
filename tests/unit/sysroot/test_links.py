import pytest

from arkes_build.sysroot.links import drop_links, ensure_link, kernel_argument, read_argument

CHECKSUM = "a" * 64


def test_the_name_of_a_link_is_its_deployment(machine):
    deployment = machine.deployed("a", serial=2)
    assert kernel_argument(deployment) == f"ostree=/ostree/boot-0/os/{CHECKSUM}/2"
    assert ensure_link(machine.path, deployment)
    assert not ensure_link(machine.path, deployment)
    link = machine.path / f"ostree/boot-0/os/{CHECKSUM}/2"
    assert str(link.readlink()) == f"../../../deploy/os/deploy/{CHECKSUM}.2"
    assert link.resolve() == deployment.path


def test_a_link_that_leads_elsewhere_is_set_right(machine):
    deployment = machine.deployed("a")
    link = machine.path / f"ostree/boot-0/os/{CHECKSUM}/0"
    link.parent.mkdir(parents=True)
    link.symlink_to("nowhere")
    assert ensure_link(machine.path, deployment)
    assert link.resolve() == deployment.path


def test_links_of_deployments_that_are_gone_go(machine):
    for serial in (0, 1):
        ensure_link(machine.path, machine.deployed("a", serial=serial))
    kept = f"ostree/boot-0/os/{CHECKSUM}/1"
    assert drop_links(machine.path, {kept}) == (f"ostree/boot-0/os/{CHECKSUM}/0",)
    assert drop_links(machine.path, {kept}) == ()
    assert drop_links(machine.path, ()) == (kept,)
    assert not (machine.path / f"ostree/boot-0/os/{CHECKSUM}").exists()


@pytest.mark.parametrize(
    ("line", "running"),
    [
        pytest.param(f"rw ostree=/ostree/boot-0/os/{CHECKSUM}/3 x", (CHECKSUM, 3), id="ours"),
        pytest.param(f"ostree=/ostree/boot.1/os/{CHECKSUM}/0", None, id="libostree's own"),
        pytest.param("rw quiet", None, id="none"),
        pytest.param(f"ostree=/ostree/boot-0/os/{CHECKSUM}/x", None, id="no number"),
    ],
)
def test_the_command_line_tells_what_runs(line, running):
    assert read_argument(line) == running
