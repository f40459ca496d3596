"""Hold what the text of a command says about the paths it writes and removes."""

import pytest

from arkes_build.core.source import Source
from arkes_build.language.parser import attempt
from arkes_build.project.rules.commands import commands
from arkes_build.project.rules.writes import removes, writes


def command(text):
    file, _ = attempt(Source("test", f"FROM arkes:base\nRUN {text}\n"))
    return commands(file.instructions[-1])[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo a > /a 2>> /b </c", ["file a", "file b"]),
        ("mkdir -p /a/b //c/./d e", ["folder a/b", "folder c/d"]),
        ("mkdir -m 0755 -- /a", ["folder a"]),
        ("install -d /a", ["folder a"]),
        ("install -Dm644 x /a/b", ["file a/b"]),
        ("cp -r x /a", ["file a"]),
        ("cp -t /a x y", ["file a"]),
        ("mv /x /a", ["file a"]),
        ("ln -s ../x /a", ["link a"]),
        ("ln -s x", []),
        ("touch /a /b", ["file a", "file b"]),
        ("tee -a /a", ["file a"]),
        ("curl -fsSL -o /a x", ["file a"]),
        ("wget -O /a x", ["file a"]),
        ("tar -xf x -C /a", ["file a"]),
        ("mkdir /a/$X/b", ["folder a"]),
        ("crontab x", ["file var/spool/cron/root"]),
        ("cat /a", []),
        ("> /a", ["file a"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_writes(text, expected):
    assert [f"{write.kind.value} {write.path}" for write in writes(command(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rm -rf /a /b/*", ["a", "b"]),
        ("mv /a /b /c", ["a", "b"]),
        ("rmdir a", []),
        ("rm /a$X", []),
        ("cp /a /b", []),
    ],
)
def test_removes(text, expected):
    assert list(removes(command(text))) == expected
