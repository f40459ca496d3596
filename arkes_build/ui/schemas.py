"""Make the published JSON Schemas from the types of what is read and printed."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from arkes_build.project.config import ConfigFile
from arkes_build.ui import documents
from arkes_build.ui.shapes import SCHEMA

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_KINDS: dict[str, tuple[str, Any]] = {
    "arkes.toml": ("arkes.toml", ConfigFile),
    "check": ("arkes-build check --format=json", documents.CheckDocument),
    "checkupdates": ("os checkupdates --json", documents.CheckUpdatesDocument),
    "cleared": ("os prune --json", documents.ClearedDocument),
    "diff": ("arkes-build diff --json, os diff --json", documents.DiffDocument),
    "disk": ("the last line of arkes-build disk --json", documents.DiskDocument),
    "error": ("an error that ended a command", documents.ErrorDocument),
    "etc-diff": ("os etc-diff --json", documents.EtcDiffDocument),
    "event": ("a line of arkes-build build --json", documents.EventLine),
    "fmt": ("arkes-build fmt --json", documents.FmtDocument),
    "fsck": ("arkes-build fsck --json", documents.FsckDocument),
    "graph": ("arkes-build graph --json", documents.GraphDocument),
    "keys": ("arkes-build keys --json", documents.KeysDocument),
    "lock": ("arkes-build lock --json, arkes-build update --json", documents.LockDocument),
    "log": ("arkes-build log --json", documents.LogDocument),
    "machine-build": ("the last line of os build --json", documents.MachineBuildDocument),
    "machine-change": ("os revert --json and its like", documents.MachineChangeDocument),
    "machine-checks": ("os validate --json", documents.MachineChecksDocument),
    "machine-file": ("os edit --json", documents.MachineFileDocument),
    "machine-kargs": ("os kargs --json", documents.MachineKargsDocument),
    "machine-log": ("os log --json", documents.MachineLogDocument),
    "machine-status": ("os status --json", documents.MachineStatusDocument),
    "metrics": ("os metrics --json", documents.MetricsDocument),
    "model": ("arkes-build model", documents.ModelDocument),
    "parse": ("arkes-build parse --json", documents.ParseDocument),
    "pins": ("arkes-build pin --json", documents.PinsDocument),
    "plan": ("arkes-build plan --json", documents.PlanDocument),
    "prune": ("arkes-build prune --json", documents.PruneDocument),
    "publish": ("the last line of arkes-build publish --json", documents.PublishedDocument),
    "pull": ("arkes-build pull --json", documents.PullDocument),
    "rebuilt": ("arkes-build verify --rebuild --json", documents.RebuiltDocument),
    "refs": ("arkes-build refs --json", documents.RefsDocument),
    "rendered": ("arkes-build render --json", documents.RenderedDocument),
    "rules": ("arkes-build explain --json", documents.RulesDocument),
    "size": ("arkes-build size --json", documents.SizeDocument),
    "test": ("the last line of arkes-build test --json", documents.TestedDocument),
    "upgrade": ("os upgrade --json", documents.UpgradeDocument),
    "usage": ("os du --json", documents.UsageDocument),
    "verify": ("arkes-build verify --json", documents.VerifyDocument),
}

NAMES: tuple[str, ...] = tuple(_KINDS)
"""What there is a schema of; ``docs/schema/v1/NAME.json``."""


def meaning(name: str) -> str:
    """Return what a schema describes, in a few words."""
    return _KINDS[name][0]


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``arkes.toml`` or of one kind of document.

    ``$id`` is a name, not an address: ``urn:arkes:schema:VERSION:NAME``. A document may
    have more fields than its schema says when the tool is newer than the reader's schema.
    """
    title, kind = _KINDS[name]
    made = TypeAdapter(kind).json_schema()
    return {
        "$schema": DIALECT,
        "$id": f"urn:arkes:schema:{SCHEMA}:{name}",
        **made,
        "title": title,
    }


def text(name: str) -> str:
    """Return a schema as it is published: indented, a line end at the end."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"
