import io
import json

import pytest

from arkes_build.core.events import OutputLine, StepStarted
from arkes_build.engine.errors import NO_STEP, Step
from arkes_build.engine.transcript import Transcript

IMAGE = "8cbfe142accba2a3a614729f3f497bfe5899579a617976537cd7ee70f7e21ea0"


def play(*messages):
    events, log = [], io.StringIO()
    transcript = Transcript("base", events.append, log)
    for message in messages:
        said = {"stream": message} if isinstance(message, str) else message
        transcript.take(said if isinstance(said, bytes) else json.dumps(said).encode())
    transcript.finish()
    return transcript, events, log.getvalue()


def step(index, total, text):
    return StepStarted(node="base", index=index, total=total, text=text)


def line(text):
    return OutputLine(node="base", text=text)


def test_a_build_of_one_stage_becomes_steps_and_output():
    transcript, events, log = play(
        "STEP 1/2: FROM scratch\n",
        "STEP 2/2: RUN make\n",
        "hello\n",
        "COMMIT localhost/arkes:base\n",
        "--> 8cbfe142acc\n",
        "Successfully tagged localhost/arkes:base\n",
        IMAGE + "\n",
    )
    assert events == [step(1, 2, "FROM scratch"), step(2, 2, "RUN make"), line("hello")]
    assert (transcript.image, transcript.error) == (IMAGE, "")
    assert log.startswith("STEP 1/2: FROM scratch\nSTEP 2/2: RUN make\nhello\nCOMMIT")


def test_steps_count_on_over_stages_and_a_skipped_stage_keeps_its_number():
    transcript, events, _ = play(
        "[1/3] STEP 1/2: FROM scratch AS one\n",
        "[1/3] STEP 2/2: COPY a /a\n",
        "--> Using cache 02ddd8fc39c\n",
        "[3/3] STEP 1/2: FROM 02ddd8fc39c\n",
        "[3/3] STEP 2/2: LABEL a=b\n",
        IMAGE + "\n",
    )
    assert [(e.index, e.total) for e in events] == [(1, 2), (2, 2), (3, 4), (4, 4)]
    assert transcript.step == Step(stage=3, index=2, text="LABEL a=b")


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param(["one\ntwo\n"], ["one", "two"], id="two lines in one piece"),
        pytest.param(["on", "e\nt", "wo\n"], ["one", "two"], id="pieces that cut lines"),
        pytest.param(["no end"], ["no end"], id="no line end at the end"),
        pytest.param(["10%\r50%\r100%\n"], ["100%"], id="a progress bar"),
        pytest.param(["line\r\n"], ["line"], id="line ends of another system"),
    ],
)
def test_output_comes_in_whole_lines(pieces, expected):
    _, events, _ = play("STEP 1/1: RUN x\n", *pieces)
    assert [e.text for e in events[1:]] == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("STEP 3/4: RUN evil\n", id="another total"),
        pytest.param("STEP 1/2: FROM scratch\n", id="a step of the past"),
        pytest.param("[1/2] STEP 1/2: FROM scratch\n", id="the same stage once more"),
    ],
)
def test_a_program_that_prints_a_step_moves_nothing(text):
    transcript, events, _ = play("STEP 1/2: FROM scratch\n", "STEP 2/2: RUN x\n", text)
    assert transcript.step == Step(stage=1, index=2, text="RUN x")
    assert events[-1] == line(text.strip())


def test_a_failed_program_leaves_its_last_lines_and_exit_code():
    transcript, _, log = play(
        "STEP 1/2: FROM scratch\n",
        "noise of the first step\n",
        "STEP 2/2: RUN false\n",
        *[f"line {number}\n" for number in range(100)],
        "subprocess exited with status 7\n",
        {"error": 'building at STEP "RUN false": exit status 7\n'},
    )
    assert transcript.exit_code == 7
    assert transcript.output == tuple(f"line {number}" for number in range(40, 100))
    assert log.endswith('building at STEP "RUN false": exit status 7\n\n')


def test_what_the_engine_says_itself_is_output_when_no_program_failed():
    transcript, _, _ = play(
        "STEP 1/1: COPY a /\n", {"error": 'building at STEP "COPY a /": no such file\n'}
    )
    assert transcript.exit_code == -1
    assert transcript.output == ('building at STEP "COPY a /": no such file',)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"not json", id="text"),
        pytest.param(b"[1, 2]", id="a list"),
        pytest.param(b'{"aux": {"ID": "sha256:1"}}', id="another kind of message"),
        pytest.param(b'{"stream": 7}', id="a number for text"),
    ],
)
def test_strange_messages_do_no_harm(message):
    transcript, _, _ = play(message)
    assert (transcript.step, transcript.error, transcript.image) == (NO_STEP, "", "")
