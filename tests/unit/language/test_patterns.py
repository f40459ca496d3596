"""Shell patterns, without a pattern that takes long."""

import time

import pytest

from arkes_build.language import patterns


@pytest.mark.parametrize(
    ("pattern", "shortest", "longest"),
    [
        ("a*b", "cabc", "c"),
        ("*", "abcabc", ""),
        ("**b", "cabc", "c"),
        ("?b", "cabc", "cabc"),
        ("x", "abcabc", "abcabc"),
        ("", "abcabc", "abcabc"),
    ],
)
def test_prefixes(pattern, shortest, longest):
    assert patterns.without_prefix("abcabc", pattern, longest=False) == shortest
    assert patterns.without_prefix("abcabc", pattern, longest=True) == longest


@pytest.mark.parametrize(
    ("pattern", "shortest", "longest"),
    [
        ("b*c", "abca", "a"),
        ("c", "abcab", "abcab"),
        ("a?c", "abc", "abc"),
        ("\\*", "abcabc", "abcabc"),
    ],
)
def test_suffixes(pattern, shortest, longest):
    assert patterns.without_suffix("abcabc", pattern, longest=False) == shortest
    assert patterns.without_suffix("abcabc", pattern, longest=True) == longest


@pytest.mark.parametrize(
    ("pattern", "first", "everywhere"),
    [
        ("b", "a-cabc", "a-ca-c"),
        ("a*c", "-", "-"),
        ("x", "abcabc", "abcabc"),
        ("b?", "a-abc", "a-a-"),
    ],
)
def test_replaced(pattern, first, everywhere):
    assert patterns.replaced("abcabc", pattern, "-", everywhere=False) == first
    assert patterns.replaced("abcabc", pattern, "-", everywhere=True) == everywhere


def test_no_wildcard_takes_a_line_end():
    assert patterns.without_prefix("a\nb", "a*b", longest=True) == "a\nb"
    assert patterns.without_prefix("a\nb", "a?b", longest=True) == "a\nb"


def test_only_some_characters_can_be_escaped():
    with pytest.raises(ValueError, match=r"\\x"):
        patterns.compiled("a\\x")


def test_a_long_value_is_not_searched():
    with pytest.raises(ValueError, match="2000 characters"):
        patterns.replaced("a" * 2000, "b", "c", everywhere=True)


def test_many_stars_take_no_longer():
    begin = time.process_time()
    patterns.without_suffix("a" * 20_000, "*a" * 50 + "b", longest=True)
    patterns.replaced("a" * 1000, "*a" * 50 + "b", "", everywhere=True)
    assert time.process_time() - begin < 2
