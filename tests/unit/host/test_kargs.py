"""The arguments of the kernel change as asked, and only what the kernel understands gets in."""

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.host.kargs import ArgumentMissing, ArgumentWrong, Edits, change, edited

NOW = ("rw", "quiet", "loglevel=3", "console=tty0", "console=ttyS0")


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        pytest.param(Edits(append=("debug",)), (*NOW, "debug"), id="one more"),
        pytest.param(Edits(append=("quiet", "debug", "debug")), (*NOW, "debug"), id="once only"),
        pytest.param(Edits(delete=("quiet",)), ("rw", *NOW[2:]), id="one that has no value goes"),
        pytest.param(Edits(delete=("console",)), NOW[:3], id="all of a name go"),
        pytest.param(Edits(delete=("console=tty0",)), (*NOW[:3], NOW[4]), id="one of a name goes"),
        pytest.param(
            Edits(replace=("loglevel=7",)),
            ("rw", "quiet", "loglevel=7", *NOW[3:]),
            id="another value in the same place",
        ),
        pytest.param(
            Edits(replace=("console=hvc0",)),
            (*NOW[:3], "console=hvc0"),
            id="one value in the place of two",
        ),
        pytest.param(Edits(replace=("new=1",)), (*NOW, "new=1"), id="in the place of none"),
        pytest.param(
            Edits(delete=("quiet",), append=("quiet",)),
            ("rw", *NOW[2:], "quiet"),
            id="deleted first, then appended",
        ),
        pytest.param(Edits(append=('a="b c"',)), (*NOW, 'a="b c"'), id="a blank in quotes"),
    ],
)
def test_edits(edits, after):
    assert edited(NOW, edits) == after


@pytest.mark.parametrize(
    "argument",
    ["ostree=/evil", "two words", "", "new\nline", "naïve", 'open"quote', "a\x00b"],
    ids=repr,
)
def test_what_the_kernel_would_misread_is_refused(argument):
    for edits in (Edits(append=(argument,)), Edits(delete=(argument,)), Edits(replace=(argument,))):
        with pytest.raises(ArgumentWrong) as caught:
            edited(NOW, edits)
        assert caught.value.exit_code == ExitCode.USAGE


def test_what_is_not_there_cannot_go():
    with pytest.raises(ArgumentMissing) as caught:
        edited(NOW, Edits(delete=("quit",)))
    assert caught.value.resolution == "did you mean 'quiet'?"


def test_a_change_stages_what_boots_next_once_more(with_deployments, make_deployment):
    host, sysroot = with_deployments(make_deployment("1.1", is_booted=True))
    gone = change(host, Edits(append=("debug",)))
    assert sysroot.asked == [("stage", "1111", "arkes:arkes/x86_64/base", ("rw", "quiet", "debug"))]
    assert (gone.is_staged, gone.needs_reboot) == (True, True)


def test_no_change_does_nothing(with_deployments, make_deployment):
    host, sysroot = with_deployments(make_deployment("1.1", is_booted=True))
    gone = change(host, Edits(append=("quiet",)))
    assert (gone.before == gone.after, sysroot.asked) == (True, [])
