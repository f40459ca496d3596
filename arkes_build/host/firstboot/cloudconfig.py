"""Read a cloud-config, as far as it is about who this machine is and who may log in.

What is understood are the keys of cloud-init that do that; nothing in it is executed. A
part that cannot be right is left out and said, the rest is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arkes_build.host.firstboot import checks
from arkes_build.host.firstboot.model import Password, User, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from arkes_build.host.firstboot.model import Source

DEFAULT_USER = "arkes"
MOST = 1 << 18
"""Bytes of a text that are read."""
_HEADER = "#cloud-config"
_MOST_USERS, _MOST_KEYS, _MOST_GROUPS = 32, 64, 32
_TOP = frozenset(
    {"hostname", "fqdn", "timezone", "users", "user", "password", "ssh_authorized_keys"}
    | {"chpasswd", "ssh_pwauth", "preserve_hostname", "manage_etc_hosts"}
)
_OF_USER = frozenset(
    {"name", "gecos", "groups", "shell", "ssh_authorized_keys", "passwd", "hashed_passwd"}
    | {"plain_text_passwd", "lock_passwd", "sudo", "primary_group"}
)


def read(source: Source) -> Wishes:
    """Return what a source asks for. Nothing that is in it raises."""
    remarks = [*source.remarks]
    said = _mapping(source.user_data, "user-data", remarks.append, header=True)
    about = _mapping(source.meta_data, "meta-data", remarks.append, header=False)
    remarks += [f"user-data: {name!r} is not understood" for name in sorted({*said} - _TOP)[:20]]
    hostname = said.get("hostname") or said.get("fqdn") or about.get("local-hostname") or ""
    if hostname and not checks.is_hostname(hostname):
        remarks.append("hostname: it cannot be one")
        hostname = ""
    zone = said.get("timezone", "")
    if zone and not checks.is_zone(zone):
        remarks.append("timezone: it cannot be one")
        zone = ""
    return Wishes(
        instance=str(about.get("instance-id", ""))[:200],
        hostname=hostname,
        timezone=zone,
        users=_users(said, source, remarks.append),
        allows_passwords=said.get("ssh_pwauth") is True,
        remarks=tuple(remarks),
    )


def _mapping(
    text: str, what: str, remark: Callable[[str], None], *, header: bool
) -> dict[str, Any]:
    if not text.strip():
        return {}
    if header and text.split("\n", 1)[0].strip() != _HEADER:
        remark(f"{what}: its first line is not {_HEADER}; scripts are not run")
        return {}
    from arkes_build.host.firstboot.plain_yaml import UnreadableYaml, load

    try:
        found = load(text)
    except UnreadableYaml as error:
        remark(f"{what}: {error}")
        return {}
    if not isinstance(found, dict):
        remark(f"{what}: it is no list of names and values")
        return {}
    return {str(name): value for name, value in found.items()}


def _users(said: dict[str, Any], source: Source, remark: Callable[[str], None]) -> tuple[User, ...]:
    users: dict[str, User] = {}
    listed = said.get("users", [])
    for one in _list(listed, "users", remark)[:_MOST_USERS]:
        made = _default(said, remark) if one == "default" else _user(one, remark)
        if made is not None:
            users[made.name] = made
    if not users and ({"password", "ssh_authorized_keys", "user"} & said.keys()):
        made = _default(said, remark)
        users[made.name] = made
    root = _root(source, remark)
    if root is not None:
        users.setdefault("root", root)
    for name, password in _passwords(said, remark).items():
        from dataclasses import replace

        users[name] = replace(users.get(name, User(name=name)), password=password)
    return tuple(users.values())


def _default(said: dict[str, Any], remark: Callable[[str], None]) -> User:
    """Return the user that is meant where none is named, as cloud images have one."""
    named = said.get("user", DEFAULT_USER)
    name = named.get("name", DEFAULT_USER) if isinstance(named, dict) else named
    if not checks.is_name(name):
        remark("user: its name cannot be one")
        name = DEFAULT_USER
    return User(
        name=name,
        groups=("sudo", "wheel"),
        keys=_keys(said.get("ssh_authorized_keys", []), name, remark),
        password=_password(said.get("password"), name, remark),
        is_admin=True,
    )


def _user(one: object, remark: Callable[[str], None]) -> User | None:
    if not isinstance(one, dict) or not checks.is_name(one.get("name")):
        remark("users: one has no name that can be one")
        return None
    name = str(one["name"])
    strange = sorted({str(key) for key in one} - _OF_USER)[:20]
    for key in strange:
        remark(f"user {name}: {key!r} is not understood")
    gecos, shell = one.get("gecos") or "", one.get("shell") or "/bin/bash"
    if not checks.is_gecos(gecos):
        remark(f"user {name}: gecos cannot be one")
        gecos = ""
    if not checks.is_shell(shell):
        remark(f"user {name}: shell is no path")
        shell = "/bin/bash"
    groups = one.get("groups") or []
    if isinstance(groups, str):
        groups = [each.strip() for each in groups.split(",")]
    named = _list(groups, f"user {name}: groups", remark)[:_MOST_GROUPS]
    hashed = one.get("hashed_passwd") or one.get("passwd") or one.get("plain_text_passwd")
    return User(
        name=name,
        gecos=gecos,
        groups=tuple(each for each in named if checks.is_name(each)),
        shell=shell,
        keys=_keys(one.get("ssh_authorized_keys", []), name, remark),
        password=_password(hashed, name, remark),
        is_admin=_is_admin(one.get("sudo")),
    )


def _is_admin(said: object) -> bool:
    """Tell whether sudo is to ask nothing: of all its rules we write only that one."""
    rules = said if isinstance(said, list) else [said]
    return any(isinstance(each, str) and "NOPASSWD" in each for each in rules)


def _root(source: Source, remark: Callable[[str], None]) -> User | None:
    keys = _keys(source.root_keys.splitlines(), "root", remark) if source.root_keys else ()
    password = source.root_password
    if password and password.is_hash and not checks.is_hash(password.text):
        remark("root: the hash of its password is of no kind that is taken")
        password = None
    if password is None and not keys:
        return None
    return User(name="root", keys=keys, password=password)


def _passwords(said: dict[str, Any], remark: Callable[[str], None]) -> dict[str, Password]:
    table = said.get("chpasswd")
    found: dict[str, Password] = {}
    entries = table.get("users", []) if isinstance(table, dict) else []
    for one in _list(entries, "chpasswd", remark)[:_MOST_USERS]:
        if not isinstance(one, dict) or not checks.is_name(one.get("name")):
            remark("chpasswd: one has no name that can be one")
            continue
        password = _password(one.get("password"), str(one["name"]), remark)
        if password is not None:
            found[str(one["name"])] = password
    return found


def _password(said: object, name: str, remark: Callable[[str], None]) -> Password | None:
    if said is None:
        return None
    if checks.is_hash(said):
        return Password(text=str(said), is_hash=True)
    if checks.is_password(said) and not str(said).startswith("$"):
        return Password(text=str(said), is_hash=False)
    remark(f"user {name}: the password cannot be one")
    return None


def _keys(said: object, name: str, remark: Callable[[str], None]) -> tuple[str, ...]:
    listed = [said] if isinstance(said, str) else _list(said, f"user {name}: keys", remark)
    keys = [each.strip() for each in listed if isinstance(each, str)]
    keys = [each for each in keys if each and not each.startswith("#")][:_MOST_KEYS]
    good = tuple(dict.fromkeys(each for each in keys if checks.is_key(each)))
    if len(good) < len(set(keys)):
        remark(f"user {name}: {len(set(keys)) - len(good)} of the keys cannot be one")
    return good


def _list(said: object, what: str, remark: Callable[[str], None]) -> list[Any]:
    if isinstance(said, list):
        return said
    if said is not None:
        remark(f"{what}: it is no list")
    return []
