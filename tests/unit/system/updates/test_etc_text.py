"""What is different in /etc, on a screen."""

from arkes_build.host.etc.drift import Drifts
from arkes_build.host.etc.texts import TextDiff
from arkes_build.system.updates.etc_text import drift_lines, drift_shape


def test_each_change(drifts, screen, golden):
    texts = {
        "hosts": TextDiff(
            lines=("--- /usr/etc/hosts", "+++ /etc/hosts", "@@ -1 +1 @@", "-a\x1b[0m")
        ),
        "added/one": TextDiff(why="not shown: it may hold a secret"),
    }
    golden("etc-diff-80.txt", drift_lines(drifts, texts, screen(80)))


def test_no_change(screen):
    assert drift_lines(Drifts(found=()), {}, screen()) == ["/etc is as it was delivered."]
    told = drift_lines(Drifts(found=()), {}, screen(), where="/etc/ssh")
    assert told == ["/etc/ssh is as it was delivered."]


def test_every_change_for_a_program(drifts):
    texts = {"hosts": TextDiff(lines=("+a",)), "gone": TextDiff(why="no file")}
    made = drift_shape(drifts, texts, "ab" * 32)
    assert [one["path"] for one in made["changes"]] == [f"/etc/{one.path}" for one in drifts.found]
    assert [one["diff"] for one in made["changes"] if one["diff"]] == [["+a"]]
    assert made["unread"] == ["/etc/shadow"]
