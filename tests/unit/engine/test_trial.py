import json

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.engine.errors import EngineRefused, StorageUnfit
from arkes_build.engine.probe import Choice
from arkes_build.engine.trial import attempt

IMAGE = "a" * 64
CRUN = (
    "error running container: from /usr/bin/crun creating container for [/busybox true]: "
    "cgroups in hybrid mode not supported"
)


class Client:
    """Answer as the service would."""

    def __init__(self, *messages, driver="overlay", refusal=None):
        self.messages = messages
        self.driver = driver
        self.refusal = refusal
        self.deleted = []

    def stream(self, path, *, data, params):
        assert path == "/build"
        assert b"FROM scratch" in b"".join(data)
        if self.refusal:
            raise self.refusal
        return [json.dumps(message).encode() for message in self.messages]

    def get(self, path):
        assert path == f"/images/{IMAGE}/json"
        return {"GraphDriver": {"Name": self.driver}} if self.driver else {}

    def delete(self, path, **params):
        self.deleted.append(path)


def test_a_build_that_works_leaves_no_image_behind():
    client = Client({"stream": "STEP 1/1: FROM scratch\n"}, {"stream": IMAGE + "\n"})
    assert attempt(client, Choice(key="", isolation="oci")) == ""
    assert client.deleted == [f"/images/{IMAGE}"]


@pytest.mark.parametrize(
    ("driver", "brief"),
    [
        ("vfs", "podman's storage driver is vfs, not overlay"),
        ("", "podman's storage driver is not known, not overlay"),
    ],
)
def test_storage_that_keeps_no_folders_is_refused_at_once(driver, brief):
    client = Client({"stream": IMAGE + "\n"}, driver=driver)
    with pytest.raises(StorageUnfit) as caught:
        attempt(client, Choice(key="", isolation="oci"))
    assert caught.value.brief == brief
    assert caught.value.exit_code is ExitCode.ENGINE
    assert 'driver = "overlay"' in caught.value.resolution
    assert client.deleted == [f"/images/{IMAGE}"]


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        pytest.param(
            [
                {"stream": CRUN + "\n"},
                {"stream": ": exit status 1\n"},
                {"stream": 'time="now" level=error msg="did not get container create message"\n'},
                {"error": "while running runtime: exit status 1\n"},
            ],
            "crun: cgroups in hybrid mode not supported",
            id="a runtime refuses",
        ),
        pytest.param(
            [{"error": 'building at STEP "RUN": setting "RLIMIT_NOFILE": refused\n'}],
            'building at STEP "RUN": setting "RLIMIT_NOFILE": refused',
            id="the builder refuses",
        ),
        pytest.param([{"error": "exit status 1\n"}], "exit status 1", id="nobody says why"),
    ],
)
def test_what_failed_is_told_in_its_own_words(messages, error):
    assert attempt(Client(*messages), Choice(key="", isolation="oci")) == error


def test_a_service_that_refuses_the_request_is_a_trial_that_failed():
    client = Client(refusal=EngineRefused("/build (400)", reason="no such isolation"))
    found = attempt(client, Choice(key="", isolation="rootless"))
    assert found == "the container engine refused /build (400): no such isolation"
