import pytest

from arkes_build.sysroot.entries import Entry, EntryName, entry_text, parse_entry, parse_name
from arkes_build.sysroot.model import Counter

CHECKSUM = "0123456789ab"
ENTRY = Entry(
    title="Example 1",
    rank=7,
    linux="arkes/6.1-0123456789ab/linux",
    initrd="arkes/6.1-0123456789ab/initrd",
    options="ostree=/ostree/boot-0/os/0/0 rw",
)


@pytest.mark.parametrize(
    ("file", "counter"),
    [
        pytest.param(f"arkes-{CHECKSUM}-0.conf", None, id="blessed"),
        pytest.param(f"arkes-{CHECKSUM}-0+3.conf", Counter(left=3), id="new"),
        pytest.param(f"arkes-{CHECKSUM}-0+1-2.conf", Counter(left=1, done=2), id="tried twice"),
        pytest.param(f"arkes-{CHECKSUM}-0+0-3.conf", Counter(left=0, done=3), id="used up"),
    ],
)
def test_a_name_says_whose_it_is_and_how_often_it_was_tried(file, counter):
    name = EntryName(checksum=CHECKSUM, serial=0, counter=counter)
    assert parse_name(file) == name
    assert name.file == file


@pytest.mark.parametrize(
    "file",
    [
        "windows.conf",
        "ostree-1-arkes.conf",
        "arkes-0123456789ab-0.conf.bak",
        f".arkes-{CHECKSUM}-0.conf.12.new",
        f"arkes-{CHECKSUM}-0+.conf",
        f"arkes-{CHECKSUM}-0+3-.conf",
        f"arkes-{CHECKSUM}-x.conf",
        "arkes-0123456789AB-0.conf",
        f"arkes-{CHECKSUM}-{'9' * 30}.conf",
    ],
)
def test_files_of_others_are_not_ours(file):
    assert parse_name(file) is None


def test_an_entry_reads_as_it_was_written():
    assert entry_text(ENTRY).decode().splitlines() == [
        "# Written by arkes whenever deployments change.",
        "title Example 1",
        "sort-key arkes",
        "version 7",
        "linux /arkes/6.1-0123456789ab/linux",
        "initrd /arkes/6.1-0123456789ab/initrd",
        "options ostree=/ostree/boot-0/os/0/0 rw",
    ]
    assert parse_entry(entry_text(ENTRY)) == ENTRY


def test_a_name_cannot_add_a_line():
    text = entry_text(
        Entry(title="a\nlinux /evil", rank=1, linux="l", initrd="i", options="rw\noptions x")
    ).decode()
    assert text.splitlines()[1] == "title a linux /evil"
    assert text.splitlines()[-1] == "options rw options x"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(entry_text(ENTRY)[:-1], id="cut before its end"),
        pytest.param(entry_text(ENTRY).replace(b"version 7", b"version x"), id="no rank"),
        pytest.param(b"version " + b"9" * 5000 + b"\noptions x\n", id="a rank too long to count"),
        pytest.param("version ²\noptions x\n".encode(), id="a digit that is none"),
        pytest.param(b"\xff\xfe\n", id="no text"),
    ],
)
def test_what_is_not_whole_is_no_entry(data):
    assert parse_entry(data) is None
