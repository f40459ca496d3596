"""Folders that are worked in, and what becomes of them."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from arkes_build.disk import workplace

if TYPE_CHECKING:
    from pathlib import Path


def test_what_nobody_holds_goes_and_what_somebody_holds_stays(tmp_path: Path) -> None:
    left = tmp_path / f"{workplace.PREFIX}left"
    (left / "deep").mkdir(parents=True)
    (tmp_path / "disk.raw").touch()
    with workplace.workplace(tmp_path) as one, workplace.workplace(tmp_path) as other:
        assert sorted(tmp_path.iterdir()) == sorted([one, other, tmp_path / "disk.raw"])
    assert list(tmp_path.iterdir()) == [tmp_path / "disk.raw"]


def test_a_second_signal_waits_until_everything_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = workplace.remove

    def disturbed(folder: Path) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        remove(folder)

    monkeypatch.setattr(workplace, "remove", disturbed)
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)  # the system may hand it the signal
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt), workplace.workplace(tmp_path):
            raise RuntimeError("the first trouble")
    finally:
        ended.set()
        other.join()
    assert list(tmp_path.iterdir()) == []
