"""Gather this machine's figures; what one source cannot say does not keep the others back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError
from arkes_build.host import health, records
from arkes_build.host.metrics import storage, systemd
from arkes_build.host.metrics.text import Gauge, Sample
from arkes_build.host.status import Role, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from arkes_build.host.machine import Host
    from arkes_build.host.metrics.systemd import Systemd
    from arkes_build.sysroot.model import Deployment

UPDATES = frozenset({"upgrade", "deploy", "rebase"})
"""Actions that bring another release."""
MOST = 50
"""Units, checks and fallen releases that are told by name."""
_SHORT = 12


def gather(host: Host, ask: Callable[[], Systemd] = systemd.ask) -> tuple[Gauge, ...]:
    """Return all that is known. ``ask`` asks systemd."""
    sources: dict[str, Callable[[], Iterable[Gauge]]] = {
        "deployments": lambda: deployments(host),
        "health": lambda: of_health(host),
        "records": lambda: of_updates(host),
        "storage": lambda: of_storage(host),
        "systemd": lambda: of_systemd(ask()),
    }
    found: list[Gauge] = []
    told = []
    for name, source in sources.items():
        try:
            gauges = tuple(source())
        except (ArkesError, OSError):
            gauges = ()
            told.append(Sample(value=0, labels={"source": name}))
        else:
            told.append(Sample(value=1, labels={"source": name}))
        found += gauges
    success = "Whether a source of these figures could be read."
    return (*found, Gauge(name="arkes_source_success", help=success, samples=tuple(told)))


def deployments(host: Host) -> Iterable[Gauge]:
    """Return what is deployed, what runs, and whether a restart would change that."""
    found = host.sysroot().deployments()
    roles = [role_of(each, found) for each in found]
    counts = {role.value: roles.count(role) for role in Role}
    yield _labelled(
        "arkes_deployments", "Deployments by what they are to the machine.", "state", counts
    )
    pinned = sum(each.is_pinned for each in found)
    yield _one("arkes_deployments_pinned", "Deployments that stay whatever comes.", pinned)
    pending = Role.STAGED in roles or Role.NEXT in roles
    yield _one("arkes_reboot_pending", "Whether something else boots next than what runs.", pending)
    running = next((each for each in found if each.is_booted), None)
    if running is not None:
        yield from _running(running)


def _running(running: Deployment) -> Iterable[Gauge]:
    labels = {
        "version": running.version,
        "commit": running.checksum,
        "node": running.node,
        "ref": running.ref,
        "base": running.base,
    }
    yield Gauge(
        name="arkes_info",
        help="The deployment that runs.",
        samples=(Sample(value=1, labels=labels),),
    )
    yield _one(
        "arkes_release_timestamp_seconds",
        "The time of the commit that runs, in seconds since 1970.",
        running.timestamp,
    )
    yield _one("arkes_boot_blessed", "Whether what runs was found good.", running.is_blessed)
    yield _one("arkes_unlocked", "Whether /usr can be written to.", running.unlocked != "none")


def of_systemd(found: Systemd) -> Iterable[Gauge]:
    """Return how long the boot took, and which units failed."""
    yield _labelled(
        "arkes_boot_duration_seconds",
        "How long the phases of the boot took, and all of it.",
        "phase",
        found.phases,
    )
    yield _one("arkes_units_failed", "Units of the system that failed.", len(found.failed))
    yield _labelled(
        "arkes_unit_failed", "A unit that failed.", "unit", dict.fromkeys(found.failed[:MOST], 1)
    )


def of_health(host: Host) -> Iterable[Gauge]:
    """Return what came of the last health checks, and the releases that fell."""
    from arkes_build.sysroot import fallen

    found = health.read(host)
    if found is not None:
        yield _one("arkes_health_ok", "Whether all health checks passed.", found.is_well)
        yield _one(
            "arkes_health_timestamp_seconds",
            "When health was looked at, in seconds since 1970.",
            found.when,
        )
        checks = found.checks[:MOST]
        yield _labelled(
            "arkes_health_check_ok",
            "Whether a health check passed.",
            "check",
            {each.name: int(each.is_well) for each in checks},
        )
        yield _labelled(
            "arkes_health_check_duration_seconds",
            "How long a health check took.",
            "check",
            {each.name: each.seconds for each in checks},
        )
    fell = fallen.read(host.var)
    yield _one("arkes_releases_fallen", "Releases that did not come up here.", len(fell))
    yield Gauge(
        name="arkes_release_fallen_timestamp_seconds",
        help="When a release fell, in seconds since 1970.",
        samples=tuple(
            Sample(
                value=each.when,
                labels={"commit": each.commit[:_SHORT], "version": each.version},
            )
            for each in fell[:MOST]
        ),
    )


def of_updates(host: Host) -> Iterable[Gauge]:
    """Return how the last update went, and what the last look for one found."""
    from arkes_build.host.updates import remembered

    done = [each for each in records.read(host) if each.action in UPDATES]
    yield from _last(done)
    look = remembered.read(host)
    if look is None:
        return
    yield Gauge(
        name="arkes_update_available",
        help="Whether the last look for updates found one.",
        samples=(Sample(value=look.is_available, labels={"version": look.version}),),
    )
    yield _one(
        "arkes_update_check_timestamp_seconds",
        "When updates were last looked for, in seconds since 1970.",
        look.when,
    )


def _last(done: Sequence[records.Record]) -> Iterable[Gauge]:
    if not done:
        return
    last = done[-1]
    yield Gauge(
        name="arkes_update_last_success",
        help="Whether the last update went well, and what came of it.",
        samples=(
            Sample(
                value=last.result == "ok",
                labels={
                    "action": last.action,
                    "result": last.result,
                    "version": last.version,
                },
            ),
        ),
    )
    about = {
        "arkes_update_last_timestamp_seconds": (
            "When the last update ended, in seconds since 1970.",
            last.when,
        ),
        "arkes_update_last_duration_seconds": ("How long the last update took.", last.seconds),
        "arkes_update_last_download_bytes": ("What the last update downloaded.", last.size),
    }
    for name, (said, value) in about.items():
        yield _one(name, said, value)
    good = [each.when for each in done if each.result == "ok"]
    if good:
        yield _one(
            "arkes_update_last_success_timestamp_seconds",
            "When an update last went well, in seconds since 1970.",
            good[-1],
        )


def of_storage(host: Host) -> Iterable[Gauge]:
    """Return the room that there is, and what the deployments take of it."""
    found = storage.room(host.repo)
    yield _one(
        "arkes_storage_size_bytes", "The file system of the deployments, as a whole.", found.size
    )
    yield _one("arkes_storage_free_bytes", "What is free of it.", found.free)
    commits = [each.checksum for each in host.sysroot().deployments()]
    taken = storage.shares(host.repo, commits)
    yield _one(
        "arkes_storage_deployments_bytes",
        "The deployments' files, each deployment counted for itself.",
        taken.trees,
    )
    yield _one(
        "arkes_storage_shared_bytes",
        "What deployments have in common, and so do not take once more.",
        taken.shared,
    )


def _one(name: str, said: str, value: float) -> Gauge:
    return Gauge(name=name, help=said, samples=(Sample(value=value),))


def _labelled(name: str, said: str, label: str, values: Mapping[str, float]) -> Gauge:
    samples = (Sample(value=value, labels={label: key}) for key, value in values.items())
    return Gauge(name=name, help=said, samples=tuple(samples))
