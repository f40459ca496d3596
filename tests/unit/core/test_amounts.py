"""Numbers of bytes, for people and as they write them into the project's file."""

import pytest

from arkes_build.core.amounts import amount, size


@pytest.mark.parametrize(
    ("count", "is_binary", "text"),
    [
        (0, False, "0 B"),
        (999, False, "999 B"),
        (1500, False, "1.50 KB"),
        (1_500_000_000, False, "1.50 GB"),
        (9 * 10**15, False, "9000.00 TB"),
        (3 << 29, True, "1.50 GiB"),
        (1023, True, "1023 B"),
    ],
)
def test_amounts_are_written_as_in_the_project_s_file(count, is_binary, text):
    assert amount(count, is_binary=is_binary) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (10189, "10 KiB"),
        (1048575, "1.0 MiB"),
        (734003200, "700 MiB"),
        (5 << 30, "5.0 GiB"),
        (5 << 50, "5120 TiB"),
    ],
)
def test_three_digits_are_enough_for_people(count, text):
    assert size(count) == text
