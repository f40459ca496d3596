"""The parser tables on disk: quick, shared, and never trusted blindly."""

import threading

import lark
import pytest

from arkes_build.language import grammar

BROKEN = {
    "remark": ("!", 0),
    "instruction": ('RUN --a="b', 8),
    "words": ("", 0),
    "quoted": ('a "b', 2),
    "quoted_backtick": ("a='b", 2),
    "list": ('["a",!', 5),
    "health": ("", 0),
    "heredoc": ("3<<", 3),
    "expansion": ("${A!", 3),
}


@pytest.fixture
def load():
    grammar.load.cache_clear()
    yield grammar.load
    grammar.load.cache_clear()


def test_tables_are_written_once_and_read_again(load, tmp_path):
    load(tmp_path)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    load.cache_clear()
    again = load(tmp_path)
    assert kept.stat().st_mtime_ns == before
    assert again.parse("a b", start="words").children == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"0\n{}", b"\xff\n[1,2]"])
def test_a_torn_file_is_made_anew(load, tmp_path, content):
    load(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(content or kept.read_bytes()[:1000])
    load.cache_clear()
    assert load(tmp_path).parse("a", start="words").children == ["a"]
    digest, _, body = kept.read_bytes().partition(b"\n")
    assert grammar.bytes_digest(body).encode() == digest


def test_right_json_that_is_no_table_is_made_anew(load, tmp_path):
    load(tmp_path)
    (kept,) = tmp_path.iterdir()
    body = b'[{"parser":{}},{}]'
    kept.write_bytes(grammar.bytes_digest(body).encode() + b"\n" + body)
    load.cache_clear()
    assert load(tmp_path).parse("a", start="words").children == ["a"]


def test_a_folder_that_cannot_be_made_costs_time_only(load, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert load(tmp_path / "file" / "cache").parse("a", start="words").children == ["a"]


def test_many_at_once(load, tmp_path):
    parsers = []

    def work():
        load.cache_clear()
        parsers.append(load(tmp_path))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(parsers) == 4
    load.cache_clear()
    assert load(tmp_path).parse("a", start="words").children == ["a"]


@pytest.mark.parametrize("start", grammar.START)
def test_every_rule_says_where_a_text_stops_fitting(start):
    text, position = BROKEN[start]
    with pytest.raises(lark.UnexpectedInput) as caught:
        grammar.tree(start, text)
    assert grammar.position(caught.value, text) == position
