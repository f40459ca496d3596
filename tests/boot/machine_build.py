# x-nodes=base
# x-timeout=300
"""The machine builds a Systemfile of its own on the release that runs, without a network."""

import json

SYSTEMFILE = """\
FROM arkes:base
COPY note /usr/share/built-here/note
RUN test -d /usr/lib/sysimage/dpkg -o -d /usr/lib/sysimage/pacman
"""


def build(guest, *words, check=True):
    done = guest.run("os", "build", "--json", *words, check=check, timeout=280)
    return done, json.loads(done.out.strip().splitlines()[-1] if not words else done.out)


def test_a_systemfile_is_built_on_what_runs_and_only_once(guest):
    guest.put("/etc/system/Systemfile", SYSTEMFILE)
    guest.put("/etc/system/note", "made on the machine\n")
    _, planned = build(guest, "--plan")
    assert (planned["action"], planned["base"]) == ("build", guest.commit)
    _, built = build(guest)
    assert built["version"].endswith("+local.1")
    assert built["base"] == guest.commit
    _, again = build(guest)
    assert (again["action"], again["commit"]) == ("reuse", built["commit"])
    told = guest.out("ostree", "cat", built["commit"], "/usr/share/built-here/note")
    assert told == "made on the machine"
    changed = guest.out("ostree", "diff", guest.commit, built["commit"]).splitlines()
    assert sorted(changed) == [
        "A    /usr/share/built-here",
        "A    /usr/share/built-here/note",
        "M    /usr/lib/os-release",
    ]


def test_no_file_of_the_release_was_copied_for_it(guest):
    links = guest.shell("stat -c %h /ostree/arkes-build/bases/*/shelf/overlay/*/diff/usr/bin/os")
    assert int(links.out) > 1


def test_a_step_that_fails_is_told_with_its_line_and_no_ref_moves(guest):
    before = guest.out("ostree", "refs")
    guest.put("/etc/system/Systemfile", "FROM arkes:base\nRUN echo not here >&2; exit 7\n")
    done, told = build(guest, check=False)
    assert done.exit == 13
    assert told["where"]["line"] == 2
    assert "not here" in told["details"]
    assert guest.out("ostree", "refs") == before
    guest.run("rm", "-r", "/etc/system")
