"""Hold what the first boot is asked to do, checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A password as its hash (crypt(5)), or as it is typed."""

    text: str
    is_hash: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account to be made, or to be given what is here."""

    name: str
    gecos: str = ""
    groups: tuple[str, ...] = ()
    shell: str = "/bin/bash"
    keys: tuple[str, ...] = ()
    password: Password | None = None
    is_admin: bool = False
    """Whether sudo asks for no password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """All that a source asks for. ``remarks`` say what in it was not understood or refused."""

    instance: str = ""
    hostname: str = ""
    timezone: str = ""
    users: tuple[User, ...] = ()
    allows_passwords: bool = False
    """Whether the SSH server takes passwords."""
    remarks: tuple[str, ...] = ()

    @property
    def has_keys(self) -> bool:
        """Tell whether somebody is to log in with an SSH key."""
        return any(user.keys for user in self.users)

    @property
    def lets_in(self) -> bool:
        """Tell whether anybody can log in afterwards."""
        return any(user.keys or user.password for user in self.users)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where wishes come from, as the texts they are; ``remarks`` say what could not be read."""

    name: str
    user_data: str = ""
    meta_data: str = ""
    root_password: Password | None = None
    root_keys: str = ""
    remarks: tuple[str, ...] = ()
