"""Type what `os metrics` says."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.words import Schema


class MetricSample(TypedDict):
    """One value of a metric, and the labels that tell it from others."""

    labels: dict[str, str]
    value: float


class Metric(TypedDict):
    """A metric: all are gauges."""

    name: str
    help: str
    samples: list[MetricSample]


class MetricsDocument(TypedDict):
    """`os metrics --json`: this machine's figures, by name."""

    schema: Schema
    type: Literal["metrics"]
    metrics: list[Metric]
