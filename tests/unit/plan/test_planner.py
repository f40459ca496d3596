"""Every action has the reason that people can check, down to a source line."""

from dataclasses import replace

import pytest

from arkes_build.plan.actions import ActionType, Reason
from arkes_build.plan.graph import BuildGraph
from arkes_build.plan.planner import decide, plan
from arkes_build.plan.state import State
from arkes_build.project.model import LeftOut


@pytest.fixture
def chain(make_node):
    """rootfs ← base ← slim, and base ← app."""

    def make(**texts):
        return [
            make_node("rootfs", texts.get("rootfs", "FROM scratch\n")),
            make_node("base", texts.get("base", "FROM arkes:rootfs\nRUN make\n")),
            make_node("slim", texts.get("slim", "FROM arkes:base\nRUN strip\n")),
            make_node("app", texts.get("app", "FROM arkes:base\nCOPY --from=arkes:rootfs /a /b\n")),
        ]

    return make


@pytest.fixture
def built(make_record):
    """Return the state after all nodes were built."""

    def make(nodes, **fields):
        records = {node.name: make_record(node) for node in nodes}
        commits = {record.ref: record.commit for record in records.values()}
        return State(records=records, commits=commits, **fields)

    return make


def told(nodes, state, *targets, **options):
    made = plan(BuildGraph.of(nodes), targets, state, **options)
    return [
        (a.node, a.type.value, *(f"{r.where}: {r.text}" if r.where else r.text for r in a.reasons))
        for a in made.actions
    ]


def test_at_first_everything_is_built_and_only_roots_have_keys(chain):
    made = plan(BuildGraph.of(chain()), (), State())
    assert told(chain(), State()) == [
        ("rootfs", "build", "never built"),
        ("base", "build", "never built"),
        ("app", "build", "never built"),
        ("slim", "build", "never built"),
    ]
    assert [action.node for action in made.actions if action.key] == ["rootfs"]
    assert not made.is_empty


def test_what_is_unchanged_is_reused_and_says_since_when(chain, built):
    nodes = chain()
    made = plan(BuildGraph.of(nodes), (), built(nodes))
    assert made.is_empty
    assert [a.reasons for a in made.actions] == [
        (Reason(text=f"unchanged since {built(nodes).records[a.node].commit[:12]}"),)
        for a in made.actions
    ]
    assert all(a.key == built(nodes).records[a.node].key for a in made.actions)
    assert {a.seconds for a in made.actions} == {10.0}


def test_children_wait_for_a_change_and_name_its_line(chain, built):
    assert told(chain(base="FROM arkes:rootfs\n\nRUN make all\n"), built(chain())) == [
        ("rootfs", "reuse", "unchanged since 726f6f746673"),
        ("base", "build", "variants/base.Containerfile:3: RUN make all changed"),
        ("app", "wait", "variants/base.Containerfile:3: waits for base: RUN make all changed"),
        ("slim", "wait", "variants/base.Containerfile:3: waits for base: RUN make all changed"),
    ]


def test_the_chain_of_waiting_goes_down_to_the_first_cause(chain, built):
    found = told(chain(rootfs="FROM scratch\nRUN new\n"), built(chain()), "slim")
    assert found[-1] == (
        "slim",
        "wait",
        "variants/rootfs.Containerfile:2: waits for base, rootfs: RUN new added",
    )


def test_a_node_with_a_change_of_its_own_does_not_wait(chain, built):
    changed = chain(base="FROM arkes:rootfs\nRUN all\n", slim="FROM arkes:base\nRUN none\n")
    assert told(changed, built(chain()), "slim")[-1] == (
        "slim",
        "build",
        "variants/slim.Containerfile:2: RUN none changed",
    )


def test_targets_bring_what_they_need_and_nothing_else(chain, built):
    assert [row[0] for row in told(chain(), State(), "slim")] == ["rootfs", "base", "slim"]


def test_left_out_nodes_are_part_of_the_plan(chain):
    left_out = (LeftOut(name="base-x", reason="arch only", span=None),)
    assert plan(BuildGraph.of(chain()), (), State(), left_out).left_out == left_out


def test_a_missing_or_moved_ref_is_built_again(chain, built):
    nodes = chain()
    state = built(nodes)
    gone = replace(state, commits={k: v for k, v in state.commits.items() if "slim" not in k})
    assert told(nodes, gone, "slim")[-1] == (
        "slim", "build", "its ref example/x86_64/slim is gone",
    )  # fmt: skip
    moved = replace(state, commits={**state.commits, "example/x86_64/slim": "f" * 64})
    assert told(nodes, moved, "slim")[-1] == (
        "slim", "build", "its ref example/x86_64/slim points to another commit, ffffffffffff",
    )  # fmt: skip


def test_lost_images_do_not_matter_while_nothing_stands_on_them(chain, built):
    nodes = chain()
    assert plan(BuildGraph.of(nodes), (), built(nodes, images=frozenset())).is_empty


def test_a_lost_image_is_built_again_when_something_stands_on_it(chain, built):
    nodes = chain(slim="FROM arkes:base\nRUN none\n")
    assert told(nodes, built(chain(), images=frozenset())) == [
        ("rootfs", "build", "its image is gone, and base stands on it"),
        ("base", "build", "its image is gone, and slim stands on it"),
        (
            "app",
            "wait",
            "waits for base: its image is gone, and slim stands on it",
            "waits for rootfs: its image is gone, and base stands on it",
        ),
        ("slim", "build", "variants/slim.Containerfile:2: RUN none changed"),
    ]


def test_an_image_at_hand_is_used(chain, built):
    nodes = chain(slim="FROM arkes:base\nRUN none\n")
    images = frozenset({"image of base"})
    found = told(nodes, built(chain(), images=images))
    assert [(row[0], row[1]) for row in found] == [
        ("rootfs", "reuse"), ("base", "reuse"), ("app", "reuse"), ("slim", "build"),
    ]  # fmt: skip


def test_what_is_asked_for_is_built_whatever_its_key_says(chain, built):
    nodes = chain()
    assert told(nodes, built(nodes), rebuild=["base"])[:3] == [
        ("rootfs", "reuse", "unchanged since 726f6f746673"),
        ("base", "build", "asked for"),
        ("app", "wait", "waits for base: asked for"),
    ]


def test_a_decision_follows_from_results(chain, built):
    *_, app = chain()
    state = built(chain())
    same = {"base": "result of base", "rootfs": "result of rootfs"}
    assert decide(app, same, state).type is ActionType.REUSE
    other = decide(app, {**same, "base": "new"}, state)
    assert (other.type, other.reasons) == (
        ActionType.BUILD,
        (Reason(text="parent base: content changed"),),
    )
    assert other.key is not None
    waiting = decide(app, None, state)
    assert (waiting.type, waiting.key, [r.text for r in waiting.reasons]) == (
        ActionType.WAIT,
        None,
        ["waits for base", "waits for rootfs"],
    )
    known_change = decide(app, {"rootfs": "new", "base": None}, state)
    assert (known_change.type, known_change.key) == (ActionType.BUILD, None)
