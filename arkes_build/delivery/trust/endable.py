"""Let a pull of libostree's end when somebody wants us to end.

A pull is one long call into libostree: until it returns Python runs no handler, and what one
raises inside a callback is printed and lost. So a signal cancels the pull from beside it, and
is raised anew when the call has returned.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from arkes_build.store.binding import binding

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def endable() -> Iterator[Any]:
    """Give a ``Gio.Cancellable`` for the calls in the block, which a signal to end cancels."""
    cancellable = binding().gio.Cancellable.new()
    # Handlers are the main thread's; a signal that somebody ignores goes on to be ignored.
    is_main = threading.current_thread() is threading.main_thread()
    deaf = (signal.SIG_IGN, None)
    heard = [one for one in _ENDINGS if is_main and signal.getsignal(one) not in deaf]
    came: list[int] = []
    before = {one: signal.signal(one, lambda number, _: came.append(number)) for one in heard}
    try:
        with _hearing(cancellable, heard):
            yield cancellable
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


@contextmanager
def _hearing(cancellable: Any, heard: list[signal.Signals]) -> Iterator[None]:
    """Cancel from a thread of its own: the other one is inside of libostree."""
    if not heard:
        yield
        return
    asked, wake = os.pipe()
    os.set_blocking(wake, False)

    def wait() -> None:
        while number := os.read(asked, 1):
            if number[0] in heard:
                cancellable.cancel()

    listener = threading.Thread(target=wait, daemon=True)
    listener.start()
    former = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        os.close(wake)
        listener.join()
        os.close(asked)
