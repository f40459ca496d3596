"""A long call of libostree's is ended by a signal, which is raised when it has returned."""

import os
import signal
import threading

import pytest

from arkes_build.delivery.trust.endable import endable


def test_a_signal_cancels_the_call_and_is_raised_after_it():
    handler = signal.getsignal(signal.SIGINT)
    seen = []

    def call():
        with endable() as cancellable:
            cancelled = threading.Event()
            cancellable.connect(lambda *_: cancelled.set())
            os.kill(os.getpid(), signal.SIGINT)
            seen.append(cancelled.wait(10))

    with pytest.raises(KeyboardInterrupt):
        call()
    assert seen == [True]
    assert signal.getsignal(signal.SIGINT) is handler


def test_what_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with endable() as cancellable:
            os.kill(os.getpid(), signal.SIGHUP)
        assert not cancellable.is_cancelled()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_beside_the_main_thread_there_is_nothing_to_hear():
    found = []

    def call():
        with endable() as cancellable:
            found.append(cancellable.is_cancelled())

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert found == [False]
