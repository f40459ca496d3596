"""Judge the values of declarative instructions, each by the rule of whoever will read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.diagnostics import did_you_mean
from arkes_build.core.names import Family

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_HOST_NAME = 253
"""Most characters of a host name (RFC 1123, RFC 1035)."""

LONGEST_UNIT = 255
"""Most characters of a unit's name (systemd.unit(5))."""

KINDS = ("service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice")
"""The kinds of units that can be turned on or off."""

PASSIVE = frozenset({"device", "scope", "snapshot"})
"""The kinds that systemd makes itself."""

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LOCALE = re.compile(r"C\.UTF-8|[a-z]{2,3}(?:_[A-Z]{2})?\.UTF-8(?:@[a-z]+)?")
_LIKE_LOCALE = re.compile(r"([a-z]{2,3}(?:_[A-Za-z]{2})?|C|POSIX)(?:\.[A-Za-z0-9-]+)?(@[a-z]+)?")
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_+@-]|[.](?![.]))*")
_PACMAN = re.compile(r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]*")
_DPKG = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.](?::[a-z0-9-]+)?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:~^-]*")
_REF = re.compile(r"(?!-)(?!.*\.\.)[A-Za-z0-9._/+-]+")
_UNIT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*")
_PLAIN = re.compile(r"[ -~]+")
_QUOTED = re.compile(r'"[^"]*"')
_PARAMETER = re.compile(r"-?[A-Za-z0-9*](?:[A-Za-z0-9_*:@-]|[./](?![./]))*(?<![./])")


@dataclass(frozen=True, slots=True)
class Problem:
    """Say what is wrong with a value, and what to do."""

    message: str
    remedy: str


def host_name(text: str) -> Problem | None:
    """Judge a host name by RFC 1123, section 2.1."""
    labels = text.split(".")
    if len(text) <= LONGEST_HOST_NAME and all(_LABEL.fullmatch(label) for label in labels):
        return None
    near = re.sub(r"[^A-Za-z0-9.]+", "-", text)[:60].strip("-.").lower()
    good = near if near and near != text and all(map(_LABEL.fullmatch, near.split("."))) else ""
    return Problem(
        f"{_shown(text)} is no host name",
        f"did you mean '{good}'?"
        if good
        else "use letters, digits and '-' (not at an end), at most 63 between two dots",
    )


def time_zone(text: str) -> Problem | None:
    """Judge a time zone by the names of the tz database."""
    from arkes_build.project.declare.zones import zones

    known = zones()
    if text in known:
        return None
    same = {name.lower(): name for name in known}.get(text.lower().replace(" ", "_"))
    near = f"did you mean '{same}'?" if same else did_you_mean(text[:60], known)
    return Problem(
        f"the tz database has no time zone {_shown(text)}",
        near or "name one as Area/City, such as Europe/Berlin, or UTC",
    )


def locale(text: str) -> Problem | None:
    """Judge a locale: a language in UTF-8, or ``C.UTF-8``."""
    if _LOCALE.fullmatch(text):
        return None
    like = _LIKE_LOCALE.fullmatch(text)
    good = ""
    if like:
        language, _, country = like[1].partition("_")
        name = f"{language}_{country.upper()}" if country else language
        good = f"{'C' if name == 'POSIX' else name}.UTF-8{like[2] or ''}"
    return Problem(
        f"{_shown(text)} is no locale of UTF-8",
        f"did you mean '{good}'?" if good else "write it as de_DE.UTF-8, or C.UTF-8",
    )


def word(text: str) -> Problem | None:
    """Judge the name of a console's keymap or font."""
    if _WORD.fullmatch(text):
        return None
    return Problem(
        f"{_shown(text)} is no name of a file under /usr/share/kbd or /usr/share/consolefonts",
        "name it without its folder, such as de-latin1 or Lat15-Terminus16",
    )


def package(text: str, family: Family) -> Problem | None:
    """Judge ``name`` or ``name=version`` by the family's own rule (PKGBUILD(5), deb-version(7))."""
    name, has_version, version = text.partition("=")
    found = package_name(name, family)
    if found is None and has_version and not _VERSION.fullmatch(version):
        return Problem(
            f"{_shown(version)} is no version of {name}", f"write {name}=VERSION, or {name} alone"
        )
    return found


