"""Say what a project calls its systems: the fields of os-release that all its nodes share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The fields of os-release that belong to the whole project."""

    name: str
    id: str
    id_like: str
    version: str
    version_id: str
    home_url: str
    bug_report_url: str
