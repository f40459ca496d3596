import pytest

from arkes_build.core.process import Ended
from arkes_build.host.metrics.systemd import Systemd, SystemdSilent, ask, phases

MARKS = {
    "Firmware": 9_000_000,
    "Loader": 4_000_000,
    "InitRD": 2_000_000,
    "Userspace": 5_000_000,
    "Finish": 15_500_000,
}
SHOWN = "".join(f"{name}TimestampMonotonic={value}\n" for name, value in MARKS.items())

PHASES = {
    "all of a machine with UEFI": (
        {},
        {
            "firmware": 5.0,
            "loader": 4.0,
            "kernel": 2.0,
            "initrd": 3.0,
            "userspace": 10.5,
            "total": 24.5,
        },
    ),
    "a firmware that tells nothing": (
        {"Firmware": 0, "Loader": 0},
        {"kernel": 2.0, "initrd": 3.0, "userspace": 10.5, "total": 15.5},
    ),
    "no initrd": (
        {"Firmware": 0, "Loader": 0, "InitRD": 0},
        {"kernel": 5.0, "userspace": 10.5, "total": 15.5},
    ),
    "a boot that goes on": (
        {"Finish": 0},
        {"firmware": 5.0, "loader": 4.0, "kernel": 2.0, "initrd": 3.0},
    ),
    "nothing known": (dict.fromkeys(MARKS, 0), {}),
    "marks out of order make no negative time": (
        {"Firmware": 0, "Loader": 0, "Finish": 1},
        {"kernel": 2.0, "initrd": 3.0, "total": 0.000001},
    ),
}


@pytest.mark.parametrize(("changed", "wanted"), PHASES.values(), ids=PHASES.keys())
def test_phases_are_reckoned(changed, wanted):
    assert phases(MARKS | changed) == wanted


def fake(*answers):
    waiting = list(answers)
    asked = []

    def run(argv, *, timeout, limit):
        asked.append(list(argv))
        return waiting.pop(0)

    run.asked = asked
    return run


def test_nothing_failed_and_systemd_is_asked_once():
    run = fake(Ended(code=0, tail=f"NFailedUnits=0\n{SHOWN}"))
    assert ask(run) == Systemd(phases=phases(MARKS), failed=())
    assert len(run.asked) == 1


def test_failed_units_are_named():
    listed = '[{"unit":"b.service","load":"loaded"},{"unit":"a.mount"}]'
    run = fake(Ended(code=0, tail=f"NFailedUnits=2\n{SHOWN}"), Ended(code=0, tail=listed))
    assert ask(run).failed == ("a.mount", "b.service")


SILENT = {
    "no systemd": ([Ended(code=1, tail="Host is down\n")], "Host is down"),
    "no answer in time": ([Ended(code=None, tail="")], "nothing within 20 s"),
    "an answer to something else": (
        [Ended(code=0, tail="x=1")],
        "it does not count its failed units",
    ),
    "a list that is none": (
        [Ended(code=0, tail="NFailedUnits=1"), Ended(code=0, tail="[1]")],
        "its list of failed units is none",
    ),
    "a list that is no JSON": (
        [Ended(code=0, tail="NFailedUnits=1"), Ended(code=0, tail="0 loaded")],
        "its list of failed units is none",
    ),
}


@pytest.mark.parametrize(("answers", "why"), SILENT.values(), ids=SILENT.keys())
def test_silence_is_an_error_that_says_why(answers, why):
    with pytest.raises(SystemdSilent) as caught:
        ask(fake(*answers))
    assert caught.value.brief == f"systemd does not answer: {why}"


def test_a_program_that_is_not_there_is_silence():
    def run(argv, *, timeout, limit):
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(SystemdSilent):
        ask(run)
