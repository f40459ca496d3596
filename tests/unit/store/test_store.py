"""Open stores of all conditions, and keep records in them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from arkes_build.core.errors import ExitCode
from arkes_build.core.names import Arch, Family
from arkes_build.plan.state import Inputs, InstructionInput, Record, State
from arkes_build.store.errors import (
    BadNodeName,
    NotAStore,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreReadOnly,
    StoreTooNew,
)
from arkes_build.store.store import Store

KEY = "0123456789ab" + "c" * 52
COMMIT = "d" * 64


def record(node: str = "base", **changes) -> Record:
    made = Record(
        node=node,
        family="debian",
        arch="x86_64",
        key=KEY,
        inputs=Inputs(
            settings={"family": "debian", "argument A": "ü\udcff"},
            instructions=(
                InstructionInput(
                    digest="1" * 64, where="variants/base.Containerfile:3", brief="RUN"
                ),
            ),
            files={"overlay/base/etc/x": "2" * 64},
            file_details={"overlay/base/etc/x": {"mode": "0644", "content": "3" * 64}},
            parents={"rootfs": "4" * 64},
        ),
        result="5" * 64,
        image="6" * 64,
        ref=f"arkes/x86_64/{node}",
        commit=COMMIT,
        size=123,
        seconds=4.5,
        packages=("a=1", "b=2:3~4"),
        mirrors=("https://example.org/debian",),
        layers=("sha256:" + "7" * 64, "sha256:" + "8" * 64),
    )
    return replace(made, **changes)


def opened(path, **more) -> Store:
    return Store.open(path, **{"family": Family.DEBIAN, "arch": Arch.X86_64, **more})


def whole(made: Record) -> tuple[object, ...]:
    """Return a record's value with the parts that do not count in comparisons."""
    return made, made.inputs.file_details, [(i.where, i.brief) for i in made.inputs.instructions]


@pytest.fixture
def store(tmp_path):
    return opened(tmp_path / "store")


def test_a_store_is_made_on_first_use_and_opened_again(tmp_path):
    opened(tmp_path / "deep/store")
    opened(tmp_path / "deep/store")
    found = json.loads((tmp_path / "deep/store/store.json").read_text())
    assert found == {"version": 1, "family": "debian", "arch": "x86_64"}
    assert (tmp_path / "deep/store/.gitignore").read_text() == "*\n"


def test_reading_a_store_that_is_not_there_creates_nothing(tmp_path):
    store = opened(tmp_path / "store", read_only=True)
    assert store.state(["base"]) == State()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.save(record()),
        lambda store: store.log_path("base", KEY),
        lambda store: store.lock(print),
    ],
    ids=["a record", "a log", "the lock"],
)
def test_a_store_opened_for_reading_writes_nothing(tmp_path, write):
    with pytest.raises(StoreReadOnly):
        write(opened(tmp_path / "store", read_only=True))


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("content", "error", "brief"),
    [
        (
            {"version": 1, "family": "arch", "arch": "x86_64"},
            StoreForeign,
            "the store {path} holds arch for x86_64, not debian for x86_64",
        ),
        (
            {"version": 1, "family": "debian", "arch": "aarch64"},
            StoreForeign,
            "the store {path} holds debian for aarch64, not debian for x86_64",
        ),
        (
            {"version": 2, "family": "debian", "arch": "x86_64"},
            StoreTooNew,
            "the store {path} has format 2; this version knows up to 1",
        ),
        ({}, StoreDamaged, "the store {path} is damaged: store.json has no version"),
        ([], StoreDamaged, "the store {path} is damaged: store.json has no version"),
        ("{", StoreDamaged, "the store {path} is damaged: store.json is no JSON"),
        ("\0", StoreDamaged, "the store {path} is damaged: store.json is no JSON"),
        ("[" * 100_000, StoreDamaged, "the store {path} is damaged: store.json is no JSON"),
    ],
    ids=[
        "of another family",
        "of another architecture",
        "of a newer version",
        "without a version",
        "with a list for an identity",
        "with a cut-off identity",
        "with a NUL byte",
        "nested too deeply",
    ],
)
def test_a_store_that_cannot_be_used_is_refused(tmp_path, content, error, brief, read_only):
    path = tmp_path / "store"
    path.mkdir()
    (path / "store.json").write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(error) as caught:
        opened(path, read_only=read_only)
    assert caught.value.brief == brief.format(path=path)
    assert caught.value.exit_code is ExitCode.STORE
    assert "--store" in caught.value.resolution


