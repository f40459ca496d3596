"""Decide what of a stranger's text may become a name, a key, a password.

A source is whoever wrote the disk that was plugged in: what is let through ends up in
/etc/passwd, in file names and in the arguments of programs.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LONGEST_HOSTNAME = 64
"""HOST_NAME_MAX of Linux."""
_KEY = re.compile(
    r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-"
    r"nistp256)@openssh\.com) [A-Za-z0-9+/]{16,12000}={0,3}(?: [^\x00-\x1f\x7f]{0,500})?"
)
_HASH = re.compile(r"\$(?:y|gy|7|2[aby]|6|5|sm3|sm3y)\$[!-9;-~]{8,500}")
"""crypt(5): what is there, without those that are broken (MD5, DES)."""
_GECOS = re.compile(r"[^\x00-\x1f\x7f:,=]{0,200}")
_PASSWORD = re.compile(r"[^\x00-\x1f\x7f]{1,500}")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,2}")
_SHELL = re.compile(r"/[A-Za-z0-9_./+-]{1,100}")


def is_name(text: object) -> bool:
    """Tell whether the text can be the name of a user or a group."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def is_hostname(text: object) -> bool:
    """Tell whether the text can be a host name (RFC 1123)."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= _LONGEST_HOSTNAME
        and all(_LABEL.fullmatch(label) for label in text.split("."))
    )


def is_key(text: object) -> bool:
    """Tell whether the text is one public key, without options before it."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def is_hash(text: object) -> bool:
    """Tell whether the text is the hash of a password, of a kind that still is one."""
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def is_password(text: object) -> bool:
    """Tell whether the text can be typed as a password."""
    return isinstance(text, str) and _PASSWORD.fullmatch(text) is not None


def is_gecos(text: object) -> bool:
    """Tell whether the text can be a user's full name."""
    return isinstance(text, str) and _GECOS.fullmatch(text) is not None


def is_zone(text: object) -> bool:
    """Tell whether the text can be the name of a time zone."""
    return isinstance(text, str) and _ZONE.fullmatch(text) is not None


def is_shell(text: object) -> bool:
    """Tell whether the text is the path of a program."""
    return isinstance(text, str) and _SHELL.fullmatch(text) is not None and ".." not in text
