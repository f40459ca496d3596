from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from arkes_build.vm.accel import Accel
from arkes_build.vm.spec import Places, Spec, arguments, smbios
from arkes_build.vm.tables import ARCHES, Firmware

FIRMWARE = Firmware(code=Path("/fw/CODE.fd"), variables=Path("/fw/VARS.fd"))
PLACES = Places(
    disk=Path("/vm/disk.qcow2"),
    disk_format="qcow2",
    variables=Path("/vm/variables.qcow2"),
    console=Path("/vm/a,b.log"),
    monitor=3,
    agent=4,
    verdict=5,
)


def line(spec: Spec, accel: str = "tcg", arch: str = "x86_64") -> str:
    argv = arguments(spec, ARCHES[arch], Accel(name=accel, reason=""), FIRMWARE, PLACES)
    return " ".join(argv)


@pytest.mark.parametrize(
    ("spec", "accel", "arch", "expected"),
    [
        pytest.param(
            {}, "tcg", "x86_64", "-accel tcg,thread=multi -cpu max,-cx16,-la57",
            id="without KVM the features that are emulated badly are left out",
        ),
        pytest.param({}, "kvm", "x86_64", "-accel kvm -cpu host", id="KVM gives the host's own"),
        pytest.param({}, "tcg", "aarch64", "-device ramfb", id="a virt board has no VGA"),
        pytest.param({"memory": 768, "cpus": 1}, "tcg", "x86_64", "-m 768 -smp 1", id="size"),
        pytest.param({}, "tcg", "x86_64", "path=/vm/a,,b.log", id="a comma is doubled"),
        pytest.param({"snapshot": "one"}, "tcg", "x86_64", " -S", id="a snapshot waits for us"),
        pytest.param({}, "tcg", "x86_64", "socket,id=arkes.agent,fd=4", id="the agent's port"),
        pytest.param({}, "tcg", "x86_64", "-action watchdog=reset", id="a watchdog resets"),
        pytest.param(
            {"forwards": {2200: 22, 8000: 80}}, "tcg", "x86_64",
            "user,id=net,hostfwd=tcp:127.0.0.1:2200-:22,hostfwd=tcp:127.0.0.1:8000-:80 ",
            id="ports of the guest are reached on the host's loopback alone",
        ),
        pytest.param(
            {"drives": (Path("/one"), Path("/two"))}, "tcg", "x86_64",
            '"filename": "/two", "read-only": true}, "node-name": "drive1", "read-only": true} '
            "-device virtio-blk-pci,drive=drive1", id="further disks can only be read",
        ),
    ],
)  # fmt: skip
def test_a_spec_becomes_arguments(
    spec: dict[str, object], accel: str, arch: str, expected: str
) -> None:
    assert expected in line(Spec(disk=Path("/d"), **spec), accel, arch)


def test_what_is_not_wanted_is_not_there() -> None:
    said = line(Spec(disk=Path("/d"), net=False, watchdog=False))
    assert [word in said for word in ("-netdev", "i6300esb", "-smbios", " -S")] == [False] * 4


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        pytest.param("writeback", {"direct": False, "no-flush": False}, id="flushes count"),
        pytest.param("unsafe", {"direct": False, "no-flush": True}, id="flushes are ignored"),
        pytest.param("none", {"direct": True, "no-flush": False}, id="beside the page cache"),
    ],
)
def test_the_disk_has_the_cache_that_was_asked_for(cache: str, expected: dict[str, bool]) -> None:
    accel = Accel(name="tcg", reason="")
    argv = arguments(Spec(disk=Path("/d"), cache=cache), ARCHES["x86_64"], accel, FIRMWARE, PLACES)
    nodes = [json.loads(word) for word in argv if word.startswith("{")]
    assert [node["node-name"] for node in nodes] == ["code", "variables", "disk"]
    assert nodes[2]["cache"] == nodes[2]["file"]["cache"] == expected


def test_credentials_go_into_smbios_as_base64() -> None:
    text = base64.b64encode(b"a,b\n").decode()
    assert smbios({"b": "a,b\n", "a": b""}, "quiet x=1,2") == [
        "-smbios",
        "type=11,value=io.systemd.credential.binary:a=",
        "-smbios",
        f"type=11,value=io.systemd.credential.binary:b={text}",
        "-smbios",
        "type=11,value=io.systemd.boot.kernel-cmdline-extra=quiet x=1,,2",
    ]
