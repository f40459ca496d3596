from __future__ import annotations

from arkes_build.vm import inlet
from arkes_build.vm.spec import smbios

MOST_IN_A_TABLE = 65_535


def test_the_agent_comes_as_a_unit_that_multi_user_wants() -> None:
    made = inlet.credentials()
    assert sorted(made) == [
        "arkes.agent",
        "systemd.extra-unit.arkes-agent.service",
        "systemd.unit-dropin.multi-user.target~arkes",
    ]
    assert made["systemd.unit-dropin.multi-user.target~arkes"] == (
        b"[Unit]\nWants=arkes-agent.service\n"
    )


def test_all_of_it_fits_into_a_table_of_the_firmware() -> None:
    assert sum(map(len, smbios(inlet.credentials(), ""))) < MOST_IN_A_TABLE // 2
