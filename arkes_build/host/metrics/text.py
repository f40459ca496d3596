"""Write metrics in the text format of Prometheus (exposition format 0.0.4).

A value of somewhere else can hold anything: in a label it is escaped as the format says, and
what no terminal should see is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST = 200
"""Characters of a label's value that are written."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", '"': '\\"'}
_UNSEEN = "�"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value with its labels."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A metric: its name, one sentence about it, and its samples; without any it is left out."""

    name: str
    help: str
    samples: tuple[Sample, ...]


def exposition(gauges: Iterable[Gauge]) -> bytes:
    """Return the text of all metrics, by their names."""
    ordered = sorted((gauge for gauge in gauges if gauge.samples), key=lambda gauge: gauge.name)
    lines = (line for gauge in ordered for line in _lines(gauge))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _lines(gauge: Gauge) -> Iterator[str]:
    if not _NAME.fullmatch(gauge.name):
        raise ValueError(gauge.name)
    said = gauge.help.replace("\\", "\\\\").replace("\n", "\\n")
    yield f"# HELP {gauge.name} {said}"
    yield f"# TYPE {gauge.name} gauge"
    # Two samples with the same labels would make a reader refuse the whole file.
    unique = {_labels(sample.labels): sample.value for sample in gauge.samples}
    for labels, value in sorted(unique.items()):
        yield f"{gauge.name}{labels} {_number(value)}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = []
    for name, value in sorted(labels.items()):
        if not _NAME.fullmatch(name):
            raise ValueError(name)
        pairs.append(f'{name}="{_escaped(value)}"')
    return "{" + ",".join(pairs) + "}"


def _escaped(value: str) -> str:
    cut = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    return "".join(_ESCAPES.get(each) or (each if each.isprintable() else _UNSEEN) for each in cut)


def _number(value: float) -> str:
    """Return a number without an exponent where it is whole, else as short as it stays exact."""
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))
