"""Say our own words when libostree is missing."""

from __future__ import annotations

import builtins

import pytest

from arkes_build.core.errors import ExitCode, ToolMissing
from arkes_build.store.binding import binding
from arkes_build.store.repository import Repository


def test_a_machine_without_the_binding_is_told_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def without_gi(name, *rest):
        if name == "gi":
            raise ImportError(name)
        return real(name, *rest)

    binding.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without_gi)
    with pytest.raises(ToolMissing) as caught:
        Repository.open(tmp_path / "repo")
    assert caught.value.exit_code is ExitCode.TOOL_MISSING
    assert "gir1.2-ostree-1.0" in caught.value.brief
    assert not (tmp_path / "repo").exists()
