"""How disks and their parts are named."""

from __future__ import annotations

import uuid
from dataclasses import astuple

from arkes_build.disk import identity


def test_the_same_seed_gives_the_same_identifiers_for_ever() -> None:
    assert identity.derived("6be61376") == identity.Identity(
        disk="d2b66a22-049b-596d-9210-5e602eca1c4c",
        esp="11a32cb5-1436-5586-909e-3844ebbbd19d",
        root="528e221c-fd1b-549b-a827-482d9883b7cb",
        root_fs="35ed994f-db6a-5c2b-819b-72b5395c7c7a",
        hash_seed="59f804a1-1cb5-5cf2-aba0-204d193eb7d3",
        volume="2bd71e4f",
    )


def test_no_two_identifiers_of_a_disk_are_the_same() -> None:
    made = astuple(identity.derived("6be61376"))
    assert len(set(made)) == len(made)


def test_another_commit_gives_other_identifiers() -> None:
    one, other = astuple(identity.derived("a")), astuple(identity.derived("b"))
    assert not set(one) & set(other)


def test_random_ones_are_never_the_same() -> None:
    one, other = astuple(identity.random()), astuple(identity.random())
    assert not set(one) & set(other)
    assert uuid.UUID(one[0]).version == 4


def test_a_fat_is_numbered_as_udev_shows_it() -> None:
    assert (
        identity.Identity(
            disk="", esp="", root="", root_fs="", hash_seed="", volume="5bd7e4bf"
        ).volume_name
        == "5BD7-E4BF"
    )
