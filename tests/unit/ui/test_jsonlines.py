"""A program gets one object a line, whatever the text in it."""

import io
import json

from arkes_build.core.events import NodeFinished, Notice, Outcome, OutputLine, StepStarted
from arkes_build.ui.jsonlines import JsonLines


def test_every_event_is_one_line_of_json():
    stream = io.StringIO()
    with JsonLines(stream) as listener:
        listener(Notice(message="two\nlines \u2028 and \udcff"))
        listener(StepStarted(node="base", index=1, total=2, text="RUN make"))
        listener(OutputLine(node="base", text="\x1b[2J"))
        listener(NodeFinished(node="base", outcome=Outcome.BUILT, seconds=1.23456, size=5))
        listener.write({"schema": 1, "type": "report"})
    assert stream.getvalue().isascii()
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"schema": 1, "type": "notice", "message": "two\nlines \u2028 and \udcff"},
        {
            "schema": 1,
            "type": "step-started",
            "node": "base",
            "index": 1,
            "total": 2,
            "text": "RUN make",
        },
        {"schema": 1, "type": "output", "node": "base", "text": "\x1b[2J"},
        {
            "schema": 1,
            "type": "node-finished",
            "node": "base",
            "outcome": "built",
            "seconds": 1.235,
            "size": 5,
            "ref": "",
            "commit": "",
            "message": "",
        },
        {"schema": 1, "type": "report"},
    ]


def test_a_reader_that_goes_away_does_not_end_the_run():
    class Closed(io.StringIO):
        def flush(self):
            raise BrokenPipeError

    with JsonLines(Closed()) as listener:
        listener(Notice(message="one"))
        listener(Notice(message="two"))
