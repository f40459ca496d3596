"""Hold what is remembered: answers about the very same object, and no others."""

from arkes_build.project.rules.once import once


def test_the_same_object_is_asked_once():
    asked = []

    @once(2)
    def length(value):
        asked.append(value)
        return len(value)

    first, equal = [1], [1]
    assert [length(first), length(first), length(equal), length(equal)] == [1, 1, 1, 1]
    assert len(asked) == 2
    assert asked[1] is equal


def test_old_answers_are_forgotten():
    asked = []

    @once(1)
    def known(value):
        asked.append(value)
        return value

    a, b = [], []
    assert [known(a) is a, known(b) is b, known(a) is a] == [True, True, True]
    assert len(asked) == 3
