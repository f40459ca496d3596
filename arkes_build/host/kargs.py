"""Change the arguments that the kernel starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from arkes_build.core.errors import ArkesError, ExitCode
from arkes_build.host.acting import acting
from arkes_build.host.going import Gone, note
from arkes_build.host.journal import Message
from arkes_build.host.naming import origin_of
from arkes_build.host.releases import deployed
from arkes_build.host.status import default_of
from arkes_build.sysroot.kargs import why_wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arkes_build.host.machine import Host


class ArgumentWrong(ArkesError):
    """Report an argument that the kernel would not understand, or that is not to be changed."""

    exit_code = ExitCode.USAGE

    def __init__(self, argument: str, *, why: str) -> None:
        super().__init__(
            f"the kernel argument {argument[:120]!r} {why}",
            resolution="""`os kargs` shows those there are; one with a blank: 'NAME="a b"'""",
        )


class ArgumentMissing(ArkesError):
    """Report an argument that is to go, and is not there."""

    exit_code = ExitCode.SYSTEM

    def __init__(self, argument: str, *, known: Sequence[str]) -> None:
        from arkes_build.core.diagnostics import did_you_mean

        super().__init__(
            f"the kernel is not started with {argument[:120]!r}",
            resolution=did_you_mean(argument, known) or "`os kargs` shows with what it is",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What is to be done to arguments: in this order, delete, replace, append."""

    delete: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    append: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Tell whether nothing is to be done."""
        return not (self.delete or self.replace or self.append)


def edited(present: Sequence[str], edits: Edits) -> tuple[str, ...]:
    """Return the arguments after some edits.

    ``delete`` takes ``NAME`` (all of that name) or ``NAME=VALUE``; ``replace`` puts
    ``NAME=VALUE`` in the place of whatever has that name, at the end when nothing has;
    ``append`` adds what is not there yet. Raises ``ArgumentWrong``, ``ArgumentMissing``.
    """
    for argument in (*edits.delete, *edits.replace, *edits.append):
        _must_be_right(argument)
    words = list(present)
    for argument in edits.delete:
        words = _without(words, argument)
    for argument in edits.replace:
        words = _replaced(words, argument)
    return (*words, *(each for each in dict.fromkeys(edits.append) if each not in words))


def _without(words: Sequence[str], argument: str) -> list[str]:
    left = [each for each in words if argument not in (each, _name(each))]
    if len(left) == len(words):
        raise ArgumentMissing(argument, known=words)
    return left


def _replaced(words: Sequence[str], argument: str) -> list[str]:
    name = _name(argument)
    at = next((n for n, each in enumerate(words) if _name(each) == name), None)
    if at is None:
        return [*words, argument]
    return [*words[:at], argument, *(each for each in words[at + 1 :] if _name(each) != name)]


def _name(argument: str) -> str:
    return argument.partition("=")[0]


def _must_be_right(argument: str) -> None:
    if why := why_wrong(argument):
        raise ArgumentWrong(argument, why=why)


def told(before: Sequence[str], after: Sequence[str]) -> str:
    """Return what comes and what goes: ``+debug -quiet``."""
    come = [f"+{each}" for each in after if each not in before]
    go = [f"-{each}" for each in before if each not in after]
    return " ".join([*come, *go])


def present(host: Host) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments of what boots next, and of what runs (those again, when none does)."""
    sysroot = host.sysroot()
    following = default_of(sysroot.deployments()).kargs
    booted = sysroot.booted
    return following, booted.kargs if booted is not None else following


def change(host: Host, edits: Edits) -> Gone:
    """Deploy what boots next once more, with other arguments; they stay through upgrades."""
    with acting(host, "kargs", Message.KARGS_CHANGED) as account:
        sysroot = host.sysroot()
        default = default_of(sysroot.deployments())
        wanted = edited(default.kargs, edits)
        if wanted == default.kargs:
            account.is_nothing = True
            return Gone(action="kargs", before=default, after=default)
        after = deployed(sysroot, default.checksum, origin_of(default), kargs=wanted)
        note(account, default, after)
        account.detail = told(default.kargs, wanted)
        account.text = f"the kernel starts with: {' '.join(wanted)}"
        account.fields = {"kargs": " ".join(wanted)}
        return Gone(action="kargs", before=default, after=after, is_staged=after.is_staged)
