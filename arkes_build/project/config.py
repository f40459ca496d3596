"""Read ``arkes.toml``: what a project says about itself, checked to the last key.

Pydantic lives here, at the border, and nowhere further in: ``settings`` holds what comes
out. No environment variable changes any of it: it is input of the nodes' keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)
from pydantic_core import core_schema

from arkes_build.core.names import NAME
from arkes_build.project.errors import ConfigError
from arkes_build.project.settings import ADDRESS, Config

if TYPE_CHECKING:
    from arkes_build.core.source import Source

LAST_EPOCH = 253_402_300_799
"""The last second of the year 9999, as far as tar readers and calendars agree."""
_SERVERS = "https://, http:// or file:///"
_SNAPSHOT = "{snapshot}"
_PACMAN_WORDS = re.compile(r"\$(?:repo|arch)\b")


@dataclass(frozen=True, slots=True)
class _Matching:
    """Accept text that matches as a whole, and say the pattern in the JSON Schema.

    ``rule`` completes "… must be".
    """

    pattern: str
    rule: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        compiled = re.compile(self.pattern)

        def check(text: str) -> str:
            if compiled.fullmatch(text) is None:
                raise ValueError(f"must be {self.rule}, not {text!r}")
            return text

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def _is_web(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and _is_plain(text)


def _is_plain(text: str) -> bool:
    return text.isprintable() and not set(text) & set(" \"'\\$`<>")


def _is_server(text: str) -> bool:
    """Tell whether it is a URL, ``file:`` included: a mirror may be a folder of this machine."""
    return _is_web(text) or (text.startswith("file:///") and _is_plain(text))


def _url(text: str) -> str:
    if not _is_web(text):
        raise ValueError(f"must be a URL that begins with https:// or http://, not {text!r}")
    return text


def _mirror(text: str) -> str:
    if not _is_server(text):
        raise ValueError(f"must be a URL that begins with {_SERVERS}, not {text!r}")
    return text


def _pacman_mirror(text: str) -> str:
    """Accept what pacman.conf(5) replaces in a server: its repository and architecture."""
    if not _is_server(_PACMAN_WORDS.sub("x", text)):
        raise ValueError(
            f"must be a URL that begins with {_SERVERS}, with no $ but that of $repo and $arch, "
            f"not {text!r}"
        )
    return text


def _is_host_file(text: str) -> str:
    parts = text.split("/")
    if not text.startswith("/") or not text.isprintable() or {"..", ".", ""} & set(parts[1:]):
        raise ValueError(f"must be the absolute path of a file, such as /bin/busybox, not {text!r}")
    return text


_Name = Annotated[
    StrictStr, _Matching(NAME.pattern, "lower-case letters, digits and _, a letter first")
]
_Id = Annotated[
    StrictStr,
    _Matching(r"[a-z0-9][a-z0-9._-]*", "lower-case letters, digits, '.', '_' and '-'"),
]
_Title = Annotated[StrictStr, _Matching(r"[^\W_][^\x00-\x1f\x7f\"'`$\\]*", "one line, no quotes")]
_Version = Annotated[
    StrictStr,
    _Matching(r"[A-Za-z0-9][A-Za-z0-9 ._~+()-]*", "letters, digits, spaces and . _ ~ + ( ) -"),
]
_Url = Annotated[StrictStr, AfterValidator(_url)]
_Mirror = Annotated[StrictStr, AfterValidator(_mirror)]
_PacmanMirror = Annotated[StrictStr, AfterValidator(_pacman_mirror)]
_HostFile = Annotated[StrictStr, AfterValidator(_is_host_file)]
_Suite = Annotated[StrictStr, _Matching(r"[a-z][a-z0-9.-]*", "a suite's name, such as bookworm")]
_Component = Annotated[
    StrictStr, _Matching(r"[a-z][a-z0-9-]*", "an archive component, such as main")
]
_Snapshot = Annotated[
    StrictStr, _Matching(r"[0-9][0-9A-Za-z/]*", "a date, such as 2025/11/01 or 20251101T000000Z")
]
_Package = Annotated[
    StrictStr, _Matching(r"[A-Za-z0-9][A-Za-z0-9@._+:=~-]*", "the name of a package")
]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Table(BaseModel):
    """Refuse keys that nobody reads, in any table of ``arkes.toml``."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_kebab, use_attribute_docstrings=True
    )


class ProjectTable(Table):
    """``[project]``: what ends up in os-release, refs, tags and dates."""

    name: _Name = "arkes"
    """First part of refs and image tags."""
    title: _Title | None = None
    """os-release ``NAME``; default: the name."""
    id: _Id | None = None
    """os-release ``ID``; default: the name."""
    version: _Version = "0"
    epoch: Annotated[StrictInt, Field(ge=0, le=LAST_EPOCH)] = 0
    """The date that images and commits carry, in seconds since 1970 (UTC)."""
    home_url: _Url | None = None
    bug_report_url: _Url | None = None


