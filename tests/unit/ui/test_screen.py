"""A screen is what the stream and the environment say."""

import io
import os
import pty

import pytest

from arkes_build.ui.screen import Style, screen_of


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def fileno(self):
        raise OSError


@pytest.mark.parametrize(
    ("stream", "environ", "expected"),
    [
        pytest.param(
            io.StringIO(), {"TERM": "xterm"}, (False, False, None), id="a pipe has no width"
        ),
        pytest.param(
            io.StringIO(), {"COLUMNS": "80"}, (False, False, 80), id="COLUMNS limits a pipe"
        ),
        pytest.param(
            io.StringIO(), {"COLUMNS": "0"}, (False, False, None), id="COLUMNS=0 means nothing"
        ),
        pytest.param(
            io.StringIO(), {"COLUMNS": "wide"}, (False, False, None), id="nor does a word"
        ),
        pytest.param(io.StringIO(), {"COLUMNS": "³"}, (False, False, None), id="nor an odd digit"),
        pytest.param(
            io.StringIO(), {"COLUMNS": "7"}, (False, False, 40), id="nothing is below 40 columns"
        ),
        pytest.param(
            io.StringIO(), {"FORCE_COLOR": "1"}, (False, True, None), id="FORCE_COLOR in a pipe"
        ),
        pytest.param(Terminal(), {"TERM": "xterm"}, (True, True, None), id="a terminal"),
        pytest.param(
            Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, (True, False, None), id="NO_COLOR"
        ),
        pytest.param(
            Terminal(), {"TERM": "xterm", "NO_COLOR": ""}, (True, True, None), id="empty NO_COLOR"
        ),
        pytest.param(Terminal(), {"TERM": "dumb"}, (False, False, None), id="a dumb terminal"),
        pytest.param(Terminal(), {}, (False, False, None), id="a terminal of no kind"),
    ],
)
def test_screen_of(stream, environ, expected):
    screen = screen_of(stream, environ)
    assert (screen.moves, screen.colour, screen.width) == expected


def test_the_width_of_a_terminal_is_asked_from_it():
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "w"), os.fdopen(theirs, "w") as stream:
        os.environ.pop("COLUMNS", None)
        import fcntl
        import struct
        import termios

        fcntl.ioctl(stream.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 24, 97, 0, 0))
        assert screen_of(stream, {"TERM": "xterm"}).width == 97


def test_paint_needs_a_style_a_colour_and_a_text(screen):
    assert screen(colour=True).paint("no", Style.BAD) == "\x1b[1;31mno\x1b[0m"
    assert screen(colour=True).paint("no", None) == "no"
    assert screen(colour=True).paint("", Style.BAD) == ""
    assert screen().paint("no", Style.BAD) == "no"
