"""Long things in short pieces (the standard library has it from Python 3.12 on)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter; nothing for nothing."""
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        yield piece
