"""List the instructions of the language: what each takes, and which flags it knows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Takes(Enum):
    """Say how the text after an instruction's flags is read."""

    TEXT = "text"
    """One string to the end of the line; its white space counts (``WORKDIR``)."""
    COMMAND = "command"
    """A JSON list, else a shell's command line (``RUN``)."""
    WORDS = "words"
    """Words at white space, quotes mean nothing (``FROM``)."""
    LIST = "list"
    """A JSON list, else words as above (``COPY``)."""
    QUOTED = "quoted"
    """Words that may hold quotes (``PACKAGES``)."""
    NAMES = "names"
    """``name`` or ``name=value``, with quotes (``ARG``)."""
    PAIRS = "pairs"
    """``name=value``, with quotes, or one pair in the old form ``name value`` (``ENV``)."""
    HEALTH = "health"
    """``NONE``, or ``CMD`` and a command."""
    INSTRUCTION = "instruction"
    """Another instruction (``ONBUILD``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """Describe one instruction.

    ``least`` and ``most`` count the words; ``valued`` flags need a value, ``bare``
    ones are true or false; ``repeated`` may be given again. ``expands`` tells whether
    the builder itself replaces variables in the arguments.
    """

    takes: Takes
    usage: str
    least: int = 1
    most: int | None = None
    valued: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    expands: bool = True
    heredocs: bool = False


REPEATED = frozenset({"mount", "exclude", "device", "server", "component"})
"""Flags that may stand more than once on one instruction."""

EVERYWHERE = frozenset({"family", "arch"})
"""Flags that any instruction may carry; the compiler removes them."""

_COPY = frozenset({"from", "chown", "chmod", "exclude"})
_ADD = frozenset({"chown", "chmod", "checksum", "exclude"})
_RUN = frozenset({"mount", "network", "security", "device"})
_HEALTH = frozenset({"interval", "timeout", "start-period", "start-interval", "retries"})
_UNIT = frozenset({"user"})
_REPOSITORY = frozenset({"server", "key", "keyfile", "suite", "component"})

_CONTAINERFILE = {
    "ADD": Keyword(
        takes=Takes.LIST,
        usage="ADD [--flags] source… destination",
        least=2,
        valued=_ADD,
        bare=frozenset({"link", "keep-git-dir", "unpack"}),
        heredocs=True,
    ),
    "ARG": Keyword(takes=Takes.NAMES, usage="ARG name[=default]…"),
    "CMD": Keyword(
        takes=Takes.COMMAND, usage='CMD ["program", "argument"…]', least=0, expands=False
    ),
    "COPY": Keyword(
        takes=Takes.LIST,
        usage="COPY [--flags] source… destination",
        least=2,
        valued=_COPY,
        bare=frozenset({"link", "parents"}),
        heredocs=True,
    ),
    "ENTRYPOINT": Keyword(
        takes=Takes.COMMAND,
        usage='ENTRYPOINT ["program", "argument"…]',
        least=0,
        expands=False,
    ),
    "ENV": Keyword(takes=Takes.PAIRS, usage="ENV name=value…"),
    "EXPOSE": Keyword(takes=Takes.WORDS, usage="EXPOSE port[/protocol]…"),
    "FROM": Keyword(
        takes=Takes.WORDS,
        usage="FROM [--platform=…] image [AS name]",
        most=3,
        valued=frozenset({"platform"}),
    ),
    "HEALTHCHECK": Keyword(
        takes=Takes.HEALTH,
        usage="HEALTHCHECK [--flags] CMD command, or HEALTHCHECK NONE",
        valued=_HEALTH,
        expands=False,
    ),
    "LABEL": Keyword(takes=Takes.PAIRS, usage="LABEL name=value…"),
    "MAINTAINER": Keyword(takes=Takes.TEXT, usage="MAINTAINER name", expands=False),
    "ONBUILD": Keyword(takes=Takes.INSTRUCTION, usage="ONBUILD instruction", expands=False),
    "RUN": Keyword(
        takes=Takes.COMMAND,
        usage="RUN [--flags] command",
        valued=_RUN,
        expands=False,
        heredocs=True,
    ),
    "SHELL": Keyword(takes=Takes.COMMAND, usage='SHELL ["program", "argument"…]', expands=False),
    "STOPSIGNAL": Keyword(takes=Takes.TEXT, usage="STOPSIGNAL signal"),
    "USER": Keyword(takes=Takes.TEXT, usage="USER name[:group]"),
    "VOLUME": Keyword(takes=Takes.LIST, usage="VOLUME path…"),
    "WORKDIR": Keyword(takes=Takes.TEXT, usage="WORKDIR path"),
}

_DECLARATIVE = {
    "AUR": Keyword(takes=Takes.QUOTED, usage="AUR name[=ref]…"),
    "DISABLE": Keyword(takes=Takes.QUOTED, usage="DISABLE [--user] unit…", bare=_UNIT),
    "ENABLE": Keyword(takes=Takes.QUOTED, usage="ENABLE [--user] unit…", bare=_UNIT),
    "FONT": Keyword(takes=Takes.QUOTED, usage="FONT name", most=1),
    "HOSTNAME": Keyword(takes=Takes.QUOTED, usage="HOSTNAME name", most=1),
    "KARGS": Keyword(takes=Takes.QUOTED, usage="KARGS argument…"),
    "KEYMAP": Keyword(takes=Takes.QUOTED, usage="KEYMAP name", most=1),
    "LOCALE": Keyword(takes=Takes.QUOTED, usage="LOCALE ll_CC.UTF-8", most=1),
    "MASK": Keyword(takes=Takes.QUOTED, usage="MASK [--user] unit…", bare=_UNIT),
    "OVERLAY": Keyword(takes=Takes.QUOTED, usage="OVERLAY folder", most=1),
    "PACKAGES": Keyword(takes=Takes.QUOTED, usage="PACKAGES name[=version]…"),
    "REMOVE": Keyword(takes=Takes.QUOTED, usage="REMOVE name…"),
    "REPOSITORY": Keyword(
        takes=Takes.QUOTED,
        usage="REPOSITORY name --server=URL… [--key=FINGERPRINT] [--keyfile=PATH|URL] "
        "[--suite=NAME] [--component=NAME…]",
        valued=_REPOSITORY,
    ),
    "SYSCTL": Keyword(takes=Takes.NAMES, usage="SYSCTL key=value…"),
    "TEMPLATE": Keyword(takes=Takes.QUOTED, usage="TEMPLATE name…"),
    "TIMEZONE": Keyword(takes=Takes.QUOTED, usage="TIMEZONE Area/City", most=1),
}

DECLARATIVE: frozenset[str] = frozenset(_DECLARATIVE)
"""Keywords that a Containerfile engine does not know: the compiler lowers them."""

KEYWORDS: dict[str, Keyword] = {**_CONTAINERFILE, **_DECLARATIVE}
"""Every instruction, by its keyword in upper case."""

HEADERS: dict[str, bool] = {
    "x-name": True,
    "x-depends": True,
    "x-templates": True,
    "x-families": True,
    "x-arch": True,
    "x-clean": False,
    "x-no-iso": False,
}
"""The known headers; True for those that need a value."""

DIRECTIVES: frozenset[str] = frozenset({"check", "escape", "syntax"})
"""The parser directives that may stand at the very top."""
