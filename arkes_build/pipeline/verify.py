"""Verify commits of the store: signatures, objects, and what they say of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.core.events import Sink, silent
from arkes_build.delivery.soundness.content import Checker
from arkes_build.delivery.trust import claims
from arkes_build.delivery.trust.tally import Tally
from arkes_build.delivery.trust.verification import Part, Trouble, Verdict
from arkes_build.history.commits import History
from arkes_build.pipeline.machine import cores
from arkes_build.pipeline.opening import open_store
from arkes_build.pipeline.pipeline import Pipeline
from arkes_build.store.refs import is_of_node
from arkes_build.store.signed import Distrusted
from arkes_build.store.signing import trusted_keyrings
from arkes_build.store.trees import CommittedTree
from arkes_build.store.trust import Keyrings, commit_signatures, must_be_good

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from arkes_build.delivery.soundness.scan import Progress
    from arkes_build.history.commits import CommitInfo
    from arkes_build.pipeline.opening import Opened
    from arkes_build.pipeline.options import Options
    from arkes_build.plan.actions import Action
    from arkes_build.plan.state import Record
    from arkes_build.store.trust import Signature


def verify(
    options: Options,
    names: Sequence[str] = (),
    *,
    unsigned: bool = False,
    progress: Progress = lambda _done, _total: None,
    sink: Sink = silent,
) -> tuple[Verdict, ...]:
    """Verify the commits that the names mean; without any, the newest of every node.

    With ``unsigned``, signatures are looked at but need not be there. Raises
    ``CommitUnknown``, ``KeyringUnreadable`` and what ``open_store`` raises.
    """
    opened = open_store(options)
    if not opened.store.has_repository:
        return ()
    history = History(opened.repository)
    refs = {ref: commit for ref, commit in history.refs().items() if is_of_node(ref)}
    wanted = [(name, history.resolve(name)) for name in names] or list(refs.items())
    with Keyrings(trusted_keyrings(opened.root)) as rings:
        verifier = _Verifier(opened, history, rings, options, progress, is_strict=not unsigned)
        found = [verifier.verdict(name, commit, _ref_of(commit, refs)) for name, commit in wanted]
    return tuple(_with_plan(options, found, history, sink))


class _Verifier:
    def __init__(
        self,
        opened: Opened,
        history: History,
        rings: Keyrings,
        options: Options,
        progress: Progress,
        *,
        is_strict: bool,
    ) -> None:
        self._opened = opened
        self._history = history
        self._rings = rings
        self._is_strict = is_strict
        checker = Checker(opened.repository, history.repo)
        jobs = options.jobs or cores()
        self._tally = Tally(checker, history.trees.folder, jobs=jobs, progress=progress)

    def verdict(self, name: str, commit: str, ref: str) -> Verdict:
        """Look at one commit; ``ref`` is the one that holds it now, empty for an older one."""
        said = self._history.commit(commit)
        signatures, unsigned = self._signatures(commit)
        objects, wrong = self._tally.count(said.root)
        troubles = [
            *unsigned,
            *(Trouble(part=Part.OBJECTS, text=text) for text in wrong),
            *claims.wrong_inputs(said),
            *claims.wrong_ref(said, ref),
        ]
        if not wrong:  # what is damaged cannot be asked what it says
            troubles += claims.wrong_tree(said, CommittedTree(self._history.repo, commit))
        record = self._record(said)
        notes = list(claims.notes(said))
        if record and record.commit == commit:
            troubles += claims.wrong_record(said, record)
        elif ref:
            notes.append("no build here made it: there is no record of it")
        return Verdict(
            name=name,
            ref=ref or next(iter(said.refs), ""),
            commit=commit,
            version=said.version,
            signatures=signatures,
            objects=objects,
            troubles=tuple(troubles),
            notes=tuple(notes),
        )

    def _signatures(self, commit: str) -> tuple[tuple[Signature, ...], list[Trouble]]:
        try:
            found = commit_signatures(self._history.repo, commit, self._rings)
        except Distrusted as error:
            return (), [Trouble(part=Part.OBJECTS, text=error.brief)]
        if not self._is_strict and not found:
            return found, []
        if not self._rings.keys:
            text = "the project trusts no key, so nobody can say whose it is"
            return found, [Trouble(part=Part.SIGNATURE, text=text)] if self._is_strict else []
        try:
            must_be_good(f"the commit {commit[:12]}", found)
        except Distrusted as error:
            return found, [Trouble(part=Part.SIGNATURE, text=error.brief)]
        return found, []

    def _record(self, said: CommitInfo) -> Record | None:
        if not said.node:
            return None
        try:
            return self._opened.store.state([said.node]).records.get(said.node)
        except ArkesError:
            return None  # a name that no node can have


def _ref_of(commit: str, refs: Mapping[str, str]) -> str:
    return next((ref for ref, held in refs.items() if held == commit), "")


def _with_plan(
    options: Options, found: Sequence[Verdict], history: History, sink: Sink
) -> Iterator[Verdict]:
    """Note at each newest commit whether the project's files now would give the same key."""
    actions = _planned(options, sink)
    for verdict in found:
        said = history.commit(verdict.commit)
        action = actions.get(said.node) if verdict.ref in history.refs() else None
        if action is None or not said.key or verdict.commit != history.refs()[verdict.ref]:
            yield verdict
        elif action.key is None:
            yield verdict  # nobody knows before its parents are built
        elif action.key != said.key:
            why = str(action.reasons[0]) if action.reasons else ""
            text = "the project's files would give another key now" + (f": {why}" if why else "")
            yield replace(verdict, notes=(*verdict.notes, text))
        else:
            yield verdict


def _planned(options: Options, sink: Sink) -> dict[str, Action]:
    pipeline = Pipeline(options, sink)
    try:
        return {action.node: action for action in pipeline.plan().actions}
    except ArkesError:
        return {}  # a project that cannot be read now says nothing of commits made before
    finally:
        pipeline.close()
