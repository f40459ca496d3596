"""Check which files of the context a node uses; what is wrong is in the golden findings."""

import pytest

from arkes_build.project.context import Context, find_wanted
from arkes_build.project.scope import walk
from arkes_build.project.tree import Tree

FILES = {
    "overlay/base/etc/hosts": "h",
    "overlay/base/etc/localtime": "-> /usr/share/zoneinfo/UTC",
    "overlay/base/empty/": "",
    "overlay/alias": "-> base",
    "conf/a.conf": "a",
    "conf/b.conf": "b",
    "conf/sub/c.conf": "c",
    "one": "-> conf/a.conf",
    "star*": "s",
    "starfish": "f",
    "with space": "w",
    ".hidden": "h",
    ".arkes/repo/x": "x",
    "store/x": "x",
}
BASE = [
    "overlay/base/",
    "overlay/base/empty/",
    "overlay/base/etc/",
    "overlay/base/etc/hosts",
    "overlay/base/etc/localtime@",
]
CONF = ["conf/", "conf/a.conf", "conf/b.conf", "conf/sub/", "conf/sub/c.conf"]

TABLE = {
    "a folder with everything in it": ("COPY overlay/base/ /", BASE),
    "a folder without a slash": ("COPY overlay/base /x", BASE),
    "a path with slashes and dots": ("COPY /./overlay//x/../base/etc/hosts /", [BASE[3]]),
    "several sources": ("COPY conf/b.conf conf/a.conf /x/", ["conf/a.conf", "conf/b.conf"]),
    "the JSON form": ('COPY ["with space", "/x"]', ["with space"]),
    "a pattern": ("COPY conf/*.conf /x/", ["conf/a.conf", "conf/b.conf"]),
    "a pattern in the middle": ("COPY conf/*/c.conf /x/", ["conf/sub/c.conf"]),
    "a pattern that matches folders": ("COPY con? /x/", CONF),
    "a pattern with a class": ("COPY conf/[^a].conf /x/", ["conf/b.conf"]),
    "an escaped star": ("COPY star[*] /x/", ["star*"]),
    "a variable": ("ARG DIR=conf\nCOPY ${DIR}/a.conf /x/", ["conf/a.conf"]),
    "a supplied argument": ("ARG VARIANT_ID\nCOPY ${VARIANT_ID}/a.conf /x/", ["conf/a.conf"]),
    "a link that is named": ("COPY one /x", ["conf/a.conf", "one@"]),
    "a path through a link": ("COPY overlay/alias/etc/hosts /x", ["overlay/alias@", BASE[3]]),
    "ADD of a file": ("ADD conf/a.conf /x", ["conf/a.conf"]),
    "ADD of what is fetched": (
        "ADD https://example.org/x git@example.org:x https://example.org/x.git#main /x/",
        [],
    ),
    "COPY from a stage": ("COPY --from=one conf /x", []),
    "here-documents are no files": ("COPY <<A conf/a.conf /x/\ntext\nA", ["conf/a.conf"]),
    "a bind mount": ("RUN --mount=type=bind,source=conf,target=/x true", CONF),
    "a bind mount without a type": ("RUN --mount=src=conf/sub,dst=/x true", CONF[3:]),
    "a mount that is no pattern": ("RUN --mount=source=star*,target=/x true", ["star*"]),
    "other mounts": (
        "RUN --mount=type=cache,target=/x --mount=type=secret,id=a --mount=from=one,target=/y true",
        [],
    ),
    "behind ONBUILD": ("ONBUILD COPY conf /x", []),
    "nothing": ("RUN true", []),
    "the same file twice": ("COPY conf/a.conf /x\nCOPY conf/a.conf /y", ["conf/a.conf"]),
}


@pytest.fixture
def used(tmp_path, cases, parsed):
    """Return a function: instructions → the paths they use, marked by type, and findings."""
    cases.write(tmp_path, FILES)

    def look(text, extra=None):
        cases.write(tmp_path, extra or {})
        context = Context(Tree(tmp_path, hidden=frozenset({".arkes", "store"})))
        file = parsed(f"FROM x AS one\n{text}\n")
        wanted, unclear = find_wanted(walk(file.instructions, {"VARIANT_ID": "conf"}))
        findings = list(unclear)
        marks = {"dir": "/", "link": "@", "file": ""}
        paths = [file.path + marks[file.type] for file in context.files(wanted, findings)]
        return paths, [finding.message for finding in findings]

    return look


@pytest.mark.parametrize(("text", "expected"), TABLE.values(), ids=TABLE.keys())
def test_files(text, expected, used):
    assert used(text) == (expected, [])


def test_the_whole_context_is_all_but_the_store(used):
    expected = sorted([*BASE, *CONF, "overlay/", "overlay/alias@", "one@", "star*"])
    expected = sorted(
        [*expected, "starfish", "with space", ".hidden"], key=lambda p: p.rstrip("/@")
    )
    assert used("COPY . /x") == (expected, [])


@pytest.mark.parametrize("path", [".arkes", ".arkes/repo/x", "store/x"])
def test_the_store_is_not_there(path, used):
    assert used(f"COPY {path} /x") == ([], [f"there is no {path!r} in the build context"])


IGNORED = {
    "a folder": ("conf/sub", "COPY conf /x", CONF[:3]),
    "a kind of file": ("**/*.conf", "COPY conf /x", ["conf/", "conf/sub/"]),
    "all but some": ("*\n!conf/a.conf", "COPY . /x", ["conf/a.conf"]),
    "a pattern's matches": ("conf/a.conf", "COPY conf/*.conf /x", ["conf/b.conf"]),
}


@pytest.mark.parametrize(("rules", "text", "expected"), IGNORED.values(), ids=IGNORED.keys())
@pytest.mark.parametrize("name", [".containerignore", ".dockerignore"])
def test_ignored(rules, text, expected, name, used):
    assert used(text, {name: rules}) == (expected, [])


def test_the_containers_own_ignore_file_goes_first(used):
    rules = {".dockerignore": "conf", ".containerignore": "one"}
    assert used("COPY conf/a.conf /x", rules) == (["conf/a.conf"], [])


def test_special_files_that_are_ignored_do_no_harm(used):
    assert used("COPY conf/ /x", {"conf/pipe": None, ".containerignore": "conf/pipe"}) == (CONF, [])
