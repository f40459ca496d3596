"""Names in a file, and what they mean."""

from arkes_build.lsp.documents import read
from arkes_build.lsp.uses import Names, use_at, uses_of

TEXT = """\
# x-depends=base, web
# x-templates=slim,nvidia-slim
FROM arkes:base AS One
COPY --from=two /a /b
FROM one AS two
COPY --from=ONE /a /b
COPY --from=0 /a /b
RUN --mount=type=bind,from=two,target=/x --mount=from=arkes:web true
OVERLAY site
TEMPLATE slim
FROM example.org/image
"""


def test_all_names_are_found_with_their_meaning():
    file, _ = read("a", TEXT)
    found = [(u.names.value, u.text, u.span.line, u.stage, u.declares) for u in uses_of(file)]
    assert found == [
        ("node", "base", 1, None, False),
        ("node", "web", 1, None, False),
        ("templates", "slim", 2, None, False),
        ("templates", "nvidia-slim", 2, None, False),
        ("node", "base", 3, None, False),
        ("stage", "One", 3, 0, True),
        ("image", "two", 4, None, False),
        ("stage", "one", 5, 0, False),
        ("stage", "two", 5, 1, True),
        ("stage", "ONE", 6, 0, False),
        ("stage", "0", 7, 0, False),
        ("stage", "two", 8, 1, False),
        ("node", "web", 8, None, False),
        ("overlay", "site", 9, None, False),
        ("templates", "slim", 10, None, False),
        ("image", "example.org/image", 11, None, False),
    ]


def test_every_span_covers_the_bare_name():
    file, _ = read("a", TEXT)
    assert [u.text for u in uses_of(file) if u.span.text != u.text] == []


def test_a_name_is_found_from_its_first_to_behind_its_last_character():
    file, _ = read("a", "FROM arkes:base\n")
    uses = uses_of(file)
    assert [use_at(uses, at) is not None for at in (10, 11, 15, 16)] == [False, True, True, False]
    assert uses[0].names is Names.NODE
