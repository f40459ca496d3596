import pytest

from arkes_build.sysroot.kargs import merged, split, why_wrong, without_ostree


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("  rw \t quiet\n", ("rw", "quiet"), id="blanks"),
        pytest.param('a="b c" d', ('a="b c"', "d"), id="quotes hold a blank"),
        pytest.param('a="b c', ('a="b c',), id="a quote that is not closed"),
    ],
)
def test_a_line_is_split_as_the_kernel_does(line, words):
    assert split(line) == words


def test_the_argument_that_libostree_sets_is_not_the_machines():
    assert without_ostree("rw ostree=/ostree/boot.1/os/c/0 quiet") == ("rw", "quiet")


@pytest.mark.parametrize(
    ("present", "before", "after", "result"),
    [
        pytest.param(["rw", "mine"], [], ["new"], ["rw", "mine", "new"], id="one more"),
        pytest.param(["rw", "old", "mine"], ["old"], [], ["rw", "mine"], id="one less"),
        pytest.param(["rw", "a=1"], ["a=1"], ["a=2"], ["rw", "a=2"], id="another value"),
        pytest.param(["rw"], ["kept"], ["kept"], ["rw"], id="what the owner removed stays away"),
        pytest.param(["rw", "x"], [], ["x"], ["rw", "x"], id="what the owner had already"),
    ],
)
def test_an_update_changes_what_the_image_asks_for_and_nothing_else(present, before, after, result):
    assert merged(present, before=before, after=after) == result


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        pytest.param('dyndbg="file drivers/usb/* +p"', "", id="blanks in quotes"),
        pytest.param("quiet", "", id="a word"),
        pytest.param('a"b', "has a blank or a quote of its own", id="an odd quote"),
        pytest.param("a b", "has a blank or a quote of its own", id="two words"),
        pytest.param("a=\u00e4", "no printable ASCII", id="a letter of another alphabet"),
        pytest.param("ostree=/x", "says which deployment boots", id="ours"),
    ],
)
def test_what_nobody_may_add_is_named(argument, why):
    said = why_wrong(argument)
    assert bool(said) == bool(why)
    assert why in said
