"""What is asked for before a disk is made for a test."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from arkes_build.core import process
from arkes_build.core.errors import ToolMissing
from arkes_build.core.names import Arch
from arkes_build.pipeline import testing as module
from arkes_build.pipeline.trying import Request
from arkes_build.vm import tables
from arkes_build.vm.errors import FirmwareMissing


def find_nothing(tool, *, wanted_for=""):
    raise ToolMissing(tool, wanted_for=wanted_for)


@pytest.fixture
def testing():
    """A test in a place where nothing can be made."""
    place = SimpleNamespace(blueprint=SimpleNamespace(arch=Arch.X86_64))
    request = Request(nodes=("base",), today=date(2026, 11, 22))
    return module.Testing(options=None, place=place, request=request, sink=lambda _event: None)


def test_without_qemu_no_disk_is_made(testing, monkeypatch):
    monkeypatch.setattr(process, "find", find_nothing)
    with pytest.raises(ToolMissing, match="qemu-system-x86_64 is not installed"):
        testing(None, None)


def test_without_firmware_no_disk_is_made(testing, monkeypatch, tmp_path):
    monkeypatch.setattr(process, "find", lambda tool, **_: tool)
    bare = replace(tables.ARCHES["x86_64"], firmware=((f"{tmp_path}/code", f"{tmp_path}/vars"),))
    monkeypatch.setitem(tables.ARCHES, "x86_64", bare)
    with pytest.raises(FirmwareMissing, match="no UEFI firmware for x86_64"):
        testing(None, None)
