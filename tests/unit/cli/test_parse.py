"""`parse` prints what can be printed, and refuses what the reference refuses."""

import io
import json
import sys

import pytest

from arkes_build.cli.main import main
from arkes_build.language.decode import MOST_BYTES


def says(capsys, *arguments):
    code = main(["parse", *arguments])
    return code, *capsys.readouterr()


def test_a_file_is_printed_without_a_project(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Containerfile").write_text("FROM a\n")
    assert says(capsys, "Containerfile") == (0, "1:1-1:7  FROM\n           argument  a\n", "")


def test_standard_input_is_a_file_too(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"FROM a\n")))
    code, out, _ = says(capsys, "-", "--json")
    shape = json.loads(out)
    assert (code, shape["file"], shape["exit_code"]) == (0, "-", 0)
    assert [each["arguments"] for each in shape["instructions"]] == [["a"]]


def test_what_is_wrong_with_it_follows_the_tree(tmp_path, capsys):
    path = tmp_path / "f"
    path.write_text("FROM a\nCOPY --form=b c d\n")
    code, out, err = says(capsys, str(path))
    assert code == 3
    assert "flag      --form=b\n" in out
    assert "COPY has no flag '--form' [flag-unknown]" in err
    code, out, err = says(capsys, str(path), "--json")
    shape = json.loads(out)
    assert (code, err, shape["exit_code"]) == (3, "", 3)
    assert [each["code"] for each in shape["diagnostics"]] == ["flag-unknown"]
    assert len(shape["instructions"]) == 2


def test_quiet_says_only_what_is_wrong(tmp_path, capsys):
    path = tmp_path / "f"
    path.write_text("FROM a\n")
    assert says(capsys, str(path), "-q") == (0, "", "")


REFUSED = {
    "nothing": (b"", "from-missing"),
    "nothing but comments": (b"# a\n", "from-missing"),
    "an unclosed here-document": (b"FROM a\nRUN <<E\n", "heredoc-unclosed"),
    "a variable without a value": (b"FROM a\nENV b\n", "pair-expected"),
    "one of several without a value": (b"FROM a\nENV b=c d\n", "pair-expected"),
    "a list of a number": (b"FROM a\nRUN [1]\n", "exec-form-items"),
    "a list of a number, and more": (b"FROM a\nRUN [1]<<E\n", "exec-form-items"),
    "the same behind ONBUILD": (b"FROM a\nONBUILD RUN [1]\n", "exec-form-items"),
    "another escape character": (b"# escape=x\nFROM a\n", "directive-escape"),
    "a directive twice": (b"# syntax=x\n# syntax=y\nFROM a\n", "directive-duplicate"),
    "no text": (b"FROM \xff\n", "not-utf8"),
    "far too much": (b"#" * (MOST_BYTES + 10), "file-too-large"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_reference_refuses_is_refused_by_name(data, code, tmp_path, capsys):
    path = tmp_path / "f"
    path.write_bytes(data)
    answer, out, _ = says(capsys, str(path), "--json")
    shape = json.loads(out)
    assert (answer, shape["type"]) == (3, "error")
    assert code in {each["code"] for each in shape["diagnostics"]}


def test_a_file_that_is_not_there(tmp_path, capsys):
    path = tmp_path / "f"
    code, out, err = says(capsys, str(path))
    assert (code, out) == (3, "")
    assert f"cannot read {path}: No such file or directory" in err
