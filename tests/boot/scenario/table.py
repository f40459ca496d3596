"""Show what was seen as a table, in Markdown."""

from __future__ import annotations

from collections import Counter


def is_good(done):
    """Tell whether everything that was tried went well."""
    rows = [*done.get("stories", {}).values(), *done.get("cuts", {}).get("rows", {}).values()]
    return bool(rows) and all(row["is_good"] for row in rows)


def markdown(done):
    """Return both tables."""
    lines = ["| scenario | result | seconds | seen |", "|---|---|---:|---|"]
    for name, row in done.get("stories", {}).items():
        result = "good" if row["is_good"] else "**failed**"
        seen = "; ".join(row["seen"] + ([row["trouble"][:300]] if row["trouble"] else []))
        lines.append(f"| {name} | {result} | {row['seconds']:.0f} | {_cell(seen)} |")
    return "\n".join([*lines, "", *_cuts(done.get("cuts", {}))]) + "\n"


def _cuts(cuts):
    rows = cuts.get("rows", {})
    if not rows:
        return []
    lines = [
        "| power cut in | cuts | nothing bootable | anything broken | booted again | into |",
        "|---|---:|---:|---:|---:|---|",
    ]
    phases = {}
    for row in rows.values():
        phases.setdefault(row["phase"], []).append(row)
    for name, each in [*phases.items(), ("all", list(rows.values()))]:
        booted = Counter(row["booted"] for row in each if row["booted"])
        into = ", ".join(f"{count} × {what}" for what, count in sorted(booted.items()))
        empty = sum(not row["bootable"] for row in each)
        broken = sum(bool(row["broken"]) for row in each)
        numbers = f"{len(each)} | {empty} | {broken} | {sum(booted.values())}"
        lines.append(f"| {name} | {numbers} | {_cell(into)} |")
    return lines


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")
