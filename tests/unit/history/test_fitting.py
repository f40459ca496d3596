"""Cut forecasts down to what a commit may carry."""

from arkes_build.history.fitting import fitted
from arkes_build.history.forecast import LIMIT, Cost, Forecast, Since, parse, text
from arkes_build.history.model import Kind, NameChange, PackageChange


def upgrades(count):
    return tuple(
        PackageChange(name=f"lib{at:05}", before="1.0-1", after="1.0-2", kind=Kind.UPGRADED)
        for at in range(count)
    )


def since(at, **fields):
    cost = Cost(objects=1, content_bytes=1, object_bytes=1)
    return Since(commit=f"{at:064}", version=f"1.{at}", timestamp=at, cost=cost, **fields)


KERNEL = PackageChange(name="linux-image-6.12", before="", after="6.12", kind=Kind.ADDED)


def test_the_release_before_is_told_in_more_detail_than_older_ones():
    made = fitted(
        Forecast(files=1, bytes=1, since=tuple(since(at, packages=upgrades(900)) for at in (3, 2)))
    )
    named = [len(one.packages) for one in made.since]
    assert [one.count("packages", Kind.UPGRADED) for one in made.since] == [900, 900]
    assert named == [548, 0]
    assert len(text(made)) <= LIMIT
    assert parse(text(made)) == made


def test_older_releases_get_a_little_each():
    many = tuple(since(at, packages=upgrades(900 if at < 3 else 20)) for at in (3, 2, 1))
    made = fitted(Forecast(files=1, bytes=1, since=many))
    assert [len(one.packages) for one in made.since] == [20, 69, 69]


def test_the_kernel_is_named_before_a_thousand_libraries():
    everything = tuple(sorted((*upgrades(1000), KERNEL), key=lambda one: one.name))
    made = fitted(Forecast(files=1, bytes=1, since=(since(1, packages=everything),)))
    assert KERNEL in made.since[0].packages


def test_many_packages_leave_room_for_the_rest():
    etc = tuple(NameChange(name=f"conf.d/{at:03}", kind=Kind.ADDED) for at in range(100))
    made = fitted(Forecast(files=1, bytes=1, since=(since(1, packages=upgrades(900), etc=etc),)))
    assert made.since[0].etc == etc


def test_a_name_that_is_too_long_is_only_counted():
    long = NameChange(name="x" * 201, kind=Kind.CHANGED)
    made = fitted(Forecast(files=1, bytes=1, since=(since(1, etc=(long,)),)))
    assert (made.since[0].etc, made.since[0].left_out) == ((), (("etc.changed", 1),))


def test_releases_beyond_the_room_are_counted():
    made = fitted(
        Forecast(
            files=1, bytes=1, since=tuple(since(at, kernel=("k" * 200, "")) for at in range(50))
        )
    )
    assert (len(made.since), made.left_out) == (43, 7)
    assert len(text(made)) <= LIMIT
