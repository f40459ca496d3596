"""What was done is written down, and read back whatever happened to the file."""

import json

import pytest

from arkes_build.host import records
from arkes_build.host.records import Record, append, path_of, read

NOW = 1_793_900_000


def test_what_was_written_is_read(host):
    written = append(
        host,
        action="upgrade",
        before="a" * 64,
        after="b" * 64,
        version="2026.11",
        seconds=12.34567,
        size=5,
    )
    assert written.seconds == 12.346
    assert read(host) == (written,)
    assert json.loads(path_of(host).read_text()) == {
        "action": "upgrade",
        "time": NOW,
        "result": "ok",
        "from": "a" * 64,
        "to": "b" * 64,
        "version": "2026.11",
        "seconds": 12.346,
        "bytes": 5,
    }


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"action":"upgr', id="torn by a power cut"),
        pytest.param(b"\xff\x00\xfe", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"7", id="a number"),
        pytest.param(b'{"action":"x"}', id="without a time"),
        pytest.param(b'{"action":"x","time":1e999}', id="without end"),
        pytest.param(b"[" * 100_000, id="deeper than deep"),
        pytest.param(b'{"action":"x","time":"\\ud800"}', id="half a letter"),
    ],
)
def test_a_line_that_is_none_costs_itself_only(host, line):
    first = append(host, action="upgrade")
    with path_of(host).open("ab") as stream:
        stream.write(line)
    second = append(host, action="revert")
    assert read(host) == (first, second)


def test_a_file_that_has_grown_is_put_aside_once(host, monkeypatch):
    monkeypatch.setattr(records, "LARGEST", 100)
    for number in range(10):
        append(host, action=f"a{number}")
    kept = [record.action for record in read(host)]
    assert kept == [f"a{number}" for number in range(10 - len(kept), 10)]
    assert sorted(path.name for path in host.var.iterdir()) == [
        "updates.jsonl",
        "updates.old.jsonl",
    ]


def test_no_file_is_no_history(host):
    assert read(host) == ()


def test_what_was_done_stands_though_it_cannot_be_written_down(host):
    host.var.parent.mkdir(parents=True)
    host.var.write_text("no folder\n")
    assert append(host, action="upgrade").action == "upgrade"
    assert read(host) == ()


def test_a_long_story_is_cut(host):
    assert len(append(host, action="upgrade", detail="x" * 10_000).detail) == 2000


def test_a_record_has_only_what_it_says():
    assert records.shape(Record(action="pin", when=1)) == {
        "action": "pin",
        "time": 1,
        "result": "ok",
    }
