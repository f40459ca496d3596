"""Whatever a release changes, its forecast is small, and reads back as it was written."""

import string

from hypothesis import given
from hypothesis import strategies as st

from arkes_build.history.fitting import fitted
from arkes_build.history.forecast import (
    LIMIT,
    Cost,
    Forecast,
    ForecastUnreadable,
    Since,
    ordered,
    parse,
    text,
)
from arkes_build.history.model import Kind, NameChange, PackageChange

NUMBERS = st.integers(0, 1 << 50)
# Lone surrogates too: names of files need not be UTF-8.
TEXTS = st.text(st.characters() | st.sampled_from('\ud800\udcff"\\\n\0é'), max_size=260)
KINDS = st.sampled_from(Kind)
NAMES = st.lists(st.builds(NameChange, name=TEXTS, kind=KINDS), max_size=120).map(ordered)
DETAILED = st.lists(st.builds(NameChange, name=TEXTS, kind=KINDS, detail=TEXTS), max_size=20).map(
    ordered
)
PACKAGES = st.lists(
    st.builds(PackageChange, name=TEXTS, before=TEXTS, after=TEXTS, kind=KINDS), max_size=120
).map(ordered)
SINCE = st.builds(
    Since,
    commit=st.text(string.digits + "abcdef", min_size=64, max_size=64),
    version=TEXTS,
    timestamp=NUMBERS,
    cost=st.builds(
        Cost,
        objects=NUMBERS,
        content_bytes=NUMBERS,
        object_bytes=NUMBERS,
        is_estimate=st.booleans(),
    ),
    packages=PACKAGES,
    etc=NAMES,
    units=DETAILED,
    users=DETAILED,
    kernel_arguments=NAMES,
    kernel=st.none() | st.tuples(TEXTS, TEXTS),
)
FORECASTS = st.builds(
    Forecast, files=NUMBERS, bytes=NUMBERS, since=st.lists(SINCE, max_size=6).map(tuple)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("format", "from", "tree", "packages", "x")), inner)
    ),
)


@given(FORECASTS)
def test_it_fits_and_reads_back(forecast):
    made = fitted(forecast)
    written = text(made)
    assert len(written.encode()) <= LIMIT
    assert parse(written) == made
    assert fitted(made) == made


@given(FORECASTS)
def test_nothing_is_left_out_uncounted(forecast):
    made = fitted(forecast)
    assert len(made.since) + made.left_out == len(forecast.since)
    for before, after in zip(forecast.since, made.since, strict=False):
        for section in ("packages", "etc", "units", "users", "kernel_arguments"):
            for kind in Kind:
                assert before.count(section, kind) == after.count(section, kind)


@given(FORECASTS, st.integers(0, LIMIT), st.characters())
def test_a_damaged_text_is_read_or_refused(forecast, at, character):
    written = text(fitted(forecast))
    at %= len(written)
    try:
        parse(written[:at] + character + written[at + 1 :])
    except ForecastUnreadable:
        return


@given(JSON)
def test_any_json_is_read_or_refused(value):
    import json

    for hostile in (value, {"format": 1, "tree": {"files": 1, "bytes": 1}, "from": [value]}):
        try:
            parse(json.dumps(hostile))
        except ForecastUnreadable:
            continue
