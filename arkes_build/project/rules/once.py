"""Let several rules ask the same question about one value, and answer it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class _Same(Generic[Asked]):
    """Stand for one object: equal instructions at two places have different spans."""

    value: Asked

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def once(
    size: int,
) -> Callable[[Callable[[Asked], Answer]], Callable[[Asked], Answer]]:
    """Remember what a function said of the last ``size`` objects, told apart by identity."""

    def remember(function: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
        @lru_cache(maxsize=size)
        def answer(same: _Same[Asked]) -> Answer:
            return function(same.value)

        @wraps(function)
        def ask(value: Asked) -> Answer:
            return answer(_Same(value))

        return ask

    return remember
