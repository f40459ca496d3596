import json

import pytest

from arkes_build.host.machine import Host
from arkes_build.host.metrics import gather as gathering
from arkes_build.host.metrics.text import Gauge, Sample
from arkes_build.system import command as commands
from arkes_build.system.main import main

GAUGES = (
    Gauge(name="arkes_b", help="B.", samples=(Sample(value=2, labels={"x": "ē"}),)),
    Gauge(name="arkes_a", help="A.", samples=(Sample(value=1),)),
    Gauge(name="arkes_none", help="Nothing.", samples=()),
)
TEXT = """\
# HELP arkes_a A.
# TYPE arkes_a gauge
arkes_a 1
# HELP arkes_b B.
# TYPE arkes_b gauge
arkes_b{x="ē"} 2
"""


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    (tmp_path / "ostree/repo").mkdir(parents=True)
    (tmp_path / "ostree/repo/config").write_text("[core]\n")
    monkeypatch.setattr(commands, "make_host", lambda: Host(root=tmp_path, uid=lambda: 1000))
    monkeypatch.setattr(gathering, "gather", lambda host: GAUGES)


def test_everybody_may_look(capfdbinary):
    assert main(["metrics"]) == 0
    assert capfdbinary.readouterr().out.decode() == TEXT


def test_a_file_is_written_as_a_whole_and_nothing_is_printed(tmp_path, capfd):
    target = tmp_path / "textfile/arkes.prom"
    assert main(["metrics", "--output", str(target)]) == 0
    assert target.read_text() == TEXT
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["arkes.prom"]
    assert capfd.readouterr().out == ""


def test_where_nothing_can_be_written_the_place_is_named(tmp_path, capfd):
    (tmp_path / "file").write_text("")
    assert main(["metrics", "--output", str(tmp_path / "file/arkes.prom")]) == 26
    assert f"{tmp_path}/file/arkes.prom cannot be written" in capfd.readouterr().err


def test_json_has_the_same_figures(capfd):
    assert main(["metrics", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["schema"], told["type"]) == (1, "metrics")
    assert told["metrics"] == [
        {"name": "arkes_a", "help": "A.", "samples": [{"labels": {}, "value": 1.0}]},
        {"name": "arkes_b", "help": "B.", "samples": [{"labels": {"x": "ē"}, "value": 2.0}]},
    ]


def test_quiet_says_nothing(capfd):
    assert main(["metrics", "--quiet"]) == 0
    assert capfd.readouterr().out == ""
