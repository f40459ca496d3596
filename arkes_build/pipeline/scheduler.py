"""Work through a graph with several hands: what needs nothing more goes first."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence


def run(
    order: Sequence[str],
    needs: Mapping[str, Collection[str]],
    work: Callable[[str], bool],
    *,
    jobs: int,
    skip: Callable[[str], None],
    interrupt: Callable[[], None],
    urgency: Mapping[str, float] | None = None,
) -> None:
    """Call ``work`` for every node of ``order`` once all it needs has succeeded.

    ``order`` lists each node after what it needs; what ``needs`` names outside of
    ``order`` is done already. Of the nodes that are ready, the one with the greatest
    ``urgency`` (seconds of work that hang on it) starts first. ``work`` tells whether
    it succeeded; when not, the nodes that stand on it are handed to ``skip`` and the
    others go on. At most ``jobs`` nodes are at work at once. On an exception,
    Ctrl-C included, ``interrupt`` has to make the running work end; it is waited for,
    nothing new is started, and the exception goes on.
    """
    weight = urgency or {}
    rank = {node: (-weight.get(node, 0.0), place) for place, node in enumerate(order)}
    open_nodes = dict.fromkeys(order)
    done = set[str]().union(*needs.values()) - open_nodes.keys() if needs else set[str]()
    failed = set[str]()
    running = dict[Future[bool], str]()
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="node") as hands:
        try:
            while open_nodes or running:
                for node in [n for n in open_nodes if failed.intersection(needs.get(n, ()))]:
                    del open_nodes[node]
                    failed.add(node)
                    skip(node)
                ready = [n for n in open_nodes if done.issuperset(needs.get(n, ()))]
                for node in sorted(ready, key=rank.__getitem__)[: jobs - len(running)]:
                    del open_nodes[node]
                    running[hands.submit(work, node)] = node
                if not running:
                    continue
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    node = running.pop(future)
                    (done if future.result() else failed).add(node)
        except BaseException:
            interrupt()
            raise
