import pytest

from arkes_build.host.booting import tries
from arkes_build.host.booting.tries import Try

NAME = f"{'a' * 64}.0"


def test_each_boot_is_noted_once_and_its_first_reason_stays(tmp_path):
    tries.began(tmp_path, NAME, Try(boot="one", when=1))
    tries.began(tmp_path, NAME, Try(boot="one", when=2))
    tries.gave_up(tmp_path, NAME, Try(boot="one", when=3, reason="unwell"))
    tries.gave_up(tmp_path, NAME, Try(boot="one", when=4, reason="late"))
    tries.began(tmp_path, NAME, Try(boot="two", when=5))
    assert tries.read(tmp_path, NAME) == (
        Try(boot="one", when=1, reason="unwell"),
        Try(boot="two", when=5),
    )


def test_a_boot_that_was_never_noted_can_still_be_given_up(tmp_path):
    tries.gave_up(tmp_path, NAME, Try(boot="one", when=3, reason="late"))
    assert tries.read(tmp_path, NAME) == (Try(boot="one", when=3, reason="late"),)


def test_only_the_last_boots_are_kept(tmp_path):
    for number in range(20):
        tries.began(tmp_path, NAME, Try(boot=str(number), when=number))
    assert [each.boot for each in tries.read(tmp_path, NAME)] == [str(n) for n in range(12, 20)]


def test_what_came_up_is_forgotten(tmp_path):
    tries.began(tmp_path, NAME, Try(boot="one", when=1))
    tries.forget(tmp_path, NAME)
    tries.forget(tmp_path, NAME)
    assert tries.read(tmp_path, NAME) == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 9000,
        '{"boots": [{"boot": "", "when": 1e999, "reason": ""}]}',
        "",
        "[]",
        '{"boots": [{"boot": "x"}]}',
        '{"boots": 1}',
    ],
)
def test_a_file_that_cannot_be_read_says_nothing(tmp_path, text):
    path = tmp_path / f"tries/{NAME}.json"
    path.parent.mkdir()
    path.write_text(text)
    assert tries.read(tmp_path, NAME) == ()
