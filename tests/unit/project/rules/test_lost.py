"""Hold what is found about places that the deployed system does not have."""

import pytest

from arkes_build.project.rules import lost
from arkes_build.project.rules.placed import LINKS
from arkes_build.store import deployable

TIDY = "RUN /usr/lib/system/post_build"
STATE = {"overlay/web/var/lib/web/state": "0\n"}


def var(path, place="1:1", more=""):
    return f"{place} var-content {path}{more} is not in the commit: /var is empty there"


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        pytest.param(
            "OVERLAY web",
            {**STATE, "overlay/web/var/lib/web/b": ""},
            [var("/var/lib/web/b", "1:9", " and 1 more")],
            id="an overlay's files in /var are one finding",
        ),
        pytest.param(
            "COPY overlay/web/ /",
            STATE,
            [var("/var/lib/web/state", "1:6")],
            id="COPY of an overlay",
        ),
        pytest.param(
            "COPY <<EOF /var/lib/a\nx\nEOF", {}, [var("/var/lib/a", "1:6")], id="a here-document"
        ),
        pytest.param("RUN mkdir -p /var/lib/a /usr/b", {}, [var("/var/lib/a", "1:14")], id="mkdir"),
        pytest.param("RUN echo a > /var/lib/a/b", {}, [var("/var/lib/a/b", "1:14")], id="redirect"),
        pytest.param("RUN install -D a /var/lib/a", {}, [var("/var/lib/a", "1:18")], id="install"),
        pytest.param("WORKDIR /var/lib/a", {}, [var("/var/lib/a", "1:9")], id="WORKDIR makes it"),
        pytest.param(
            "RUN mkdir /var/lib/a$X", {}, [var("/var/lib/a", "1:11")], id="a name with a variable"
        ),
        pytest.param(
            f"RUN mkdir /var/lib/a\n{TIDY}", {}, [], id="a helper writes folders down afterwards"
        ),
        pytest.param(
            f"RUN touch /var/lib/a\n{TIDY}", {}, [var("/var/lib/a", "1:11")], id="but no files"
        ),
        pytest.param("RUN mkdir /var/a\nPACKAGES b", {}, [], id="PACKAGES calls such a helper"),
        pytest.param(
            "RUN mkdir /var/lib/a\nRUN rm -rf /var/lib/a", {}, [], id="what is removed again"
        ),
        pytest.param("RUN touch /var/cache/a /var/tmp/b", {}, [], id="what only the build uses"),
        pytest.param(
            "RUN mkdir -p /var/lib/a/b\nOVERLAY web",
            {"overlay/web/usr/lib/tmpfiles.d/a.conf": "d /var/lib/a/b 0750 a a -\n"},
            [],
            id="a line of tmpfiles.d makes it",
        ),
        pytest.param(
            "OVERLAY web",
            {
                **STATE,
                "overlay/other/usr/lib/tmpfiles.d/a.conf": 'C "/var/lib/web" - - - - /usr/w\n',
            },
            [],
            id="another overlay's line copies it",
        ),
        pytest.param(
            "RUN mkdir /var/lib/a && echo 'd /var/lib/a 0755 - -' > /usr/lib/tmpfiles.d/a.conf",
            {},
            [],
            id="the RUN writes the line itself",
        ),
        pytest.param(
            "FROM arkes:base AS made\nRUN mkdir /var/lib/a\nFROM arkes:base\nRUN true",
            {},
            [],
            id="a stage that is not in the image",
        ),
        pytest.param(
            "FROM arkes:base AS made\nRUN mkdir /var/lib/a\nFROM scratch\nCOPY --from=made / /",
            {},
            [var("/var/lib/a", "2:11")],
            id="a stage that is taken as a whole",
        ),
        pytest.param(
            "RUN touch /run/a && mkdir /run/b",
            {},
            ["1:11 lost-content /run/a is not in the commit: /run is empty there"],
            id="/run, but for folders that a command may need",
        ),
        pytest.param(
            "COPY a /tmp/a\nRUN sh /tmp/a\nCOPY a /tmp/b",
            {"a": ""},
            ["3:6 lost-content /tmp/b is not in the commit: /tmp is empty there"],
            id="a script in /tmp that is run later is fine",
        ),
        pytest.param(
            "RUN echo 1 > /proc/sys/vm/swappiness; echo >/dev/null",
            {},
            [
                (
                    "1:14 lost-content /proc/sys/vm/swappiness is not in the commit: "
                    "/proc is empty there"
                )
            ],
            id="/proc",
        ),
        pytest.param(
            "COPY a /usr/local/bin/a\nRUN mkdir /opt/b",
            {"a": ""},
            [
                (
                    "1:6 machine-folder /usr/local/bin/a does not come to a machine: "
                    "/usr/local becomes a link to /var/usrlocal, which is the machine's own"
                ),
                (
                    "2:11 machine-folder /opt/b does not come to a machine: "
                    "/opt becomes a link to /var/opt, which is the machine's own"
                ),
            ],
            id="folders of the machine",
        ),
        pytest.param(
            "RUN mkdir /opt/b\nOVERLAY web",
            {"overlay/web/usr/lib/tmpfiles.d/a.conf": "d /var/opt/b\n"},
            [],
            id="a machine's folder that tmpfiles.d makes behind its link",
        ),
        pytest.param(
            "RUN mkdir /usr/opt && rm -rf /opt && ln -s usr/opt /opt\nRUN mkdir /opt/b",
            {},
            [],
            id="a folder that the image makes a link of its own",
        ),
        pytest.param(
            "RUN --mount=type=cache,target=/root/.cargo touch /root/.cargo/config",
            {},
            [],
            id="what is mounted is in no layer",
        ),
        pytest.param(
            "RUN mkdir /var/lib/a && touch /var/lib/a/b\nRUN rm -rf /var/*",
            {},
            [],
            id="all of /var removed at the end",
        ),
        pytest.param(
            "COPY parts /var/parts\nRUN sh /var/parts/install",
            {"parts/install": "", "parts/data": ""},
            [],
            id="files that a later command installs from",
        ),
        pytest.param(
            "COPY parts /var/lib/web\nRUN chown -R web /var/lib/web",
            {"parts/data": ""},
            [var("/var/lib/web/data", "1:6")],
            id="a change of owner is no use",
        ),
        pytest.param("RUN mkdir /var/roothome", {}, [], id="where root's home is"),
        pytest.param("RUN mkdir -p /opt /var /root", {}, [], id="the folders themselves are fine"),
        pytest.param(
            "RUN cp a /boot/loader.conf",
            {},
            [
                (
                    "1:10 boot-content /boot/loader.conf is never seen: "
                    "on the running system /boot is another folder"
                )
            ],
            id="/boot",
        ),
        pytest.param(
            "RUN echo > /usr/etc/a",
            {},
            [
                (
                    "1:12 usr-etc /usr/etc/a stands where the commit puts /etc, "
                    "and loses to a file there"
                )
            ],
            id="/usr/etc",
        ),
        pytest.param(
            "VOLUME /var/lib/a",
            {},
            [
                (
                    "1:1 volume-lost VOLUME has no effect on a system, and what later "
                    "instructions write there is dropped"
                )
            ],
            id="VOLUME",
        ),
    ],
)
def test_lost(judged, text, files, expected):
    assert judged(lost.check, text, files) == expected


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (
            "RUN mkdir /var/lib/a",
            "let a line in /usr/lib/tmpfiles.d/NAME.conf make it at boot: d /var/lib/a",
        ),
        (
            "RUN touch /var/spool/cron/root",
            "write a timer: NAME.timer and NAME.service in /usr/lib/systemd/system",
        ),
        ("RUN touch /usr/etc/a", "write it to /etc/a"),
    ],
)
def test_remedy(judged, text, remedy):
    assert judged(lost.check, text, remedies=True)[0].partition(" | ")[2] == remedy


def test_places_are_those_of_the_commit():
    assert sorted(lost.EMPTY) == sorted(deployable.EMPTY)
    assert {**deployable.LINKS, "usr/local": "var/usrlocal"} == LINKS
