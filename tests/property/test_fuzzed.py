"""What the fuzzer found once stays repaired, and some new inputs are tried each time."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "golden" / "fuzz").iterdir())
INPUTS = 2000


def loaded(name):
    """Load a script of bench/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "bench" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """Return the fuzzer's judge, without its clock: tests time nothing."""
    before = list(sys.path)
    made = loaded("fuzz").Judge(tmp_path_factory.mktemp("fuzz"))
    sys.path[:] = before
    return made


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_case_that_was_found_fails_no_more(judge, path):
    judge.judge(path.read_bytes())


def test_new_inputs_fail_in_no_way(judge):
    inputs = sys.modules["inputs"]
    texts = inputs.corpus()
    for number in range(INPUTS):
        data = inputs.make(texts, 0, number)
        try:
            judge.judge(data)
        except Exception as error:  # noqa: BLE001 - the input has to be told
            pytest.fail(f"{error!r} for {data!r}")
    assert judge.tally.parsed > INPUTS // 10
    assert judge.tally.rendered > INPUTS // 20
