"""Type what `os` says of a machine: ``status``, ``log``, ``kargs``, ``validate`` and changes."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from arkes_build.ui.documents.findings import Diagnostic
from arkes_build.ui.documents.trust import Signature
from arkes_build.ui.documents.words import Schema, described


@described
class MachineDeployment(TypedDict):
    """A deployment: a system that this machine can boot."""

    role: Literal["staged", "next", "running", "previous", "kept"]
    """staged comes into place at shutdown, next boots next, previous is what `os rollback`
    goes to; kept ones can be chosen in the boot menu."""
    commit: str
    serial: int
    """Tells deployments of one commit apart."""
    node: str
    version: str
    ref: str
    """REMOTE:REF that it came from, or a ref of the machine's own builds."""
    base: str
    """REMOTE:REF that a build of the machine's own stands on; empty for others."""
    timestamp: int
    """Of the commit, in seconds since 1970."""
    packages: int
    kernel: str
    key: str
    """The key of the node's inputs; empty when it was not built by Arkēs."""
    image: str
    kargs: list[str]
    booted: bool
    pinned: bool
    unlocked: str
    """none, development or transient (until the next boot), or hotfix (while it is there)."""
    blessed: bool
    """It came up and was found good, so its boots are not counted any more."""
    tries: int | None
    """How many boots it has left to come up; null when they are not counted."""
    signatures: list[Signature]


@described
class MachineFallen(TypedDict):
    """A release that did not come up here, and is not taken again unasked."""

    commit: str
    version: str
    ref: str
    when: int
    """Seconds since 1970."""
    reason: str
    tries: int


@described
class MachineCheck(TypedDict):
    """One check, of health or of validation."""

    name: str
    result: Literal["passed", "failed", "not-applicable", "not-run"]
    """``not-run`` in a list (`os validate --list`)."""
    seconds: float
    why: str
    """What it said last; empty when it passed."""


@described
class MachineHealth(TypedDict):
    """How the health checks of this boot ended."""

    well: bool
    when: int
    """Seconds since 1970."""
    checks: list[MachineCheck]


@described
class MachineAction(TypedDict):
    """One thing that was done to the machine."""

    action: str
    when: int
    """Seconds since 1970."""
    result: str
    """ok, or the kind of error: network, disk-full, signature, …"""
    before: str
    """The commit that would have booted."""
    after: str
    version: str
    ref: str
    seconds: float
    bytes: int
    """Downloaded."""
    detail: str


@described
class MachineBusy(TypedDict):
    """Who is changing the machine just now."""

    pid: int
    doing: str
    user: str
    since: int
    """Seconds since 1970."""


@described
class MachineOffer(TypedDict):
    """A release that could be taken."""

    commit: str
    version: str
    ref: str
    when: int
    """When it was seen, in seconds since 1970."""


@described
class MachineStatusDocument(TypedDict):
    """What `os status` prints."""

    schema: Schema
    type: Literal["machine-status"]
    needs_reboot: bool
    """Something else boots next than what runs."""
    deployments: list[MachineDeployment]
    """The one that boots next first."""
    fallen: list[MachineFallen]
    health: MachineHealth | None
    """Null before the checks of this boot were run."""
    available: MachineOffer | None
    """What the last look for updates found and is not here yet."""
    systemfile: bool
    """The machine has a Systemfile of its own."""
    last: MachineAction | None
    busy: MachineBusy | None


@described
class MachineRelease(TypedDict):
    """A deployment by its names."""

    commit: str
    serial: int
    node: str
    version: str
    ref: str


@described
class MachineChangeDocument(TypedDict):
    """What a command prints that changes deployments: `os revert`, `os pin` and others."""

    schema: Schema
    type: Literal["machine-change"]
    action: str
    changed: bool
    """False when it was so already."""
    before: MachineRelease
    """What would have booted."""
    after: MachineRelease
    """What boots next; for pin, unpin and unlock the deployment in question."""
    staged: bool
    """It comes into place at shutdown."""
    needs_reboot: bool
    signer: str
    """Whose good signature the release has; empty when nothing was fetched."""


@described
class MachineKargsDocument(TypedDict):
    """What `os kargs` prints."""

    schema: Schema
    type: Literal["machine-kargs"]
    next: list[str]
    """The arguments of the next boot."""
    running: list[str]


@described
class MachineLogDocument(TypedDict):
    """What `os log` prints."""

    schema: Schema
    type: Literal["machine-log"]
    actions: list[MachineAction]
    """The newest first."""


@described
class MachineChecksDocument(TypedDict):
    """What `os validate` prints."""

    schema: Schema
    type: Literal["machine-checks"]
    exit_code: int
    checks: list[MachineCheck]


@described
class MachineFileDocument(TypedDict):
    """What `os edit` prints."""

    schema: Schema
    type: Literal["machine-file"]
    path: str
    changed: bool
    findings: list[Diagnostic]