def package_name(text: str, family: Family) -> Problem | None:
    """Judge a package's name without a version."""
    pattern = _DPKG if family is Family.DEBIAN else _PACMAN
    if pattern.fullmatch(text) and not text.endswith("-"):
        return None
    if text.startswith("--"):
        return Problem(f"{_shown(text)} is no package", "write flags before the names")
    if "=" in text:
        return Problem(
            f"{_shown(text)} has a version, and it is the package as it is that goes",
            f"write {text.partition('=')[0]}",
        )
    if family is Family.DEBIAN and text != text.lower() and pattern.fullmatch(text.lower()):
        return Problem(
            f"{_shown(text)} is no package of Debian: their names are in lower case",
            f"did you mean '{text.lower()}'?",
        )
    if set(text) & set(" ,;"):
        return Problem(f"{_shown(text)} is no package's name", "put spaces between the names")
    return Problem(
        f"{_shown(text)} is no package's name", "use letters, digits and + - . as the archive does"
    )


def aur_package(text: str) -> Problem | None:
    """Judge ``name`` or ``name=ref``, with a commit, a tag or a branch."""
    name, has_ref, ref = text.partition("=")
    if name != name.lower() and _PACMAN.fullmatch(name):
        return Problem(
            f"{_shown(name)} is no package of the AUR: their names are in lower case",
            f"did you mean '{name.lower()}'?",
        )
    found = package_name(name, Family.ARCH)
    if found is None and has_ref and not _REF.fullmatch(ref):
        return Problem(
            f"{_shown(ref)} is no commit, tag or branch",
            f"write {name}=REF with letters, digits and . _ / + -",
        )
    return found


def unit(text: str) -> Problem | None:
    """Judge a unit's name by systemd.unit(5); one without a kind is a service."""
    if not _UNIT.fullmatch(text) or len(unit_with_kind(text)) > LONGEST_UNIT:
        return Problem(
            f"{_shown(text)} is no unit's name",
            "write flags before the names"
            if text.startswith("--")
            else "use letters, digits and : - _ . \\ @, as in nginx.service",
        )
    kind = text.rpartition(".")[2] if "." in text else "service"
    if kind in PASSIVE:
        return Problem(
            f"{_shown(text)} is a {kind}, which can be neither enabled nor masked",
            f"name a unit of these kinds: {', '.join(KINDS)}",
        )
    near = did_you_mean(kind[:20], KINDS) if kind not in KINDS else ""
    if near:
        return Problem(f"there are no units of the kind {kind!r}", near)
    return None


def unit_with_kind(text: str) -> str:
    """Return a unit's name as systemctl completes it: without a kind it is a service."""
    return text if text.rpartition(".")[2] in KINDS and "." in text else f"{text}.service"


def kernel_argument(text: str) -> Problem | None:
    """Judge one argument as the kernel splits its command line (kernel-parameters)."""
    if not _PLAIN.fullmatch(text) or text.startswith("="):
        return Problem(f"{_shown(text)} is no kernel argument", "write it in plain ASCII")
    rest = _QUOTED.sub("", text)
    if '"' in rest:
        return Problem(f"{_shown(text)} has a quote that is not closed", 'close it with another "')
    if " " in rest:
        return Problem(
            f"{_shown(text)} is more than one kernel argument",
            "write them apart; in a value, put double quotes around the spaces for the kernel",
        )
    if text.partition("=")[0] == "ostree":
        return Problem(
            "ostree= is written by each deployment itself", "take it out: it names a deployment"
        )
    return None


def sysctl(text: str) -> Problem | None:
    """Judge ``key=value`` by sysctl.d(5); the parser has said where there is no ``=``."""
    key, is_pair, value = text.partition("=")
    if not is_pair:
        return None
    if not _PARAMETER.fullmatch(key):
        return Problem(
            f"{_shown(key)} is no kernel parameter", "name it as in net.ipv4.ip_forward=1"
        )
    if not value.isprintable() or not value.strip() or value != value.strip():
        return Problem(f"{_shown(value)} is no value for {key}", f"write {key}=VALUE, on one line")
    return None


def parameter(key: str) -> str:
    """Return a kernel parameter's key in the one form with dots first (sysctl.d(5))."""
    key = key.strip().removeprefix("-")
    first = re.search(r"[./]", key)
    if first and first[0] == "/":
        return key.translate(str.maketrans("./", "/."))
    return key


SETTINGS: dict[str, Callable[[str], Problem | None]] = {
    "HOSTNAME": host_name,
    "TIMEZONE": time_zone,
    "LOCALE": locale,
    "KEYMAP": word,
    "FONT": word,
}
"""Settings of one value, in the order in which they are written."""


def _shown(text: str) -> str:
    """Return a value in quotes, short and without control characters."""
    return repr(text if len(text) <= 60 else text[:59] + "…")  # noqa: PLR2004 - for one line
