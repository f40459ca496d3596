import json
from dataclasses import asdict, replace

import pytest

from arkes_build.sysroot import fallen
from arkes_build.sysroot.fallen import Fallen

ONE = Fallen(
    commit="a" * 64,
    version="2026.12",
    ref="arkes:arkes/x86_64/base",
    when=1_800_000_000,
    reason="health check 10-units: dbus.service is failed",
    tries=3,
    lines=("[   12.5] systemd[1]: Failed to start dbus.service.",),
)
OTHER = replace(ONE, commit="b" * 64, when=ONE.when + 60, lines=())


def test_what_is_kept_is_read_again_the_newest_first(tmp_path):
    fallen.write(tmp_path, ONE)
    fallen.write(tmp_path, OTHER)
    assert fallen.read(tmp_path) == (OTHER, ONE)
    assert fallen.find(tmp_path, ONE.commit) == ONE
    assert fallen.is_fallen(tmp_path, ONE.commit)


def test_a_machine_where_nothing_fell_has_no_records(tmp_path):
    assert fallen.read(tmp_path) == ()
    assert not fallen.is_fallen(tmp_path, ONE.commit)
    assert not fallen.is_fallen(tmp_path, "../../etc/passwd")


def test_what_is_wanted_again_is_forgotten(tmp_path):
    fallen.write(tmp_path, ONE)
    fallen.forget(tmp_path, ONE.commit)
    fallen.forget(tmp_path, ONE.commit)
    assert fallen.read(tmp_path) == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no object"),
        pytest.param("[" * 9000, id="too deep"),
        pytest.param(json.dumps(asdict(ONE) | {"when": 10**20}), id="a time that nobody can show"),
        pytest.param(json.dumps(asdict(ONE))[:40], id="torn"),
        pytest.param(json.dumps(asdict(ONE) | {"when": "now"}), id="a time in words"),
        pytest.param(json.dumps(asdict(ONE) | {"tries": True}), id="a truth for a number"),
        pytest.param(json.dumps(asdict(ONE) | {"lines": "x"}), id="a text for lines"),
        pytest.param(json.dumps(asdict(OTHER)), id="another commit's"),
    ],
)
def test_a_file_that_is_no_record_costs_itself_only(tmp_path, text):
    fallen.write(tmp_path, OTHER)
    (tmp_path / f"fallen/{ONE.commit}.json").write_text(text)
    assert fallen.read(tmp_path) == (OTHER,)
