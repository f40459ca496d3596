"""`os metrics`: this machine's figures for Prometheus."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.front import printing
from arkes_build.system.command import HostCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.machine import Host
    from arkes_build.host.metrics.text import Gauge
    from arkes_build.system.command import Settings
    from arkes_build.ui.documents.metrics import MetricsDocument


class NotWritable(ArkesError):
    """Report that the figures cannot be written where somebody wants them."""

    exit_code = ExitCode.DENIED

    def __init__(self, path: Path, *, why: str) -> None:
        super().__init__(
            f"{path} cannot be written: {why}",
            resolution="name a folder that you may write to, or ask with sudo",
        )


def _metrics(host: Host, settings: Settings, output: Path | None) -> ExitCode:
    from arkes_build.host.metrics.gather import gather
    from arkes_build.host.metrics.text import exposition

    gauges = gather(host)
    if output is not None:
        _write(output, exposition(gauges))
    if settings.as_json:
        printing.print_shape(metrics_shape(gauges))
    elif output is None and not settings.quiet:
        sys.stdout.flush()
        sys.stdout.buffer.write(exposition(gauges))
        sys.stdout.flush()
    return ExitCode.OK


def _write(path: Path, data: bytes) -> None:
    from arkes_build.core.atomic import write_atomically

    try:
        write_atomically(path.absolute(), data)
    except OSError as error:
        raise NotWritable(path, why=error.strerror or str(error)) from error


def metrics_shape(gauges: Sequence[Gauge]) -> MetricsDocument:
    """Return the figures as JSON."""
    from arkes_build.ui.shapes import SCHEMA

    ordered = sorted((each for each in gauges if each.samples), key=lambda each: each.name)
    return {
        "schema": SCHEMA,
        "type": "metrics",
        "metrics": [
            {
                "name": each.name,
                "help": each.help,
                "samples": [
                    {"labels": dict(one.labels), "value": float(one.value)} for one in each.samples
                ],
            }
            for each in ordered
        ],
    }


command = HostCommand(
    "metrics",
    callback=_metrics,
    params=[
        click.Option(
            ["-o", "--output"],
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Write them into a file, which is replaced as a whole, and print nothing.",
        )
    ],
    help="""Write this machine's figures for Prometheus.

    Boot, updates, deployments, storage, health and failed units, in the text format that
    node_exporter's textfile collector reads. The timer arkes-metrics.timer, which is off
    unless you turn it on, writes them every five minutes. What cannot be read is left
    out, and arkes_source_success says so.""",
    examples=(
        ("os metrics", "look at them"),
        ("os metrics --json", "for programs"),
        ("sudo os metrics -o /var/lib/prometheus/node-exporter/arkes.prom", "what the timer does"),
    ),
)
