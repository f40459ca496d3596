import json
import re
from pathlib import Path

import pytest

from arkes_build.core.errors import ToolMissing, ToolTooOld
from arkes_build.engine import probe
from arkes_build.engine.probe import Choice
from arkes_build.render.model import Capabilities

CHOICES = [
    Choice(key="k", isolation="oci"),
    Choice(key="k", isolation="oci", runtime="crun"),
    Choice(key="k", isolation="oci", runtime="runc"),
    Choice(key="k", isolation="chroot"),
]


def find_out(answers):
    asked = []

    def attempt(choice):
        asked.append(str(choice))
        return answers[str(choice)]

    return probe.find_out(CHOICES, attempt), asked


def test_the_first_that_works_is_taken():
    (choice, failed), asked = find_out({"oci isolation": ""})
    assert choice == Choice(key="k", isolation="oci", reason="")
    assert (failed, asked) == ((), ["oci isolation"])


def test_the_reason_says_what_was_tried_and_the_failed_default_is_not_tried_by_name():
    (choice, _), asked = find_out(
        {
            "oci isolation": "crun: no cgroups",
            "oci isolation with runc": "runc: no mounts",
            "chroot isolation": "",
        }
    )
    assert asked == ["oci isolation", "oci isolation with runc", "chroot isolation"]
    assert choice == Choice(
        key="k",
        isolation="chroot",
        reason="oci isolation: crun: no cgroups; oci isolation with runc: runc: no mounts",
    )


def test_when_nothing_works_everything_that_was_said_is_kept():
    (choice, failed), _ = find_out({str(c): f"no {c}" for c in CHOICES})
    assert choice is None
    assert failed == tuple((str(c), f"no {c}") for c in CHOICES)


@pytest.mark.parametrize(
    ("is_own", "is_root", "first", "last"),
    [
        pytest.param(True, True, "oci isolation", "chroot isolation", id="our service as root"),
        pytest.param(
            True, False, "rootless isolation", "chroot isolation", id="our service as a user"
        ),
    ],
)
def test_the_most_isolating_goes_first(is_own, is_root, first, last):
    found = [str(c) for c in probe.choices("k", is_own=is_own, is_root=is_root)]
    assert (found[0], found[-1]) == (first, last)


def test_a_service_that_is_not_ours_keeps_its_runtime():
    found = list(probe.choices("k", is_own=False, is_root=True))
    assert [(c.isolation, c.runtime) for c in found] == [("oci", ""), ("chroot", "")]


def test_a_choice_survives_json():
    choice = Choice(key="k", isolation="oci", runtime="runc", reason="r")
    assert Choice.from_json(json.loads(json.dumps(choice.to_json()))) == choice


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"key": "k"}, id="too few"),
        pytest.param({"key": 1, "isolation": "", "runtime": "", "reason": ""}, id="a number"),
    ],
)
def test_a_file_of_somebody_else_is_no_choice(value):
    assert Choice.from_json(value) is None


def test_builds_share_the_network_and_stay_within_our_limits():
    parameters = Choice(key="k", isolation="oci").parameters()
    assert json.loads(parameters["nsoptions"]) == [{"Host": True, "Name": "network", "Path": ""}]
    files, processes = json.loads(parameters["ulimits"])
    assert re.fullmatch(r"nofile=\d+:\d+", files)
    assert re.fullmatch(r"nproc=(\d+):\1", processes)


@pytest.mark.parametrize(
    ("buildah", "expected"),
    [
        pytest.param("1.28.2", Capabilities(heredocs=False, cache_mounts=True), id="Debian 12"),
        pytest.param("1.33.0", Capabilities(heredocs=True, cache_mounts=True), id="the first"),
        pytest.param("1.39.3", Capabilities(heredocs=True, cache_mounts=True), id="Debian 13"),
        pytest.param("1.23.1", Capabilities(heredocs=False, cache_mounts=False), id="too old"),
        pytest.param("1.33.0-dev", Capabilities(heredocs=True, cache_mounts=True), id="a preview"),
        pytest.param("", Capabilities(heredocs=False, cache_mounts=False), id="unknown"),
    ],
)
def test_the_version_tells_what_is_understood(buildah, expected):
    assert probe.capabilities(buildah) == expected


@pytest.mark.parametrize("version", ["4.3.1", "4.3", "4.10.0", "5.4.2"])
def test_podman_since_4_3_is_new_enough(version):
    probe.check_version(version)


@pytest.mark.parametrize("version", ["4.2.9", "3.4.4", "", "nonsense"])
def test_an_older_podman_is_refused(version):
    with pytest.raises(ToolTooOld):
        probe.check_version(version)


def machine_key(**changes):
    return probe.machine_key(**{"podman": "4.3.1", "buildah": "1.28.2", "service": ""} | changes)


def test_the_key_changes_with_version_and_service():
    found = [
        machine_key(),
        machine_key(podman="5.4.2", buildah="1.39.3"),
        machine_key(service="unix:///one.sock"),
        machine_key(service="unix:///two.sock"),
    ]
    assert len(set(found)) == 4
    assert machine_key() == found[0]


def test_the_key_changes_with_the_storages_settings(monkeypatch, tmp_path):
    for name in ("CONTAINERS_STORAGE_CONF", "STORAGE_DRIVER", "STORAGE_OPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    found = [machine_key()]
    file = tmp_path / "containers/storage.conf"
    file.parent.mkdir()
    for text in ("", "[storage]\n"):
        file.write_text(text)
        found.append(machine_key())
    for setting in (str(file), str(tmp_path), str(tmp_path / "none")):
        monkeypatch.setenv("CONTAINERS_STORAGE_CONF", setting)
        found.append(machine_key())
    monkeypatch.setenv("STORAGE_DRIVER", "vfs")
    found.append(machine_key())
    assert len(set(found)) == len(found)


def test_the_tiny_build_runs_a_static_program_of_the_host():
    rendered, folder = probe.tiny_build()
    (item,) = rendered.files
    assert (folder / item.path).is_file()
    assert rendered.text.startswith(f'FROM scratch\nCOPY ["{item.path}", "/"]\nRUN ["/')


def test_without_a_static_program_there_is_no_trial(tmp_path):
    (tmp_path / "script").write_text("#!/bin/sh\n")
    programs = [(str(tmp_path / "none"), ""), (str(tmp_path / "script"), "")]
    with pytest.raises(ToolMissing):
        probe.tiny_build([*programs, (str(Path("/bin/sh").resolve()), "")])