class BootstrapTable(Table):
    """What both families' ``[bootstrap.FAMILY]`` tables have."""

    tool: str
    suite: _Suite | None = None
    components: tuple[_Component, ...] = ()
    snapshot: _Snapshot | None = None
    packages: tuple[_Package, ...] = ()
    mirrors: tuple[_Mirror, ...] = ()
    files: tuple[_HostFile, ...] = ()

    @model_validator(mode="after")
    def _fits_its_tool(self) -> BootstrapTable:
        if self.tool == "files" and not self.files:
            raise ValueError("tool = \"files\" needs files, such as files = ['/bin/busybox']")
        if self.tool != "files" and self.files:
            raise ValueError(f'files are for tool = "files", not for {self.tool}')
        if self.tool == "mmdebstrap" and not self.suite:
            raise ValueError("mmdebstrap needs a suite, such as suite = 'bookworm'")
        return self

    @model_validator(mode="after")
    def _knows_where_a_snapshot_is(self) -> BootstrapTable:
        """Refuse a snapshot that would be in every key and change no package.

        Only pacman's mirrors of this machine may have a date that can be replaced.
        """
        is_told = [_SNAPSHOT in mirror for mirror in self.mirrors]
        if self.snapshot and (not all(is_told) or (self.tool == "mmdebstrap" and not is_told)):
            raise ValueError(
                f"a snapshot needs mirrors that keep it, with {_SNAPSHOT} in each, such as "
                f"mirrors = ['https://archive.example.org/{_SNAPSHOT}']"
            )
        if any(is_told) and not self.snapshot:
            raise ValueError(f"{_SNAPSHOT} in mirrors needs a snapshot")
        return self


class ArchBootstrap(BootstrapTable):
    """``[bootstrap.arch]``."""

    tool: Literal["pacstrap", "files"] = "pacstrap"
    mirrors: tuple[_PacmanMirror, ...] = ()


class DebianBootstrap(BootstrapTable):
    """``[bootstrap.debian]``."""

    tool: Literal["mmdebstrap", "files"] = "mmdebstrap"


class BootstrapTables(Table):
    """``[bootstrap]``: one table for each family that the project can be built for."""

    arch: ArchBootstrap | None = None
    debian: DebianBootstrap | None = None


class AurTable(Table):
    """``[aur]``: where packages come from that a layer builds itself (arch)."""

    base: Annotated[StrictStr, AfterValidator(_mirror)] | None = None
    """The address before ``/NAME.git``."""


class BuildTable(Table):
    """``[build]``: defaults of options; they change no result, so no key has them."""

    jobs: Annotated[StrictInt, Field(ge=1, le=1024)] | None = None
    store: Annotated[StrictStr, _Matching(r"[^\x00-\x1f\x7f]+", "a path")] | None = None
    """Relative to the project; default ``.arkes``."""


_Size = Annotated[
    StrictStr, _Matching(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B", "a size, such as 1.5 GB or 300 MiB")
]


_Address = Annotated[StrictStr, _Matching(ADDRESS, "an address, such as https://example.org/os")]


class UpdatesTable(Table):
    """``[updates]``: what is prepared for machines that have an earlier release."""

    from_last: Annotated[StrictInt, Field(ge=0, le=50)] = 3
    """From how many earlier releases there are static deltas and forecasts."""
    from_scratch: bool = True
    """Whether there is a static delta for machines that have nothing."""
    url: _Address | None = None
    """Where machines made by ``disk`` find their updates."""


class RetentionTable(Table):
    """``[retention.NODE]``, or ``[retention."*"]`` for all others: which releases stay."""

    keep: Annotated[StrictInt, Field(ge=1, le=100_000)] | None = None
    """At least so many of the newest."""
    days: Annotated[StrictInt, Field(ge=0, le=100_000)] | None = None
    """Those younger than this, counted back from the node's newest."""


class BudgetTable(Table):
    """``[budgets.NODE]``, or ``[budgets."*"]`` for all others: how large a node may be."""

    image: _Size | None = None
    """The deployed tree."""
    update: _Size | None = None
    """What a machine with the release before has to fetch, as objects."""


_Node = Annotated[StrictStr, _Matching(r"\*|[a-z0-9_]+(-[a-z0-9_]+)*", "a node's name or *")]


class ConfigFile(Table):
    """The whole of ``arkes.toml``. An empty file is a valid one."""

    project: ProjectTable = ProjectTable()
    bootstrap: BootstrapTables = BootstrapTables()
    build: BuildTable = BuildTable()
    aur: AurTable = AurTable()
    updates: UpdatesTable = UpdatesTable()
    retention: dict[_Node, RetentionTable] = Field(default_factory=dict)
    budgets: dict[_Node, BudgetTable] = Field(default_factory=dict)


def parse_config(source: Source) -> Config:
    """Read the text of ``arkes.toml``; raises ``ConfigError`` with every finding."""
    import tomllib

    from arkes_build.project.config_errors import findings, syntax_finding

    try:
        data = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError([syntax_finding(source, error)]) from None
    try:
        checked = ConfigFile.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise ConfigError(findings(source, errors, ConfigFile)) from None
    return Config.of(checked.model_dump(mode="json"))
