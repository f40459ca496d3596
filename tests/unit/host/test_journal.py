"""The journal hears of everything, under names that never change, and need not be there."""

import re
import socket
from pathlib import Path

import pytest

from arkes_build.host.journal import Message, Priority, send

CATALOGUE = (
    Path(__file__).parents[3] / "overlay/base/usr/lib/systemd/catalog/arkes.catalog"
).read_text()


@pytest.fixture
def journal(host):
    """Return a socket in the place of the journal's."""
    path = host.root / "run/systemd/journal/socket"
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        listening.settimeout(5)
        yield listening


def test_a_message_has_its_fields(host, journal):
    assert send(
        host, Message.REVERTED, "done", priority=Priority.NOTICE, version="1.0", commit="", zone="é"
    )
    got = journal.recv(65536)
    assert re.sub(rb"SYSLOG_PID=\d+", b"SYSLOG_PID=7", got).decode() == (
        "MESSAGE=done\nMESSAGE_ID=b879bba5c54a4310966fe4883cccb44b\nPRIORITY=5\n"
        "SYSLOG_IDENTIFIER=os\nSYSLOG_PID=7\nARKES_VERSION=1.0\nARKES_ZONE=é\n"
    )


def test_a_value_of_several_lines_says_its_length(host, journal):
    assert send(host, Message.DEPLOYED, "one\nMESSAGE_ID=forged")
    got = journal.recv(65536)
    assert got.startswith(b"MESSAGE\n\x15\0\0\0\0\0\0\0one\nMESSAGE_ID=forged\nMESSAGE_ID=010b")


def test_a_long_value_is_cut(host, journal):
    assert send(host, Message.DEPLOYED, "x" * 1_000_000)
    assert len(journal.recv(65536)) < 10_000


def test_without_a_journal_nothing_is_said_and_nothing_fails(host):
    assert not send(host, Message.DEPLOYED, "done")


def test_the_catalogue_explains_every_message_and_no_other():
    assert re.findall(r"^-- ([0-9a-f]{32})$", CATALOGUE, re.MULTILINE) == [
        message.value for message in Message
    ]


def test_every_entry_of_the_catalogue_has_a_subject_and_a_page():
    entries = re.split(r"^-- [0-9a-f]{32}\n", CATALOGUE, flags=re.MULTILINE)[1:]
    head = re.compile(r"Subject: .+\nDefined-By: Arkes\nDocumentation: man:os.*\(1\)\n\n\S")
    assert [entry for entry in entries if not head.match(entry)] == []