def test_a_folder_with_other_things_is_not_made_a_store(tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(NotAStore, match=r"not empty: it has 'thesis\.txt'"):
        opened(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_not_made_a_store(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAStore):
        opened(tmp_path / "file")


def test_a_store_whose_making_was_killed_is_made(tmp_path):
    for name in (".gitignore", ".store.json.123.new", "cache"):
        (tmp_path / name).write_text("")
    assert opened(tmp_path).state([]) == State()


def test_a_record_comes_back_as_it_was(store):
    store.save(record())
    state = store.state(["base", "absent"])
    assert whole(state.records["base"]) == whole(record())
    assert list(state.records) == ["base"]
    assert state.images is None


def test_a_record_is_the_same_bytes_each_time(store):
    store.save(record())
    first = (store.path / "records/base.json").read_bytes()
    store.save(record())
    assert (store.path / "records/base.json").read_bytes() == first


def test_a_record_of_the_time_before_layers_were_kept_is_read(store):
    store.save(record())
    path = store.path / "records/base.json"
    said = json.loads(path.read_text())
    del said["layers"]
    path.write_text(json.dumps(said))
    assert store.state(["base"]).records == {"base": record(layers=())}


def test_commits_are_those_whose_ref_and_object_are_there(store):
    refs = {"good": COMMIT, "lost": "e" * 64, "strange": "../../../etc/passwd", "empty": ""}
    for node, commit in refs.items():
        path = store.path / "repo/refs/heads/arkes/x86_64" / node
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{commit}\n")
        store.save(record(node))
    objects = store.path / "repo/objects/dd"
    objects.mkdir(parents=True)
    (objects / f"{COMMIT[2:]}.commit").write_text("")
    store.save(record("none"))
    store.save(record("outside", ref="../../secret"))
    state = store.state([*refs, "none", "outside"])
    assert state.commits == {"arkes/x86_64/good": COMMIT}
    assert len(state.records) == 6


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"format": 1}',
        b'{"format": 2}',
        b"[" * 100_000,
    ],
    ids=lambda content: content[:14].decode("latin-1") or "empty",
)
def test_a_damaged_record_counts_as_not_there_and_is_told(store, content):
    store.save(record("other"))
    (store.path / "records/base.json").write_bytes(content)
    told = []
    state = store.state(["base", "other"], told.append)
    assert list(state.records) == ["other"]
    assert len(told) == 1
    start = f"the record {store.path}/records/base.json is ignored, base counts as new: "
    assert told[0].message.startswith(start)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("node", "other"),
        ("key", 5),
        ("size", "many"),
        ("seconds", None),
        ("packages", "a"),
        ("packages", [1]),
        ("layers", "a"),
        ("inputs", {}),
        ("extra", "x"),
    ],
)
def test_a_record_with_one_wrong_field_is_damaged(store, field, value):
    store.save(record())
    path = store.path / "records/base.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    told = []
    assert store.state(["base"], told.append) == State()
    assert len(told) == 1


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/b", "A", "a-", "-a", "a\n", "a b", "a.json", "ü", "a" * 64, "a-" * 150],
)
def test_names_that_are_no_nodes_never_become_paths(store, name):
    for use in (
        lambda: store.state([name]),
        lambda: store.save(record(name)),
        lambda: store.log_path(name, KEY),
    ):
        with pytest.raises(BadNodeName):
            use()


def test_logs_go_by_node_and_key(store):
    path = store.log_path("base-slim", KEY)
    assert path == store.path / "logs/base-slim/0123456789ab.log"
    assert path.parent.is_dir()


@pytest.mark.parametrize("key", ["", "../../x", "0" * 63, "Z" * 64])
def test_what_is_no_key_never_becomes_a_path(store, key):
    with pytest.raises(StoreError):
        store.log_path("base", key)
